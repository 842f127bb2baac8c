"""The container keeps SageMaker's contract: real processes and servers, a plain HTTP client.

The contract: the SageMaker developer guide, "Use your own inference code with hosting services",
"Use your own inference code with batch transform", "Contract for custom containers to serve
multi-model endpoints" and "How Amazon SageMaker runs your training image"; statuses and shapes:
AWS's XGBoost image. The formats of AWS's image, one by one, are in `test_container_formats`.
"""

import gzip
import json
import os
import pickle
import re
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import numpy as np
import pytest
import xgboost
from prometheus_client.parser import text_string_to_metric_families

from tests.container_stand import (
    DEADLINE,
    call,
    free_port,
    invoke,
    ping,
    process,
    served,
    small_booster,
    until,
)

ROOT = Path(__file__).parents[2]
LIMIT = 25 * 2**20
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
EXPLAIN = {ATTRIBUTES: "explain=contributions"}
ROWS = np.array([[1, np.nan, 0], [-1, 0.5, 1], [0, 2, np.nan]], np.float32)
CSV = b"1,,0\n-1,0.5,1\n0,2,\n"


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    return small_booster()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, booster: xgboost.Booster) -> Path:
    base = tmp_path_factory.mktemp("ml")
    (base / "model" / "metadata").mkdir(parents=True)
    (base / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    (base / "model" / "metadata" / "metrics.json").write_text("{}")
    return base


@pytest.fixture(scope="module")
def port(base: Path) -> Iterator[int]:
    with served(base, MODEL_SERVER_NATIVE_CODE="true") as port:
        until(lambda: ping(port) == 200)
        yield port


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
        (b"1,2,3", {"Content-Type": "text/html"}, 415, "expected one of text/csv, "),
        (b"1,2,3", {"Accept": "image/png"}, 406, "the answers are text/csv, application/json, "),
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
    limit = b"1," * (LIMIT // 2)

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


def test_a_smaller_limit_may_be_set_as_in_awss_image(base: Path) -> None:
    with served(base, MAX_CONTENT_LENGTH="1000") as port:  # (XGB serve.py)
        until(lambda: ping(port) == 200)

        assert invoke(port, b"1" * 1000).status == 400
        assert invoke(port, b"1" * 1001).status == 413


@pytest.mark.parametrize("megabytes", ["26", "0"])
def test_a_larger_payload_is_taken_where_a_batch_sends_it(base: Path, megabytes: str) -> None:
    """AWS-2023:your-algorithms-batch-code: MaxPayloadInMB up to 100, and 0 is without a limit."""
    batch = {"SAGEMAKER_BATCH": "true", "SAGEMAKER_MAX_PAYLOAD_IN_MB": megabytes}
    with served(base, **batch) as port:
        until(lambda: ping(port) == 200)

        assert invoke(port, b"1," * (13 * 2**20)).status == 400  # read, and has too many columns
        if megabytes != "0":
            assert invoke(port, b"1" * (26 * 2**20 + 1)).status == 413


def test_variables_without_a_meaning_here_change_nothing(base: Path) -> None:
    """SageMaker and the SDK set them for other servers: there is no JVM, and no second port.

    SAGEMAKER_SAFE_PORT_RANGE (AWS-2023:inference-pipeline-real-time); SAGEMAKER_STARTUP_TIMEOUT and
    SAGEMAKER_MODEL_SERVER_VMARGS (SIT); what a batch transform was asked for besides
    (AWS-2023:your-algorithms-batch-code).
    """
    others = {
        "SAGEMAKER_SAFE_PORT_RANGE": "10000-10999",
        "SAGEMAKER_STARTUP_TIMEOUT": "600",
        "SAGEMAKER_MODEL_SERVER_VMARGS": "-Xmx128m",
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "2",
    }
    with served(base) as plain, served(base, **others) as port:
        until(lambda: ping(plain) == ping(port) == 200)

        assert invoke(port, CSV).body == invoke(plain, CSV).body


def test_all_models_of_a_folder_vote_unless_it_is_switched_off(
    tmp_path: Path, booster: xgboost.Booster
) -> None:
    """XGB serve_utils.py: the mean of all files; SAGEMAKER_INFERENCE_ENSEMBLE takes the first."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    (tmp_path / "model" / "xgboost-model-1").write_bytes(booster[:2].save_raw("ubj"))
    (tmp_path / "model" / ".hidden").write_bytes(b"no model")
    rows = xgboost.DMatrix(ROWS, nthread=1)
    first, second = (each.predict(rows, validate_features=False) for each in (booster, booster[:2]))

    for ensemble, expected in (("true", (first + second) / 2), ("false", first)):
        with served(tmp_path, SAGEMAKER_INFERENCE_ENSEMBLE=ensemble) as port:
            until(lambda port=port: ping(port) == 200)  # type: ignore[misc] # each its own
            found = np.array(invoke(port, CSV).body.split(), np.float32)
        assert np.allclose(found, expected, atol=1e-6), ensemble


def test_ping_is_answered_while_large_bodies_are_predicted(port: int) -> None:
    """SageMaker gives /ping 2 s; here it must come back before the work is done, however slow."""
    rows = b"[" + b",".join([b"[1.25,null,0]"] * 150_000) + b"]"
    done: list[int] = []

    def large() -> None:
        done.append(invoke(port, rows, "application/json").status)

    threads = [threading.Thread(target=large) for _ in range(4)]
    for thread in threads:
        thread.start()
    answered = 0
    while len(done) < len(threads):
        assert ping(port) == 200
        answered += 1
    for thread in threads:
        thread.join()

    assert done == [200] * len(threads)
    assert answered > len(threads)


def test_metrics_are_prometheus_text_where_sagemaker_scrapes_it(base: Path) -> None:
    path = "/metrics"  # (AWS: the default of a container of one's own)
    service = botocore.session.get_session().get_service_model("sagemaker")
    pattern = service.shape_for("MetricsEndpointPath").metadata["pattern"]
    assert re.fullmatch(pattern, path)
    with served(base) as port:
        until(lambda: ping(port) == 200)
        invoke(port, CSV)
        invoke(port, b"1,2,x")

        reply = call(port, "GET", path)

    assert reply.status == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(reply.body.decode())
        for sample in family.samples
    }
    assert found["model_server_invocations_total", "200"] == 1
    assert found["model_server_invocations_total", "415"] == 1
    assert found["model_server_invocation_seconds_count",] == 2
    assert found["model_server_rows_total",] == 3
    assert found["model_server_models",] == 1
    assert found["model_server_model_load_seconds",] > 0


def test_a_batch_transform_is_told_how_to_send(port: int) -> None:
    reply = call(port, "GET", "/execution-parameters")

    assert reply.headers["content-type"] == "application/json"
    parameters = json.loads(reply.body)
    assert parameters["MaxConcurrentTransforms"] == os.cpu_count()
    assert parameters["BatchStrategy"] == "MULTI_RECORD"  # (AWS-2023:your-algorithms-batch-code)
    assert 1 <= parameters["MaxPayloadInMB"] <= 100
    assert parameters["MaxConcurrentTransforms"] * parameters["MaxPayloadInMB"] <= 100


@pytest.mark.parametrize(("allowed", "status"), [("", 500), ("true", 200)])
def test_a_pickle_is_loaded_only_where_that_is_allowed(
    tmp_path: Path, booster: xgboost.Booster, allowed: str, status: int
) -> None:
    """AWS's XGBoost image tries pickle first (serve_utils.py), and thereby runs what is in it."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "xgboost-model").write_bytes(pickle.dumps(booster))

    with served(tmp_path, MODEL_SERVER_ALLOW_PICKLE=allowed) as port:
        until(lambda: invoke(port, CSV).status == status)


def test_serving_writes_nothing_beside_the_model(base: Path) -> None:
    def listing() -> list[tuple[str, int]]:
        return sorted((str(path), path.stat().st_mtime_ns) for path in base.rglob("*"))

    before = listing()
    with served(base) as port:
        until(lambda: ping(port) == 200)
        assert invoke(port, CSV).status == 200

    assert listing() == before


def test_the_image_says_what_it_can_and_starts_as_sagemaker_starts_it() -> None:
    lines = (ROOT / "model_server" / "Dockerfile").read_text().splitlines()
    instructions = [line.split(maxsplit=1) for line in lines if re.match("[A-Z]+ ", line)]

    labels = {rest for instruction, rest in instructions if instruction == "LABEL"}
    assert labels == {
        "com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true",
        "com.amazonaws.sagemaker.capabilities.multi-models=true",
    }
    # the exec form, so that the process gets SIGTERM itself, and no tini (AWS-hosting)
    (entry_point,) = [rest for instruction, rest in instructions if instruction == "ENTRYPOINT"]
    assert json.loads(entry_point)[-2:] == ["-m", "model_server"]
    # AWS-hosting has it that all containers run as root
    assert "USER" not in {instruction for instruction, _ in instructions}


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


@pytest.mark.parametrize(("level", "is_told"), [("20", True), ("40", False)])
def test_the_log_level_is_the_number_that_the_sdk_sets(
    base: Path, level: str, *, is_told: bool
) -> None:
    """SIT parameters.py: SAGEMAKER_CONTAINER_LOG_LEVEL; aws/sagemaker-python-sdk: logging.INFO."""
    port = free_port()
    environment = {"SAGEMAKER_BIND_TO_PORT": str(port), "SAGEMAKER_CONTAINER_LOG_LEVEL": level}
    with process("serve", base, **environment) as server:
        until(lambda: ping(port) == 200)
        server.send_signal(signal.SIGTERM)
        assert server.wait(DEADLINE) == 0
        assert server.stdout is not None
        events = [json.loads(line)["message"] for line in server.stdout]

    assert ("model loaded" in events) is is_told


def test_a_corrupt_model_is_logged_and_the_process_stays(tmp_path: Path, base: Path) -> None:
    (tmp_path / "model").mkdir()
    content = (base / "model" / "xgboost-model").read_bytes()
    (tmp_path / "model" / "xgboost-model").write_bytes(content[: len(content) // 2])
    port = free_port()
    with process("serve", tmp_path, SAGEMAKER_BIND_TO_PORT=str(port)) as server:
        until(lambda: ping(port) == 503)
        until(lambda: b'loads_total{outcome="failed"} 1.0' in call(port, "GET", "/metrics").body)
        assert invoke(port, CSV).status == 500
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
        ("inputdataconfig", {"train": {"TrainingInputMode": "File", "ContentType": "text/csv"}}),
        ("resourceconfig", {"current_host": "algo-1", "hosts": ["algo-1"]}),
    ):
        (configuration / f"{name}.json").write_text(json.dumps(document))
    train = base / "input" / "data" / "train"
    train.mkdir(parents=True)
    (train / "part.csv").write_text("1,5,\n1,4,2\n0,1,\n0,2,3\n" * 50)


def test_what_train_writes_serve_serves(tmp_path: Path) -> None:
    lay_out_job(tmp_path, num_round="3", feature_names="a,b")

    with process("train", tmp_path) as job:
        job.communicate(timeout=DEADLINE)

    assert job.returncode == 0
    assert [path.name for path in (tmp_path / "model").iterdir() if path.is_file()] == [
        "xgboost-model"
    ]
    with served(tmp_path) as port:
        until(lambda: ping(port) == 200)
        low, high = (float(invoke(port, row).body) for row in (b"1,", b"5,"))
        assert low < 0.5 < high
