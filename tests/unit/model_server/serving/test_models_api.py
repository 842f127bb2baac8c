"""The API of a multi-model container, in process; AWS's texts are in the conformance tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from model_server.model.booster import Model
from model_server.model.predictor import ModelError
from model_server.serving import models_api, wire
from model_server.serving.errors import TooLargeError
from model_server.serving.formats import PLAIN
from model_server.serving.metrics import Metrics
from model_server.serving.multi_model import Models
from model_server.serving.room import Room
from model_server.serving.scoring import Scoring
from model_server.serving.servable import Servable
from model_server.serving.slices import Slices

CSV = {"content-type": "text/csv"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    for name in ("a", "b", "c"):
        (tmp_path / "models" / name / "model").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def client(base: Path, model: Model) -> Iterator[TestClient]:
    metrics, slices = Metrics(), Slices()

    async def load(folder: Path) -> Servable:
        if (folder / "damaged").exists():
            raise ModelError("the model is damaged")
        return Scoring(model, PLAIN, metrics, slices)

    models = Models(load, metrics, Room(base, 2, None))
    with TestClient(models_api.create_app(models, metrics, slices, 1000)) as client:
        yield client


def load(client: TestClient, base: Path, name: str, folder: str | None = None) -> int:
    url = f"{base}/models/{folder or name}/model"
    return client.post("/models", json={"model_name": name, "url": url}).status_code


def test_it_is_healthy_without_a_model(client: TestClient) -> None:
    assert client.get("/ping").status_code == 200
    assert client.get("/models").json() == {"models": []}
    assert client.post("/invocations", content=b"1,,0", headers=CSV).status_code == 404


def test_a_model_answers_under_its_name(client: TestClient, base: Path) -> None:
    name = "0a1b/c d"  # opaque: whatever SageMaker makes of it
    assert load(client, base, name, "a") == 200

    path = "/models/0a1b/c%20d"
    assert client.get(path).json() == {"modelName": name, "modelUrl": f"{base}/models/a/model"}
    reply = client.post(f"{path}/invoke", content=b"1,,0", headers=CSV)
    assert reply.status_code == 200
    assert 0 < float(reply.text) < 1
    assert client.post(f"{path}/invoke", content=b"1", headers=CSV).status_code == 400
    assert client.delete(path).status_code == 200
    assert client.get(path).status_code == 404


def test_pages_are_asked_for_by_their_token(client: TestClient, base: Path) -> None:
    assert load(client, base, "a") == load(client, base, "b") == 200

    first = client.get("/models", params={"limit": 1}).json()
    second = client.get("/models", params={"limit": 1, "next_page_token": first["nextPageToken"]})

    assert [model["modelName"] for model in first["models"]] == ["a"]
    assert [model["modelName"] for model in second.json()["models"]] == ["b"]
    assert "nextPageToken" not in second.json()


def test_no_room_is_a_507(client: TestClient, base: Path) -> None:
    assert load(client, base, "a") == load(client, base, "b") == 200
    url = f"{base}/models/c/model"

    reply = client.post("/models", json={"model_name": "c", "url": url})

    assert reply.status_code == 507
    assert reply.json()["message"] == "2 models are loaded, the limit is 2"


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b'{"model_name": "a"}', b'{"url": "/"}'])
def test_what_names_no_model_is_a_400(client: TestClient, body: bytes) -> None:
    reply = client.post("/models", content=body)

    assert reply.status_code == 400
    assert reply.json() == {
        "code": 400,
        "type": "BadRequestException",
        "message": "expected model_name and url",
    }


@pytest.mark.parametrize(
    ("error", "status"),
    [(wire.SlowBodyError("slow"), 408), (TooLargeError("large"), 413), (wire.Disconnected(), 200)],
)
def test_a_body_that_does_not_come_in_is_no_fault(
    client: TestClient, error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_arguments: object) -> bytes:
        raise error

    monkeypatch.setattr(wire, "read_body", fail)

    assert client.post("/models", content=b"{}").status_code == status


def test_a_model_that_cannot_be_loaded_is_a_500(client: TestClient, base: Path) -> None:
    (base / "models" / "a" / "model" / "damaged").touch()

    assert load(client, base, "a") == 500
    assert client.get("/models").json() == {"models": []}


def test_unknown_models_are_counted_too(client: TestClient) -> None:
    client.post("/models/x/invoke", content=b"1")

    assert 'model_server_invocations_total{status="404"} 1.0' in client.get("/metrics").text
