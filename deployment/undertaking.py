"""What one deployment has to do with: its templates, its packages, and whom it asks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from deployment.packages.archive import Package
from deployment.packages.build import Code, build
from deployment.packages.wheels import Target
from deployment.settings import Settings
from deployment.stack import Stack
from deployment.templates import FUNCTION
from riskstack.emulator.template import Resource, Template
from riskstack.emulator.template import parameters as template_parameters

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sqs import SQSClient

DATA = "riskstack-data"
APP = "riskstack-app"


class Sts(Protocol):
    """What is asked of STS."""

    def get_caller_identity(self) -> Mapping[str, Any]:
        """Tell who asks."""


@dataclass(frozen=True, slots=True)
class Clients:
    """A client of each service."""

    sts: Sts
    cloudformation: "CloudFormationClient"
    apigateway: "APIGatewayClient"
    s3: "S3Client"
    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    sagemaker: "SageMakerClient"


@dataclass(frozen=True, slots=True)
class Undertaking:
    """One deployment, or one removal."""

    root: Path
    """Of the project."""
    settings: Settings
    region: str
    clients: Clients
    say: Callable[[str], None]
    sleep: Callable[[float], None]

    @property
    def data(self) -> Template:
        """What is kept."""
        return Template.read(self.root / "deploy" / "data.yaml")

    @property
    def app(self) -> Template:
        """What runs."""
        return Template.read(self.root / "deploy" / "app.yaml")

    def stack(self, name: str) -> Stack:
        """Give one of the stacks."""
        return Stack(name, self.clients.cloudformation, self.say, self.sleep)

    def packages(self) -> dict[str, Package]:
        """Build the functions' packages, by logical id; says what comes out.

        Raises:
            DeploymentError: one cannot be built.
            TemplateError: a setting is nothing that the template takes.
        """
        app = self.app
        values = template_parameters.values(app.body["Parameters"], self.settings.parameters)
        packages = {}
        for function in app.resources(FUNCTION):
            target = Target.of(values["Architecture"], function.properties["Runtime"])
            package = build(Code.of(function, self.root), target)
            self.say(package_line(function, target, package))
            packages[function.logical_id] = package
        return packages


def package_line(function: Resource, target: Target, package: Package) -> str:
    """Say what a package is, in a line."""
    name = function.properties["FunctionName"]
    return (
        f"package of {name} for {target.architecture}, Python {target.python}:"
        f" {len(package.content):,} bytes, {package.size:,} unzipped, sha256 {package.digest}"
    )


def release(packages: Mapping[str, Package]) -> str:
    """Name a build of the functions by what is in it."""
    return "-".join(f"{one.name}.{one.digest[:12]}" for one in packages.values())
