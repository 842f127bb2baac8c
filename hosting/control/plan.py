"""What an endpoint is to be: its variants, the containers of each, as values without a process.

Made of a deployment, the document in which an endpoint keeps the configuration and the models that
it was made of: it goes on as it is when these are deleted or created anew.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hosting.control.endpoint_configs import variants
from hosting.control.json_protocol import Request
from hosting.control.models import containers
from hosting.live import Asynchronous, Capture, Execution, Routing

PRIMARY = "primary"
"""What AWS's texts call a PrimaryContainer (aws/sagemaker-xgboost-container #390)."""

STARTUP_TIMEOUT_S = 600
DOWNLOAD_TIMEOUT_S = 1800
"""What holds where a variant does not say: AWS documents no defaults for the two timeouts."""

CONCURRENCY = 4
"""MaxConcurrentInvocationsPerInstance where it is not given: AWS chooses a value (botocore)."""


@dataclass(frozen=True, slots=True)
class ContainerPlan:
    """A container of each instance; `image` is None where the container is given."""

    hostname: str
    image: str | None
    environment: Mapping[str, str]
    model_data_url: str | None
    multi_model: bool


@dataclass(frozen=True, slots=True)
class VariantPlan:
    """A variant, and the names of its instances, as many as it has."""

    name: str
    model_name: str
    weight: float
    instances: tuple[str, ...]
    containers: tuple[ContainerPlan, ...]
    routing: Routing
    execution: Execution
    startup_timeout_s: float
    download_timeout_s: float

    @property
    def multi_model(self) -> bool:
        """Tell whether its one container takes models as they are asked for."""
        return self.containers[0].multi_model


@dataclass(frozen=True, slots=True)
class EndpointPlan:
    """An endpoint as it is to be in service."""

    name: str
    variants: tuple[VariantPlan, ...]
    shadow: VariantPlan | None
    capture: Capture | None
    asynchronous: Asynchronous | None

    @property
    def all_variants(self) -> tuple[VariantPlan, ...]:
        """Give every variant, the shadow last."""
        return (*self.variants, self.shadow) if self.shadow else self.variants


def plan_of(endpoint_name: str, deployment: Request) -> EndpointPlan:
    """Read a deployment: `Config`, `Models` by name, `Variants` by name with what was desired."""
    config = deployment["Config"]
    shadows = len(config.get("ShadowProductionVariants", []))
    plans = [_variant(variant, deployment) for variant in variants(config)]
    return EndpointPlan(
        name=endpoint_name,
        variants=tuple(plans[: len(plans) - shadows]),
        shadow=plans[-1] if shadows else None,
        capture=_capture(config.get("DataCaptureConfig")),
        asynchronous=_asynchronous(config.get("AsyncInferenceConfig")),
    )


def container_plans(model: Request) -> Iterator[ContainerPlan]:
    """Give the containers of an instance in the order in which they are asked."""
    listed = "Containers" in model
    for number, (_, container) in enumerate(containers(model), 1):
        # the names in a pipeline: aws/amazon-sagemaker-examples #729
        hostname = container.get("ContainerHostname", f"container-{number}") if listed else PRIMARY
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        yield ContainerPlan(
            hostname=hostname,
            image=container.get("Image"),
            environment=container.get("Environment", {}),
            model_data_url=container.get("ModelDataUrl", source.get("S3Uri")),
            multi_model=container.get("Mode") == "MultiModel",
        )


def _variant(variant: Request, deployment: Request) -> VariantPlan:
    name = variant["VariantName"]
    desired = deployment["Variants"][name]
    model = deployment["Models"][variant["ModelName"]]
    routing = variant.get("RoutingConfig", {}).get("RoutingStrategy", Routing.RANDOM)
    execution = model.get("InferenceExecutionConfig", {}).get("Mode", Execution.SERIAL)
    return VariantPlan(
        name=name,
        model_name=variant["ModelName"],
        weight=desired["Weight"],
        instances=tuple(desired["Instances"]),
        containers=tuple(container_plans(model)),
        routing=Routing(routing),
        execution=Execution(execution),
        startup_timeout_s=variant.get(
            "ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_TIMEOUT_S
        ),
        download_timeout_s=variant.get("ModelDataDownloadTimeoutInSeconds", DOWNLOAD_TIMEOUT_S),
    )


def _capture(config: Mapping[str, Any] | None) -> Capture | None:
    if config is None or not config.get("EnableCapture", True):
        return None
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    types = config.get("CaptureContentTypeHeader", {})
    # what was not given keeps the default of the value
    chosen = {
        member: tuple(types[name])
        for member, name in (("csv_types", "CsvContentTypes"), ("json_types", "JsonContentTypes"))
        if name in types
    }
    return Capture(
        destination=config["DestinationS3Uri"],
        percentage=config["InitialSamplingPercentage"],
        input=bool(modes & {"Input", "InputAndOutput"}),
        output=bool(modes & {"Output", "InputAndOutput"}),
        **chosen,
    )


def _asynchronous(config: Mapping[str, Any] | None) -> Asynchronous | None:
    if config is None:
        return None
    return Asynchronous(
        output=config["OutputConfig"]["S3OutputPath"],
        failure=config["OutputConfig"].get("S3FailurePath"),
        concurrency_per_instance=config.get("ClientConfig", {}).get(
            "MaxConcurrentInvocationsPerInstance", CONCURRENCY
        ),
    )
