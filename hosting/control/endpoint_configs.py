"""Endpoint configurations: CreateEndpointConfig, DescribeEndpointConfig, List..., Delete...

A configuration says which models an endpoint serves, on how many instances, with what share of
the traffic. Not: what becomes of it (plan).
"""

from collections.abc import Iterable, Iterator
from itertools import chain

from hosting.control import listing
from hosting.control.api_errors import InvalidRequestError
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.members import Members
from hosting.control.models import LIST, Models, is_multi_model
from hosting.control.registry import Registry
from hosting.control.tags import check_keys
from hosting.store import Document

KIND = "endpoint-config"

_LISTS = ("ProductionVariants", "ShadowProductionVariants")
_VARIANT = (
    "VariantName",
    "ModelName",
    "InitialInstanceCount",
    "InitialVariantWeight",
    "ModelDataDownloadTimeoutInSeconds",
    "ContainerStartupHealthCheckTimeoutInSeconds",
)

CREATE = Members(
    emulated=frozenset(
        {
            "EndpointConfigName",
            "Tags",
            *(f"{variants}.{member}" for variants in _LISTS for member in _VARIANT),
            "DataCaptureConfig.EnableCapture",
            "DataCaptureConfig.InitialSamplingPercentage",
            "DataCaptureConfig.DestinationS3Uri",
            "DataCaptureConfig.CaptureOptions.CaptureMode",
            "DataCaptureConfig.CaptureContentTypeHeader",
            "AsyncInferenceConfig.ClientConfig.MaxConcurrentInvocationsPerInstance",
            "AsyncInferenceConfig.OutputConfig.S3OutputPath",
            "AsyncInferenceConfig.OutputConfig.S3FailurePath",
        }
    ),
    # every instance is this machine
    echoed=frozenset(f"{variants}.InstanceType" for variants in _LISTS),
    only={
        "EnableNetworkIsolation": (False,),
        **{
            f"{variants}.RoutingConfig.RoutingStrategy": ("RANDOM", "LEAST_OUTSTANDING_REQUESTS")
            for variants in _LISTS
        },
    },
)
NAME = Members(frozenset({"EndpointConfigName"}))


class EndpointConfigs:
    """The endpoint configurations that were created."""

    def __init__(self, registry: Registry, models: Models) -> None:
        self._registry = registry
        self._store = registry.store
        self._models = models

    def operations(self) -> Operations:
        """Give the operations on endpoint configurations."""
        return {
            "CreateEndpointConfig": Operation(self.create_endpoint_config, CREATE),
            "DescribeEndpointConfig": Operation(self.describe_endpoint_config, NAME),
            "ListEndpointConfigs": Operation(self.list_endpoint_configs, LIST),
            "DeleteEndpointConfig": Operation(self.delete_endpoint_config, NAME),
        }

    def find(self, name: str) -> Request:
        """Give a configuration's document. Raises InvalidRequestError where there is none."""
        config = self._store.get(KIND, name)
        if config is None:
            arn = self._registry.owner.arn(KIND, name)
            raise InvalidRequestError(f'Could not find endpoint configuration "{arn}".')
        return config

    def exists(self, name: str) -> bool:
        """Tell whether there is a configuration of a name."""
        return self._store.get(KIND, name) is not None

    def create(self, request: Request) -> str:
        """Create a configuration and give its ARN. Raises InvalidRequestError."""
        name = request["EndpointConfigName"]
        arn = self._registry.owner.arn(KIND, name)
        if self.exists(name):
            raise InvalidRequestError(
                f'Cannot create already existing endpoint configuration "{arn}".'
            )
        for fault in chain(_faults(request), self._instances(request)):
            raise InvalidRequestError(fault)
        models = [self._models.find(variant["ModelName"]) for variant in variants(request)]
        for fault in _shadow_faults(request, models):
            raise InvalidRequestError(fault)
        tags = request.get("Tags", [])
        check_keys(tags)
        kept = {member: value for member, value in request.items() if member != "Tags"}
        for member in _LISTS:
            if member in kept:
                kept[member] = [{"InitialVariantWeight": 1.0, **each} for each in kept[member]]
        self._store.put(
            KIND, name, {**kept, "EndpointConfigArn": arn, "CreationTime": self._registry.now()}
        )
        self._registry.tags.create(arn, tags)
        return arn

    async def create_endpoint_config(self, request: Request) -> Document:
        """Create a configuration. Raises InvalidRequestError."""
        return {"EndpointConfigArn": self.create(request)}

    async def describe_endpoint_config(self, request: Request) -> Document:
        """Give what a configuration was created with."""
        return self.find(request["EndpointConfigName"])

    async def list_endpoint_configs(self, request: Request) -> Document:
        """Give a page of configurations."""
        keys = {"Name": "EndpointConfigName", "CreationTime": "CreationTime"}
        configs, token = listing.page(self._store.all(KIND), request, sort_keys=keys)
        shown = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
        return listing.answer("EndpointConfigs", configs, token, shown)

    async def delete_endpoint_config(self, request: Request) -> Document:
        """Delete a configuration; endpoints that were made with it go on."""
        config = self.find(request["EndpointConfigName"])
        self._store.delete(KIND, config["EndpointConfigName"])
        self._registry.tags.delete(config["EndpointConfigArn"])
        return {}

    def _instances(self, config: Request) -> Iterator[str]:
        """Tell of variants that do not say what their instances are, or say too much."""
        for variant in variants(config):
            name = variant["VariantName"]
            if variant["ModelName"] in self._registry.given:
                if variant.get("InitialInstanceCount", 1) != 1:
                    yield (
                        f"InitialInstanceCount of variant {name} can only be 1: the container of"
                        f" model {variant['ModelName']} is given (CONTAINERS), not started here."
                    )
                continue
            for member in ("InstanceType", "InitialInstanceCount"):
                if member not in variant:
                    yield f"{member} of variant {name} is missing."


