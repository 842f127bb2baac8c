"""deploy/endpoint.yaml as a push reads it: which endpoint, of which variants, of which models.

What it says is handed on in AWS's own words, and AWS checks it. The image, the model's data and,
where the file names none, the instances are the push's to fill in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from push.problem import PushError

_FILLED_IN = ("Image", "ModelDataUrl", "ModelDataSource")


@dataclass(frozen=True, slots=True)
class Declaration:
    """One endpoint; the requests lack the names, which carry versions."""

    endpoint_name: str
    config_name: str
    config: Mapping[str, Any]
    """What CreateEndpointConfig takes; its variants name models as the file does."""
    models: Mapping[str, Mapping[str, Any]]
    """What CreateModel takes, by the name in the file."""


def read(path: Path) -> Declaration:
    """Read the file.

    Raises:
        PushError: it cannot be read, or declares what a push does not do.
    """
    try:
        content: object = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise PushError(f"{path.name} cannot be read: {error}") from error
    try:
        return of(content)
    except PushError as error:
        raise PushError(f"{path.name}: {error}") from None


def of(content: Any) -> Declaration:  # noqa: ANN401 - whatever YAML holds
    """Make a declaration of what the file holds.

    Raises:
        PushError: it declares what a push does not do.
    """
    try:
        endpoints, configs, models = (
            content[kind] for kind in ("Endpoints", "EndpointConfigs", "Models")
        )
        if len(endpoints) != 1:
            raise PushError(f"a push is of one endpoint, and {len(endpoints)} are declared")
        config = _named(configs, "EndpointConfigName", endpoints[0]["EndpointConfigName"])
        variants = [
            variant
            for kind in ("ProductionVariants", "ShadowProductionVariants")
            for variant in config.get(kind, ())
        ]
        return Declaration(
            endpoint_name=endpoints[0]["EndpointName"],
            config_name=config["EndpointConfigName"],
            config={name: value for name, value in config.items() if name != "EndpointConfigName"},
            models={
                name: _model(_named(models, "ModelName", name))
                for name in dict.fromkeys(variant["ModelName"] for variant in variants)
            },
        )
    except KeyError as error:
        raise PushError(f"{error.args[0]} is missing") from error
    except TypeError as error:
        raise PushError("it is not made of Endpoints, EndpointConfigs and Models") from error


def _named(items: list[dict[str, Any]], member: str, name: str) -> dict[str, Any]:
    for item in items:
        if item[member] == name:
            return item
    raise PushError(f"no {member} is {name}")


def _model(model: Mapping[str, Any]) -> dict[str, Any]:
    if "Containers" in model:
        raise PushError(
            f"{model['ModelName']} has Containers: a push makes models of a PrimaryContainer"
        )
    container = model["PrimaryContainer"].items()
    return {name: value for name, value in model.items() if name != "ModelName"} | {
        "PrimaryContainer": {key: value for key, value in container if key not in _FILLED_IN}
    }
