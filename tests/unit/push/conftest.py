"""What the tests of push share: AWS in memory, and a push that has everything it needs."""

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import requests
from moto.core.responses import ActionResult
from moto.sagemaker.responses import SageMakerResponse

from push import declaration
from push.archive import pack
from push.design import Design, Facts
from push.settings import Settings
from push.undertaking import Clients, Undertaking
from tests.unit.push.stand import (
    ACCOUNT,
    REGION,
    MemoryEngine,
    MemoryRegistry,
    PriceList,
    Stand,
)

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def clients(moto_url: str) -> Clients:
    """Clients of moto; they take long to make, and keep nothing."""
    session = boto3.session.Session("test", "test", region_name=REGION)
    return Clients(
        sts=session.client("sts", endpoint_url=moto_url),
        ecr=session.client("ecr", endpoint_url=moto_url),
        s3=session.client("s3", endpoint_url=moto_url),
        iam=session.client("iam", endpoint_url=moto_url),
        sagemaker=session.client("sagemaker", endpoint_url=moto_url),
        runtime=session.client("sagemaker-runtime", endpoint_url=moto_url),
        pricing=PriceList(),
    )


@pytest.fixture
def memory_registry() -> Iterator[MemoryRegistry]:
    registry = MemoryRegistry()
    yield registry
    registry.close()


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "metadata").mkdir(parents=True)
    (folder / "xgboost-model").write_bytes(b"trees")
    (folder / "metadata" / "metrics.json").write_text("{}")
    return folder


@pytest.fixture
def declared() -> declaration.Declaration:
    return declaration.read(ROOT / "deploy" / "endpoint.yaml")


@pytest.fixture
def design(declared: declaration.Declaration) -> Design:
    """What is made when everything is known."""
    facts = Facts(
        region=REGION,
        artifact_digest="sha256:" + "c3" * 32,
        account=ACCOUNT,
        registry=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com",
        image_id="sha256:" + "1a" * 32,
        image_digest="sha256:" + "2b" * 32,
    )
    return Design(declared, Settings(), facts)


@pytest.fixture
def moto_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Teach moto UpdateEndpoint, which it does not know."""

    def update_endpoint(self: SageMakerResponse) -> ActionResult:
        backend = self.sagemaker_backend
        endpoint = backend.endpoints[self._get_param("EndpointName")]
        name = self._get_param("EndpointConfigName")
        backend.describe_endpoint_config(name)
        endpoint.endpoint_config_name = name
        return ActionResult({"EndpointArn": endpoint.arn})

    monkeypatch.setattr(SageMakerResponse, "update_endpoint", update_endpoint, raising=False)


@pytest.fixture
def scores(empty_aws: str) -> None:
    """Let moto's endpoints answer with a score."""
    result = {
        "Body": json.dumps({"predictions": [{"score": 0.25}]}),
        "ContentType": "application/json",
        "InvokedProductionVariant": "AllTraffic",
    }
    answer = requests.post(
        f"{empty_aws}/moto-api/static/sagemaker/endpoint-results",
        json={"account_id": ACCOUNT, "region": REGION, "results": [result] * 3},
        timeout=10,
    )
    assert answer.ok


@pytest.fixture
def stand(
    memory_registry: MemoryRegistry,
    model_folder: Path,
    declared: declaration.Declaration,
    clients: Clients,
    scores: None,  # noqa: ARG001 - the endpoint answers
    moto_updates: None,  # noqa: ARG001 - and can be updated
) -> Stand:
    archive = pack(model_folder)
    engine = MemoryEngine(memory_registry)
    said: list[str] = []
    slept: list[float] = []
    undertaking = Undertaking(
        design=Design(
            declared,
            Settings(registry_url=f"http://{memory_registry.host}"),
            Facts(region=REGION, artifact_digest=archive.digest),
        ),
        archive=archive,
        clients=clients,
        engine=engine,
        say=said.append,
        sleep=slept.append,
    )
    return Stand(undertaking, engine, memory_registry, said, slept)
