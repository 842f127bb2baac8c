"""The file that declares the endpoints, in AWS's words: read, checked, and given as requests.

Its lists hold what CreateModel, CreateEndpointConfig and CreateEndpoint take, and each of them is
checked as these check a client's: by the service model, and member by member.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from botocore.model import ServiceModel

from hosting.control import endpoint_configs, endpoints, models
from hosting.control.api_errors import ApiError
from hosting.control.input_shape import check_input
from hosting.control.json_protocol import Request


class DeclarationError(ValueError):
    """The file cannot be served: change what the message names."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """The requests that a file declares, by the names of what they create."""

    models: Mapping[str, Request]
    endpoint_configs: Mapping[str, Request]
    endpoints: Mapping[str, Request]


_LISTS = {
    "Models": ("CreateModel", "ModelName", models.CREATE),
    "EndpointConfigs": ("CreateEndpointConfig", "EndpointConfigName", endpoint_configs.CREATE),
    "Endpoints": ("CreateEndpoint", "EndpointName", endpoints.CREATE),
}
"""The operation behind each list of the file, the member that is the name, all members."""


def read_declaration(path: Path, service: ServiceModel) -> Declaration:
    """Read what a file declares.

    Raises:
        DeclarationError: the file is missing, is no YAML, or declares what cannot be served.
    """
    try:
        content: object = yaml.safe_load(path.read_bytes())
        return declaration_of(content, service)
    except OSError as error:
        raise DeclarationError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise DeclarationError(f"{path} is not YAML: {error}") from error
    except DeclarationError as error:
        raise DeclarationError(f"{path}: {error}") from None


def declaration_of(content: object, service: ServiceModel) -> Declaration:
    """Check what a file holds.

    Raises:
        DeclarationError: it declares what cannot be served.
    """
    if not isinstance(content, dict) or set(content) - set(_LISTS):
        raise DeclarationError(f"it has to hold the lists {', '.join(_LISTS)}, and nothing else")
    found = {name: _requests(name, content.get(name), service) for name in _LISTS}
    declaration = Declaration(found["Models"], found["EndpointConfigs"], found["Endpoints"])
    for config in declaration.endpoint_configs.values():
        for variant in endpoint_configs.variants(config):
            _check_there("Models", variant.get("ModelName"), declaration.models)
    for endpoint in declaration.endpoints.values():
        name = endpoint["EndpointConfigName"]
        _check_there("EndpointConfigs", name, declaration.endpoint_configs)
    return declaration


def check_containers(declaration: Declaration, containers: Collection[str]) -> None:
    """Check that each declared model has an image or a container, and that no container is idle.

    Raises:
        DeclarationError: CONTAINERS leaves a model out, or names one that is not declared.
    """
    missing = sorted(
        name
        for name, model in declaration.models.items()
        if name not in containers
        and any("Image" not in each for _, each in models.containers(model))
    )
    if missing:
        raise DeclarationError(f"CONTAINERS does not tell where {', '.join(missing)} answers")
    if unknown := sorted(set(containers) - set(declaration.models)):
        raise DeclarationError(f"CONTAINERS names {', '.join(unknown)}, which is not declared")


def _requests(kind: str, items: Any, service: ServiceModel) -> dict[str, Request]:  # noqa: ANN401 - what YAML holds
    operation, name, members = _LISTS[kind]
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise DeclarationError(f"{kind} is to be a list of what {operation} takes")
    found: dict[str, Request] = {}
    for number, item in enumerate(items):
        try:
            check_input(service.operation_model(operation).input_shape, item)
            members.check(operation, item)
        except ApiError as error:
            raise DeclarationError(f"{kind}[{number}]: {error.message}") from None
        if item[name] in found:
            raise DeclarationError(f"{kind} has {item[name]} twice")
        found[item[name]] = item
    return found


def _check_there(kind: str, name: str | None, there: Collection[str]) -> None:
    if name not in there:
        raise DeclarationError(f"{name} is not in {kind}")
