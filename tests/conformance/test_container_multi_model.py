"""The container keeps SageMaker's contract for multi-model endpoints.

https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html; requests and texts are
those of AWS's own suites: aws/sagemaker-xgboost-container test_multiple_model_endpoint.py (XGB) and
aws/sagemaker-inference-toolkit test_dummy_multi_model.py (SIT).
"""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container_stand import Reply, call, ping, served, small_booster, until

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
# SageMaker's header for the log; the name in the path is another
TARGET = {**CSV, "X-Amzn-SageMaker-Target-Model": "clients/a.tar.gz"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("ml")
    content = small_booster().save_raw("ubj")
    for name in ("resnet_152", "resnet_18", "third"):
        (base / "models" / name / "model").mkdir(parents=True)
        (base / "models" / name / "model" / "xgboost-model").write_bytes(content)
    return base


@pytest.fixture
def port(base: Path) -> Iterator[int]:
    with served(base, SAGEMAKER_MULTI_MODEL="true", MODEL_SERVER_MAX_MODELS="2") as port:
        until(lambda: ping(port) == 200)  # without any model (XGB test_ping)
        yield port


def load(port: int, base: Path, name: str) -> Reply:
    document = {"model_name": name, "url": f"{base}/models/{name}/model"}
    return call(port, "POST", "/models", json.dumps(document).encode(), JSON)


def document(reply: Reply) -> dict[str, object]:
    found: dict[str, object] = json.loads(reply.body)
    assert reply.headers["content-type"] == "application/json"
    assert int(reply.headers["content-length"]) == len(reply.body)
    return found


def test_a_model_is_loaded_listed_invoked_and_unloaded(port: int, base: Path) -> None:
    assert document(call(port, "GET", "/models")) == {"models": []}

    loaded = load(port, base, "resnet_152")
    assert (loaded.status, document(loaded)) == (200, {"status": "Workers scaled"})
    assert load(port, base, "resnet_18").status == 200
    described = [
        {"modelName": name, "modelUrl": f"{base}/models/{name}/model"}
        for name in ("resnet_152", "resnet_18")
    ]
    assert document(call(port, "GET", "/models")) == {"models": described}
    assert document(call(port, "GET", "/models/resnet_18")) == described[1]

    scored = call(port, "POST", "/models/resnet_152/invoke", b"1,,0", TARGET)
    assert scored.status == 200
    assert 0 < json.loads(scored.body) < 1  # XGB reads the answer as JSON

    unloaded = call(port, "DELETE", "/models/resnet_152")
    assert unloaded.status == 200
    assert document(unloaded) == {"status": 'Model "resnet_152" unregistered'}
    assert document(call(port, "GET", "/models")) == {"models": described[1:]}


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/models/x/invoke"), ("GET", "/models/x"), ("DELETE", "/models/x")],
)
def test_a_model_that_is_not_loaded_is_a_404(port: int, method: str, path: str) -> None:
    reply = call(port, method, path, b"0,0,1", CSV)

    assert reply.status == 404
    assert document(reply)["message"] == "Model not found: x"


def test_a_folder_that_is_not_there_is_a_404(port: int, base: Path) -> None:
    reply = load(port, base, "banana")  # SIT test_load_non_existing_model

    assert reply.status == 404
    url = f"{base}/models/banana/model"
    assert document(reply)["message"] == f"Model not found in model store: {url}"


def test_a_model_is_loaded_once(port: int, base: Path) -> None:
    assert load(port, base, "resnet_18").status == 200

    again = load(port, base, "resnet_18")

    assert again.status == 409
    assert document(again)["message"] == "Model resnet_18 is already registered."


def test_of_loads_at_the_same_time_one_wins(port: int, base: Path) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(load(port, base, "third").status))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, 409, 409, 409]
    assert call(port, "POST", "/models/third/invoke", b"1,,0", CSV).status == 200


def test_without_room_sagemaker_is_told_to_unload_others(port: int, base: Path) -> None:
    assert load(port, base, "resnet_152").status == load(port, base, "resnet_18").status == 200

    assert load(port, base, "third").status == 507

    assert call(port, "DELETE", "/models/resnet_18").status == 200
    assert load(port, base, "third").status == 200


def test_pages_go_on_where_the_token_says(port: int, base: Path) -> None:
    assert load(port, base, "resnet_152").status == load(port, base, "resnet_18").status == 200

    first = document(call(port, "GET", "/models?limit=1"))
    token = first["nextPageToken"]
    second = document(call(port, "GET", f"/models?limit=1&next_page_token={token}"))

    assert [first["models"], second["models"]] == [
        [{"modelName": name, "modelUrl": f"{base}/models/{name}/model"}]
        for name in ("resnet_152", "resnet_18")
    ]
    assert "nextPageToken" not in second
