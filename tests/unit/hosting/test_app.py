"""The service put together: what stops it from starting, and what is no operation."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from hosting.app import create_app
from hosting.declaration import DeclarationError
from hosting.settings import Settings
from tests.hosting_stand import DEADLINE_S, HttpContainer, ReadableLog, served, wait_until

ROOT = Path(__file__).parents[3]


def settings(state: Path, **containers: str) -> Settings:
    return Settings(
        host="127.0.0.1",
        port=0,
        endpoints_file=ROOT / "deploy" / "endpoint.yaml",
        state=state,
        containers={name.replace("_", "-"): url for name, url in containers.items()},
        account_id="123456789012",
        region="eu-central-1",
        log_level="INFO",
        invocation_timeout_s=30.0,
    )


def test_a_model_without_a_container_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="CONTAINERS does not tell where credit-risk"):
        create_app(settings(tmp_path), ReadableLog().logger)


def test_a_declared_model_that_is_none_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "endpoint.yaml"
    declared = {
        "Models": [{"ModelName": "m", "PrimaryContainer": {"ModelDataUrl": "s3://b/model.zip"}}],
        "EndpointConfigs": [],
        "Endpoints": [],
    }
    file.write_text(json.dumps(declared))
    changed = replace(settings(tmp_path, m="http://127.0.0.1:9"), endpoints_file=file)
    with pytest.raises(DeclarationError, match="is neither s3://bucket/key"):
        create_app(changed, ReadableLog().logger)


def test_health_tells_which_endpoint_is_not_in_service(tmp_path: Path) -> None:
    container = HttpContainer()
    app = create_app(settings(tmp_path, credit_risk=container.url), ReadableLog().logger)
    with served(app) as url:

        def health() -> requests.Response:
            return requests.get(f"{url}/health", timeout=DEADLINE_S)

        # its port is open, and nobody answers yet
        wait_until(lambda: "container primary" in health().text)
        response = health()
        assert response.status_code == 503
        assert response.json()["status"] == "unavailable"
        assert "is starting" in response.json()["endpoints"]["credit-risk"]
        with container.running():
            wait_until(lambda: health().ok)
            assert health().json() == {"status": "ok"}
        # an invocation finds out first
        requests.post(f"{url}/endpoints/credit-risk/invocations", "1", timeout=DEADLINE_S)
        unhealthy = health().json()["endpoints"]["credit-risk"]
        assert unhealthy.startswith("container primary of model credit-risk: ")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of hosting whose container is down."""
    state = tmp_path_factory.mktemp("state")
    app = create_app(settings(state, credit_risk="http://127.0.0.1:9"), ReadableLog().logger)
    with served(app) as url:
        yield url


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/endpoints/credit-risk/invocations"),
        ("PUT", "/endpoints/credit-risk/invocations"),
        ("POST", "/endpoints/credit-risk/invocations/"),
        ("POST", "/endpoints/credit-risk"),
        ("GET", "/docs"),
        ("GET", "/openapi.json"),
    ],
)
def test_what_is_no_operation_is_answered_as_aws_does(url: str, method: str, path: str) -> None:
    response = requests.request(method, url + path, timeout=DEADLINE_S)
    assert response.status_code == 404
    assert response.text == "<UnknownOperationException/>\n"
    assert response.headers["x-amzn-errortype"] == "UnknownOperationException"
    assert response.headers["x-amzn-requestid"]
