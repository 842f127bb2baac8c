"""The container keeps SageMaker's contract: real processes and servers, a plain HTTP client.

The contract: the SageMaker developer guide, "Use your own inference code with hosting services" and
"How Amazon SageMaker runs your training image"; statuses and shapes: AWS's XGBoost image.
"""

import contextlib
import gzip
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import botocore.session
import numpy as np
import pytest
import uvicorn
import xgboost

from model_server.serving.server import configure
from model_server.serving.web import MAX_BODY_BYTES
from model_server.settings import Settings

DEADLINE = 60.0
COMMAND = (sys.executable, "-m", "model_server")
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
EXPLAIN = {ATTRIBUTES: "explain=contributions"}
ROWS = np.array([[1, np.nan, 0], [-1, 0.5, 1], [0, 2, np.nan]], np.float32)
CSV = b"1,,0\n-1,0.5,1\n0,2,\n"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def call(
    port: int,
    method: str,
    path: str,
    body: bytes | Iterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    with contextlib.closing(connection):
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        lower = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, lower, response.read())


def invoke(
    port: int, body: bytes | Iterator[bytes], content_type: str = "text/csv", **headers: str
) -> Reply:
    return call(port, "POST", "/invocations", body, {"Content-Type": content_type, **headers})


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def ping(port: int) -> int:
    """Give the status of /ping, 0 while nobody listens."""
    try:
        return call(port, "GET", "/ping").status
    except ConnectionError:
        return 0


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, 3))
    labels = rows[:, 0] + generator.normal(size=300) > 0
    return xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(rows, labels, feature_names=["age", "debt", "home=owner"], nthread=1),
        num_boost_round=8,
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, booster: xgboost.Booster) -> Path:
    base = tmp_path_factory.mktemp("ml")
    (base / "model" / "metadata").mkdir(parents=True)
    (base / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    (base / "model" / "metadata" / "metrics.json").write_text("{}")
    return base


@contextlib.contextmanager
def served(base: Path) -> Iterator[int]:
    """Serve from a thread; give the port once somebody listens on it."""
    port = free_port()
    server = uvicorn.Server(configure(Settings(base, "127.0.0.1", port, "INFO")))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield port
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def port(base: Path) -> Iterator[int]:
    with served(base) as port:
        until(lambda: ping(port) == 200)
        yield port


@contextlib.contextmanager
def process(command: str, base: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen(
        [*COMMAND, command],
        env={**os.environ, "SAGEMAKER_BASE_DIR": str(base), "HOST": "127.0.0.1", **environment},
        stdout=subprocess.PIPE,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_ping_is_200_with_an_empty_body(port: int, method: str) -> None:
    reply = call(port, method, "/ping")

    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "0")


def test_ping_is_503_while_there_is_no_model(tmp_path: Path) -> None:
    with served(tmp_path) as port:
        until(lambda: invoke(port, CSV).status == 500)

        assert call(port, "GET", "/ping").status == 503
        assert call(port, "POST", "/ping").status == 503


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CSV, "text/csv"),
        (CSV.replace(b"\n", b"\r\n"), "text/csv; charset=utf-8"),
        (CSV.removesuffix(b"\n"), "csv"),
        (b'{"instances": [[1, null, 0], [-1, 0.5, 1], [0, 2, null]]}', "application/json"),
        (b"[[1, null, 0], [-1, 0.5, 1], [0, 2, null]]", "application/json"),
    ],
)
def test_rows_are_scored_as_xgboost_scores_them(
    port: int, booster: xgboost.Booster, body: bytes, content_type: str
) -> None:
    expected = booster.predict(xgboost.DMatrix(ROWS), validate_features=False)

    as_csv = invoke(port, body, content_type)
    as_json = invoke(port, body, content_type, Accept="application/json")

    assert as_csv.status == as_json.status == 200
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert as_csv.body.endswith(b"\n")
    assert np.array_equal(np.array(as_csv.body.split(), np.float32), expected)
    assert as_json.headers["content-type"] == "application/json"
    scores = [row["score"] for row in json.loads(as_json.body)["predictions"]]
    assert np.array_equal(np.array(scores, np.float32), expected)


