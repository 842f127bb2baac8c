"""The application as a whole, in process; the wire is in the conformance tests."""

import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from model_server.model.booster import Model
from model_server.model.predictor import ModelError
from model_server.serving import web
from model_server.serving.formats import PLAIN
from model_server.serving.metrics import Metrics
from model_server.serving.readiness import Readiness
from model_server.serving.scoring import Scoring
from model_server.serving.servable import Servable
from model_server.serving.slices import Slices

DEADLINE = 60.0


def client_of(model: Model | None) -> TestClient:
    metrics, slices = Metrics(), Slices()

    async def load() -> Servable:
        if model is None:
            raise ModelError("none there")
        return Scoring(model, PLAIN, metrics, slices)

    return TestClient(web.create_app(Readiness(load), metrics, slices, 1000))


@pytest.fixture
def client(model: Model) -> Iterator[TestClient]:
    with client_of(model) as client:
        deadline = time.monotonic() + DEADLINE
        while client.get("/ping").status_code != 200:
            assert time.monotonic() < deadline
        yield client


def test_the_application_loads_its_model_and_tests_it(client: TestClient) -> None:
    assert client.post("/ping").status_code == 200
    reply = client.post("/invocations", content=b"1,,0", headers={"content-type": "text/csv"})
    assert reply.status_code == 200
    assert 0 < float(reply.text) < 1


def test_without_a_model_ping_stays_503() -> None:
    with client_of(None) as client:
        deadline = time.monotonic() + DEADLINE
        while client.post("/invocations", content=b"1").status_code != 500:
            assert time.monotonic() < deadline
        assert client.get("/ping").status_code == 503


def test_other_methods_and_paths_are_refused(client: TestClient) -> None:
    assert client.get("/invocations").status_code == 405
    for path in ("/", "/docs", "/openapi.json", "/models", "/invocations/"):
        assert client.post(path).status_code == 404


def test_metrics_tell_of_invocations(client: TestClient) -> None:
    client.post("/invocations", content=b"1,,0\n1,2,3", headers={"content-type": "text/csv"})

    reply = client.get("/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'model_server_invocations_total{status="200"} 1.0' in reply.text
    assert "model_server_rows_total 2.0" in reply.text


def test_execution_parameters_are_json(client: TestClient) -> None:
    document = client.get("/execution-parameters").json()

    assert document["BatchStrategy"] == "MULTI_RECORD"
    assert document["MaxPayloadInMB"] == 1
