import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from deployment.problem import DeploymentError
from deployment.proof import TESTS, prove
from deployment.settings import Settings
from deployment.undertaking import Clients, Undertaking

OUTPUTS = {"ApiUrl": "https://api/v1", "ApiKeyId": "k"}


@dataclass
class Aws:
    """An endpoint with a status, or the code of SageMaker's refusal; and one API key."""

    endpoint: str = "InService"
    refusal: str | None = None

    def describe_endpoint(self, **request: str) -> dict[str, str]:
        assert request == {"EndpointName": "credit-risk"}
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal}}, "DescribeEndpoint")
        return {"EndpointStatus": self.endpoint}

    def get_api_key(self, **request: object) -> dict[str, str]:
        assert request == {"apiKey": "k", "includeValue": True}
        return {"value": "the key"}


@dataclass
class Pytest:
    """Stands for the run of the tests."""

    status: int = 0
    runs: list[tuple[list[str], dict[str, Any]]] = field(default_factory=list)

    def run(self, command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - subprocess' own
        self.runs.append((command, options))
        return subprocess.CompletedProcess(command, self.status)


@pytest.fixture
def tests(monkeypatch: pytest.MonkeyPatch) -> Pytest:
    stand = Pytest()
    monkeypatch.setattr("deployment.proof.subprocess.run", stand.run)
    return stand


@pytest.fixture
def deployment(root: Path) -> Callable[..., tuple[Undertaking, list[str]]]:
    def make(aws: Aws, *, wanted: bool = True) -> tuple[Undertaking, list[str]]:
        said: list[str] = []
        client = cast("Any", aws)
        clients = Clients(**dict.fromkeys(Clients.__slots__, client))
        settings = Settings(tests=wanted)
        return Undertaking(root, settings, "eu-west-1", clients, said.append, client), said

    return make


def test_the_tests_run_against_the_api(
    deployment: Callable[..., tuple[Undertaking, list[str]]], tests: Pytest, root: Path
) -> None:
    prove(deployment(Aws())[0], OUTPUTS)
    ((command, options),) = tests.runs
    assert command[:3] == [sys.executable, "-m", "pytest"]
    assert tuple(command[-len(TESTS) :]) == TESTS
    assert all((root / file).is_file() for file in TESTS)
    environ = options["env"]
    assert environ["E2E_STACK"] == "deployed"
    assert environ["RISKSTACK_URL"] == "https://api/v1"
    assert environ["RISKSTACK_API_KEY"] == "the key"
    assert environ["AWS_DEFAULT_REGION"] == "eu-west-1"


def test_a_test_that_fails_is_told(
    deployment: Callable[..., tuple[Undertaking, list[str]]], tests: Pytest
) -> None:
    tests.status = 1
    with pytest.raises(DeploymentError, match="everything is deployed, but end-to-end tests fail"):
        prove(deployment(Aws())[0], OUTPUTS)


@pytest.mark.parametrize(
    ("aws", "wanted", "says"),
    [
        (Aws(), False, "WITHOUT_TESTS"),
        (Aws(refusal="ValidationException"), True, "credit-risk is not there"),
        (Aws(endpoint="Creating"), True, "credit-risk is Creating"),
    ],
)
def test_without_a_score_there_are_no_tests(
    deployment: Callable[..., tuple[Undertaking, list[str]]],
    tests: Pytest,
    aws: Aws,
    wanted: bool,
    says: str,
) -> None:
    undertaking, said = deployment(aws, wanted=wanted)
    prove(undertaking, OUTPUTS)
    assert tests.runs == []
    assert says in said[0]


def test_another_refusal_is_not_taken_for_a_missing_endpoint(
    deployment: Callable[..., tuple[Undertaking, list[str]]],
) -> None:
    with pytest.raises(ClientError):
        prove(deployment(Aws(refusal="AccessDeniedException"))[0], OUTPUTS)
