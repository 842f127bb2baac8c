"""What the steps of one push share: what it makes, whom it asks, and what it has found out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from push.archive import Archive
from push.design import Design
from push.engine import Engine
from push.registry import Login

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


class Sts(Protocol):
    """What is asked of STS."""

    def get_caller_identity(self) -> Mapping[str, Any]:
        """Tell who asks."""


class Pricing(Protocol):
    """What is asked of the Price List."""

    def get_products(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - botocore's own
        """Give products and their terms."""


@dataclass(frozen=True, slots=True)
class Clients:
    """A client of each service."""

    sts: Sts
    ecr: "ECRClient"
    s3: "S3Client"
    iam: "IAMClient"
    sagemaker: "SageMakerClient"
    runtime: "SageMakerRuntimeClient"
    pricing: Pricing


@dataclass(slots=True)
class Undertaking:
    """One push; its steps add to what is known, and all names follow from that."""

    design: Design
    archive: Archive
    clients: Clients
    engine: Engine
    say: Callable[[str], None]
    sleep: Callable[[float], None]
    new_role: bool = False
    """IAM tells the other services of a new role only after some seconds."""

    def learn(self, **facts: str) -> None:
        """Add to what is known."""
        self.design = replace(self.design, facts=replace(self.design.facts, **facts))

    def login(self) -> Login:
        """Ask ECR for a login, and learn how its images' names begin."""
        answer = self.clients.ecr.get_authorization_token()
        (data,) = answer["authorizationData"]
        url = self.design.settings.registry_url or data["proxyEndpoint"]
        login = Login.from_token(data["authorizationToken"], url)
        self.learn(registry=login.host)
        return login
