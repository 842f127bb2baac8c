"""The service put together: what stops it from starting, and what is no operation."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from hosting.app import create_app
from hosting.declaration import DeclarationError
from hosting.settings import Settings
from tests.hosting_stand import DEADLINE_S, HttpContainer, ReadableLog, served, wait_until

ROOT = Path(__file__).parents[3]


def settings(**containers: str) -> Settings:
    return Settings(
        host="127.0.0.1",
        port=0,
        endpoints_file=ROOT / "deploy" / "endpoint.yaml",
        containers={name.replace("_", "-"): url for name, url in containers.items()},
        account_id="123456789012",
        region="eu-central-1",
        log_level="INFO",
        invocation_timeout_s=30.0,
    )


def test_a_model_without_a_container_stops_the_start() -> None:
    with pytest.raises(DeclarationError, match="CONTAINERS does not tell where credit-risk"):
        create_app(settings(), ReadableLog().logger)


def test_health_tells_which_container_did_not_answer() -> None:
    container = HttpContainer()
    with served(create_app(settings(credit_risk=container.url), ReadableLog().logger)) as url:

        def health() -> requests.Response:
            return requests.get(f"{url}/health", timeout=DEADLINE_S)

        # its port is open, and nobody answers yet
        response = health()
        assert response.status_code == 503
        assert response.json()["status"] == "unavailable"
        assert response.json()["containers"]["credit-risk"].startswith("starting: ")
        with container.running():
            wait_until(lambda: health().ok)
            assert health().json() == {"status": "ok"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of hosting whose container is down."""
    app = create_app(settings(credit_risk="http://127.0.0.1:9"), ReadableLog().logger)
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