def variants(config: Request) -> list[Request]:
    """Give a configuration's variants, shadows behind the others."""
    return [variant for member in _LISTS for variant in config.get(member, [])]


def _faults(config: Request) -> Iterator[str]:
    """Tell what is wrong with a configuration, beside its models."""
    production = config["ProductionVariants"]
    names = [variant["VariantName"] for variant in variants(config)]
    if len(set(names)) < len(names):
        yield f"A VariantName is there twice: {', '.join(names)}."
    for variant in variants(config):
        if "ModelName" not in variant:
            # to AWS it is a variant for inference components
            yield f"ModelName of variant {variant['VariantName']} is missing."
    if not any(variant.get("InitialVariantWeight", 1.0) for variant in production):
        yield "Every InitialVariantWeight is 0: no variant would get an invocation."
    # (botocore, CreateEndpointConfig: "If you use this field, you can only specify one variant
    # for ProductionVariants and one variant for ShadowProductionVariants")
    shadows = config.get("ShadowProductionVariants", [])
    if shadows and (len(shadows), len(production)) != (1, 1):
        yield "With ShadowProductionVariants give one variant there and one production variant."
    if capture := config.get("DataCaptureConfig"):
        yield from _not_s3("DataCaptureConfig.DestinationS3Uri", capture["DestinationS3Uri"])
    if asynchronous := config.get("AsyncInferenceConfig"):
        yield from _asynchronous(asynchronous["OutputConfig"])


def _shadow_faults(config: Request, models: Iterable[Request]) -> Iterator[str]:
    """Tell of models that cannot stand beside a shadow (AWS dg, shadow-tests-exclusions)."""
    if config.get("ShadowProductionVariants"):
        for model in filter(is_multi_model, models):
            yield (
                "ShadowProductionVariants is not supported with a MultiModel container, which model"
                f" {model['ModelName']} has."
            )


def _asynchronous(output: Request) -> Iterator[str]:
    path = "AsyncInferenceConfig.OutputConfig"
    if "S3OutputPath" not in output:
        yield f"{path}.S3OutputPath is missing: say where results are to be stored."
    for member, uri in output.items():
        yield from _not_s3(f"{path}.{member}", uri)


def _not_s3(path: str, uri: str) -> Iterator[str]:
    if not uri.startswith("s3://") or not uri.removeprefix("s3://").strip("/"):
        yield f"{path} {uri} is not s3://bucket/prefix."
