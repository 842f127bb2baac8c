"""The file that declares the endpoints, in AWS's words: read, checked, and given as values.

Its lists hold what CreateEndpoint, CreateEndpointConfig and CreateModel take. A member of theirs
that hosting does not do is refused by its name: nothing is accepted and then ignored.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_pascal

from hosting.endpoint import Endpoint, Model, Variant

DEFAULT_HOSTNAME = "primary"
"""What AWS's texts call a PrimaryContainer (aws/sagemaker-xgboost-container #390)."""

Value = TypeVar("Value")

Name = Annotated[str, Field(max_length=63, pattern=r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
"""The form of every name here (shapes EndpointName, ModelName, VariantName ..., botocore)."""


class DeclarationError(ValueError):
    """The file cannot be served: change what the message names."""


class _Members(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_pascal, extra="forbid", frozen=True, strict=True, allow_inf_nan=False
    )


class _Endpoint(_Members):
    endpoint_name: Name
    endpoint_config_name: Name


class _ProductionVariant(_Members):
    variant_name: Name
    # to the API a variant without a model is one for inference components
    model_name: Name
    initial_variant_weight: Annotated[float, Field(ge=0)] = 1.0


class _EndpointConfig(_Members):
    endpoint_config_name: Name
    production_variants: Annotated[list[_ProductionVariant], Field(min_length=1, max_length=10)]


class _ContainerDefinition(_Members):
    container_hostname: Name = DEFAULT_HOSTNAME


class _Model(_Members):
    model_name: Name
    primary_container: _ContainerDefinition


class _Declaration(_Members):
    endpoints: Annotated[list[_Endpoint], Field(min_length=1)]
    endpoint_configs: list[_EndpointConfig]
    models: list[_Model]


def read_endpoints(path: Path) -> dict[str, Endpoint]:
    """Read the declared endpoints, by their names.

    Raises:
        DeclarationError: the file is missing, is no YAML, or declares what cannot be served.
    """
    try:
        content: object = yaml.safe_load(path.read_bytes())
        return endpoints_of(content)
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise DeclarationError(f"{path} is not YAML: {error}") from error
    except DeclarationError as error:
        raise DeclarationError(f"{path}: {error}") from None


def endpoints_of(content: object) -> dict[str, Endpoint]:
    """Make endpoints of what the file holds.

    Raises:
        DeclarationError: it declares what cannot be served.
    """
    try:
        declaration = _Declaration.model_validate(content)
    except ValidationError as error:
        raise DeclarationError("; ".join(_problems(error))) from None
    models = _by_name(
        "Models",
        (
            (model.model_name, Model(model.model_name, model.primary_container.container_hostname))
            for model in declaration.models
        ),
    )
    configs = _by_name(
        "EndpointConfigs",
        (
            (config.endpoint_config_name, _variants(config, models))
            for config in declaration.endpoint_configs
        ),
    )
    return _by_name(
        "Endpoints",
        (
            (
                endpoint.endpoint_name,
                Endpoint(
                    endpoint.endpoint_name,
                    _find("EndpointConfigs", endpoint.endpoint_config_name, configs),
                ),
            )
            for endpoint in declaration.endpoints
        ),
    )


def check_containers(endpoints: Iterable[Endpoint], containers: Iterable[str]) -> None:
    """Check that there is a container for each served model, and none for another.

    Raises:
        DeclarationError: there is a model without a container, or the other way round.
    """
    models = {variant.model.name for endpoint in endpoints for variant in endpoint.variants}
    named = set(containers)
    if missing := sorted(models - named):
        raise DeclarationError(f"CONTAINERS does not tell where {', '.join(missing)} answers")
    if unknown := sorted(named - models):
        raise DeclarationError(f"CONTAINERS names {', '.join(unknown)}, which no endpoint serves")


def _variants(config: _EndpointConfig, models: Mapping[str, Model]) -> tuple[Variant, ...]:
    variants = _by_name(
        f"ProductionVariants of {config.endpoint_config_name}",
        (
            (
                variant.variant_name,
                Variant(
                    variant.variant_name,
                    _find("Models", variant.model_name, models),
                    variant.initial_variant_weight,
                ),
            )
            for variant in config.production_variants
        ),
    )
    if not any(variant.weight for variant in variants.values()):
        raise DeclarationError(
            f"every InitialVariantWeight of {config.endpoint_config_name} is 0:"
            " no variant would get an invocation"
        )
    return tuple(variants.values())


def _by_name(kind: str, items: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in items:
        if name in found:
            raise DeclarationError(f"{kind} has {name} twice")
        found[name] = value
    return found


def _find(kind: str, name: str, values: Mapping[str, Value]) -> Value:
    if name not in values:
        raise DeclarationError(f"{name} is not in {kind}")
    return values[name]


def _problems(error: ValidationError) -> Iterable[str]:
    for problem in error.errors(include_url=False):
        path = ".".join(str(step) for step in problem["loc"]) or "the file"
        if problem["type"] == "extra_forbidden":
            yield f"{path} is not supported: remove it"
        else:
            yield f"{path}: {problem['msg']}"
