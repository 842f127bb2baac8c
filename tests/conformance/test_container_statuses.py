"""Every status that a container answers with, over HTTP, on each of the contract's paths.

AWS-hosting has those of /ping; aws/sagemaker-xgboost-container serve.py (XGB) those of
/invocations; docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html those of the
multi-model API. "Here" marks a status that AWS does not document for the case.
"""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.serving import models_api, wire
from tests.container_stand import DEADLINE, call, invoke, ping, served, small_booster, until

CSV = {"Content-Type": "text/csv"}
JSON = {"Content-Type": "application/json"}
ROW = b"1,,0\n"


def lay_out(base: Path, *models: str) -> None:
    """Write a model to /opt/ml/model, or to the folders of these models of many."""
    content = small_booster().save_raw("ubj")
    for folder in [base / "models" / name / "model" for name in models] or [base / "model"]:
        folder.mkdir(parents=True)
        (folder / "xgboost-model").write_bytes(content)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("ml")
    lay_out(base)
    return base


@pytest.fixture(scope="module")
def port(base: Path) -> Iterator[int]:
    with served(base, MAX_CONTENT_LENGTH="1000") as port:
        until(lambda: ping(port) == 200)
        yield port


@pytest.mark.parametrize(
    ("source", "body", "headers", "status"),
    [
        ("XGB: scored", ROW, CSV, 200),
        ("XGB: an empty body", b"", CSV, 204),
        ("XGB: Unable to evaluate payload provided", b"1,2", CSV, 400),
        ("XGB: _parse_accept", ROW, CSV | {"Accept": "image/png"}, 406),
        ("XGB: MAX_CONTENT_LENGTH", b"1" * 1001, CSV, 413),
        ("XGB: Loading csv data failed", b"a,b,c", CSV, 415),
        ("XGB: is not an accepted ContentType", ROW, {"Content-Type": "text/html"}, 415),
    ],
)
def test_invocations_has_the_statuses_of_awss_image(
    port: int, source: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    assert call(port, "POST", "/invocations", body, headers).status == status, source


def test_a_model_that_cannot_be_loaded_is_a_500(tmp_path: Path) -> None:
    """XGB: "Unable to load model" is INTERNAL_SERVER_ERROR; /ping is another than 200."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "xgboost-model").write_bytes(b"no model")
    with served(tmp_path) as port:
        until(lambda: invoke(port, ROW).status == 500)

        assert invoke(port, ROW).body == b"no model could be loaded: see the log of the container\n"
        assert [call(port, method, "/ping").status for method in ("GET", "POST")] == [503, 503]


def test_while_the_model_loads_it_is_503(tmp_path: Path) -> None:
    """AWS-hosting: /ping is to be 200 once the container can answer; here: an invocation is 503."""
    (tmp_path / "model" / "code").mkdir(parents=True)
    go = tmp_path / "go"
    (tmp_path / "model" / "code" / "inference.py").write_text(
        "import pathlib, time\n"
        "def model_fn(model_dir):\n"
        f"    while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)\n"
        "def transform_fn(model, data, content_type, accept): return data\n"
    )
    with served(tmp_path) as port:
        loading = invoke(port, ROW)
        assert (loading.status, loading.body) == (503, b"the model is loading\n")
        assert call(port, "GET", "/ping").status == 503

        go.touch()

        until(lambda: call(port, "GET", "/ping").status == 200)
        assert invoke(port, ROW).status == 200


def test_selected_outputs_that_an_objective_has_not_are_501(tmp_path: Path) -> None:
    """Here: AWS's image raises ValueError and answers 500 (XGB serve_utils.py)."""
    (tmp_path / "model").mkdir()
    counts = xgboost.DMatrix(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]), nthread=1)
    booster = xgboost.train({"objective": "count:poisson", "nthread": 1}, counts, 2)
    (tmp_path / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    with served(tmp_path, SAGEMAKER_INFERENCE_OUTPUT="predicted_score") as port:
        until(lambda: ping(port) == 200)

        assert invoke(port, b"1").status == 501


def test_a_body_that_does_not_come_is_408(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Here: RFC 9110, section 15.5.9; SageMaker gives an invocation 60 s (AWS-hosting)."""
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
        client.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: primary\r\nContent-Type: text/csv\r\n"
            b"Content-Length: 5\r\n\r\n1,"
        )
        assert client.recv(1024).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/invocations", 405),
        ("DELETE", "/ping", 405),
        ("POST", "/execution-parameters", 405),
        ("GET", "/models", 404),
        ("POST", "/models", 404),
        ("GET", "/", 404),
        ("GET", "/execution-parameters", 200),
        ("GET", "/metrics", 200),
    ],
)
def test_other_methods_and_paths(port: int, method: str, path: str, status: int) -> None:
    """RFC 9110, sections 15.5.5 and 15.5.6: AWS-hosting and AWS-2023 have no others."""
    assert call(port, method, path).status == status


# The multi-model API


@pytest.fixture(scope="module")
def many_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("many")
    lay_out(base, "a", "b", "c")
    (base / "models" / "damaged" / "model").mkdir(parents=True)
    (base / "models" / "damaged" / "model" / "xgboost-model").write_bytes(b"no model")
    return base


@pytest.fixture
def many(many_base: Path) -> Iterator[int]:
    """Serve many models with room for two, of which one is loaded."""
    with served(
        many_base,
        SAGEMAKER_MULTI_MODEL="true",
        MODEL_SERVER_MAX_MODELS="2",
        MAX_CONTENT_LENGTH="1000",
    ) as port:
        assert load(port, many_base, "a") == 200
        yield port


def load(port: int, base: Path, name: str) -> int:
    document = {"model_name": name, "url": f"{base}/models/{name}/model"}
    return call(port, "POST", "/models", json.dumps(document).encode(), JSON).status


def test_loading_has_the_documented_statuses(many: int, many_base: Path) -> None:
    """200, 409 for one that is loaded, 507 without room; 404 for a folder that is not there."""
    assert load(many, many_base, "a") == 409
    assert load(many, many_base, "none") == 404
    assert load(many, many_base, "b") == 200
    assert load(many, many_base, "c") == 507


def test_a_model_of_many_that_cannot_be_loaded_is_a_500(many: int, many_base: Path) -> None:
    """As Multi Model Server: InternalServerException (awslabs/multi-model-server)."""
    assert load(many, many_base, "damaged") == 500
    assert call(many, "GET", "/ping").status == 200


@pytest.mark.parametrize(
    ("body", "status"), [(b"{}", 400), (b"[1", 400), (b" " * (models_api.MAX_LOAD_BYTES + 1), 413)]
)
def test_what_is_no_order_to_load_is_refused(many: int, body: bytes, status: int) -> None:
    """As Multi Model Server: BadRequestException (awslabs/multi-model-server)."""
    reply = call(many, "POST", "/models", body, JSON)

    assert reply.status == status
    assert json.loads(reply.body)["code"] == status


def test_an_order_to_load_that_does_not_come_is_408(
    many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here: RFC 9110, section 15.5.9."""
    monkeypatch.setattr(wire, "BODY_SECONDS", 0.05)
    with socket.create_connection(("127.0.0.1", many), timeout=DEADLINE) as client:
        client.sendall(b"POST /models HTTP/1.1\r\nHost: primary\r\nContent-Length: 5\r\n\r\n{")
        assert client.recv(1024).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/models", 200),
        ("GET", "/models/a", 200),
        ("GET", "/models/x", 404),
        ("DELETE", "/models/x", 404),
        ("DELETE", "/models/a", 200),
        ("POST", "/models/x/invoke", 404),
        ("PUT", "/models", 405),
        ("POST", "/invocations", 404),
        ("GET", "/ping", 200),
        ("POST", "/ping", 200),
    ],
)
def test_the_multi_model_api_has_the_documented_statuses(
    many: int, method: str, path: str, status: int
) -> None:
    assert call(many, method, path, b"" if method == "POST" else None).status == status


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (ROW, CSV, 200),
        (b"", CSV, 204),
        (b"1,2", CSV, 400),
        (ROW, CSV | {"Accept": "image/png"}, 406),
        (b"1" * 1001, CSV, 413),
        (b"a,b,c", CSV, 415),
    ],
)
def test_a_model_of_many_answers_as_invocations_does(
    many: int, body: bytes, headers: dict[str, str], status: int
) -> None:
    """POST /models/{name}/invoke is as /invocations (mms-container-apis)."""
    assert call(many, "POST", "/models/a/invoke", body, headers).status == status