def test_one_json_row_may_stand_alone(port: int) -> None:
    assert invoke(port, b"[1, null, 0]", "application/json").body == invoke(port, b"1,,0").body


@pytest.mark.parametrize(
    ("body", "headers", "status", "text"),
    [
        (b"", {}, 204, ""),
        (b"1,2", {}, 400, "row 1: expected 3 columns, found 2\n"),
        (b"1,2,3\n1,2,3,4", {}, 400, "row 2: expected 3 columns, found 4\n"),
        (b"1,2,x", {}, 415, "row 1, column 3: expected a finite number, found 'x'\n"),
        (b"[1, NaN, 2]", {"Content-Type": "application/json"}, 415, "NaN is no JSON"),
        (b"1,2,3", {"Content-Type": "text/libsvm"}, 415, "expected text/csv or application/json"),
        (b"1,2,3", {"Accept": "image/png"}, 406, "the answers are text/csv and application/json"),
        (b"x", {"Accept": "image/png"}, 406, "Accept 'image/png'"),
    ],
)
def test_a_refusal_has_awss_status_and_says_why(
    port: int, body: bytes, headers: dict[str, str], status: int, text: str
) -> None:
    reply = call(port, "POST", "/invocations", body, {"Content-Type": "text/csv", **headers})

    assert reply.status == status
    assert text in reply.body.decode()


def test_25_mb_are_taken_and_no_byte_more(port: int) -> None:
    limit = b"1," * (MAX_BODY_BYTES // 2)
    assert len(limit) == 25 * 2**20

    assert invoke(port, limit).status == 400
    assert invoke(port, limit + b"1").status == 413
    assert invoke(port, iter([limit, b"1"])).status == 413  # in chunks, of no stated length
    assert invoke(port, CSV).status == 200


@pytest.mark.parametrize("accept", ["text/csv", "application/json"])
def test_contributions_add_up_to_the_log_odds_of_the_score(port: int, accept: str) -> None:
    reply = invoke(port, CSV, Accept=accept, **EXPLAIN)

    if accept == "text/csv":
        table = [[float(cell) for cell in line.split(b",")] for line in reply.body.splitlines()]
    else:
        table = [
            [row["score"], *row["contributions"], row["bias"]]
            for row in json.loads(reply.body)["predictions"]
        ]
    assert len(table) == 3
    for score, *parts in table:
        assert len(parts) == 3 + 1
        assert sum(parts) == pytest.approx(np.log(score / (1 - score)), abs=1e-5)


def test_every_answer_states_its_length_and_the_models_version(port: int) -> None:
    large = b"1,,0\n" * 20_000
    for reply in (
        invoke(port, CSV),
        invoke(port, large),
        invoke(port, large[:10_000], **EXPLAIN),
        invoke(port, b"x"),
        invoke(port, CSV, Accept="image/png"),
    ):
        assert "transfer-encoding" not in reply.headers
        assert int(reply.headers["content-length"]) == len(reply.body) > 0
        name, version = reply.headers[ATTRIBUTES.lower()].split("=")
        assert (name, len(version)) == ("model-version", 12)


def test_the_custom_attributes_header_is_the_sdks() -> None:
    service = botocore.session.get_session().get_service_model("sagemaker-runtime")
    operation = service.operation_model("InvokeEndpoint")

    for shape in (operation.input_shape, operation.output_shape):
        assert shape is not None
        header = shape.members["CustomAttributes"].serialization["name"]
        assert header == ATTRIBUTES


def test_unknown_headers_are_ignored(port: int) -> None:
    extra = {"X-Amzn-SageMaker-Inference-Id": "7", "X-Made-Up": "\xe9", "Expect": "nothing"}

    assert invoke(port, CSV, **extra).body == invoke(port, CSV).body


def test_a_compressed_body_is_no_csv(port: int) -> None:
    assert invoke(port, gzip.compress(CSV)).status in (400, 415)


def test_only_the_contracts_paths_are_there(port: int) -> None:
    assert call(port, "GET", "/invocations").status == 405
    for path in ("/", "/docs", "/openapi.json", "/models"):
        assert call(port, "GET", path).status == 404


def test_sigterm_lets_a_request_finish_and_the_process_ends_with_0(base: Path) -> None:
    port = free_port()
    with process("serve", base, SAGEMAKER_BIND_TO_PORT=str(port)) as server:
        until(lambda: ping(port) == 200)
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
            client.sendall(
                b"POST /invocations HTTP/1.1\r\nHost: primary\r\nContent-Type: text/csv\r\n"
                b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"
            )
            assert client.recv(1024).startswith(b"HTTP/1.1 100 ")
            server.send_signal(signal.SIGTERM)
            until(lambda: ping(port) == 0)
            client.sendall(b"1,,0\n")
            answer = b"".join(iter(lambda: client.recv(1024), b""))

        assert answer.startswith(b"HTTP/1.1 200 ")
        assert server.wait(DEADLINE) == 0
        assert server.stdout is not None
        events = [json.loads(line) for line in server.stdout]
    assert "model loaded" in [event["message"] for event in events]


def test_a_corrupt_model_is_logged_and_the_process_stays(tmp_path: Path, base: Path) -> None:
    (tmp_path / "model").mkdir()
    content = (base / "model" / "xgboost-model").read_bytes()
    (tmp_path / "model" / "xgboost-model").write_bytes(content[: len(content) // 2])
    port = free_port()
    with process("serve", tmp_path, SAGEMAKER_BIND_TO_PORT=str(port)) as server:
        until(lambda: ping(port) == 503)
        until(lambda: invoke(port, CSV).status == 500)
        assert ping(port) == 503
        server.send_signal(signal.SIGTERM)
        assert server.wait(DEADLINE) == 0
        assert server.stdout is not None
        errors = [
            event for line in server.stdout if (event := json.loads(line))["level"] == "ERROR"
        ]
    assert len(errors) == 1
    assert "xgboost-model cannot be served: " in errors[0]["message"]


def lay_out_job(base: Path, **hyperparameters: str) -> None:
    configuration = base / "input" / "config"
    configuration.mkdir(parents=True)
    for name, document in (
        ("hyperparameters", hyperparameters),
        ("inputdataconfig", {"train": {"TrainingInputMode": "File"}}),
        ("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]}),
    ):
        (configuration / f"{name}.json").write_text(json.dumps(document))
    train = base / "input" / "data" / "train"
    train.mkdir(parents=True)
    (train / "part.csv").write_text("1,5,\n1,4,2\n0,1,\n0,2,3\n" * 50)


def test_what_train_writes_serve_serves(tmp_path: Path) -> None:
    lay_out_job(tmp_path, num_round="3", feature_names="a,b")

    with process("train", tmp_path) as job:
        out, _ = job.communicate(timeout=DEADLINE)

    assert job.returncode == 0
    assert b"\nkfold_model_auc_mean=1.0;\n" in out
    assert [path.name for path in (tmp_path / "model").iterdir() if path.is_file()] == [
        "xgboost-model"
    ]
    with served(tmp_path) as port:
        until(lambda: ping(port) == 200)
        low, high = (float(invoke(port, row).body) for row in (b"1,", b"5,"))
        assert low < 0.5 < high


def test_a_failed_job_says_why_and_exits_with_another_code(tmp_path: Path) -> None:
    lay_out_job(tmp_path, num_round="3", max_dept="4")

    with process("train", tmp_path) as job:
        job.communicate(timeout=DEADLINE)

    assert job.returncode == 1
    reason = (tmp_path / "output" / "failure").read_text()
    assert reason.startswith("max_dept: unknown hyperparameter")
    assert len(reason) <= 1024


def test_sigterm_ends_a_job_with_a_reason_and_no_model(tmp_path: Path) -> None:
    lay_out_job(tmp_path, num_round="1000000")

    with process("train", tmp_path) as job:
        assert job.stdout is not None
        assert b'"message": "training"' in job.stdout.readline()
        job.send_signal(signal.SIGTERM)
        assert job.wait(DEADLINE) == 143

    assert (tmp_path / "output" / "failure").read_text().startswith("stopped by SIGTERM")
    assert not (tmp_path / "model" / "xgboost-model").exists()
