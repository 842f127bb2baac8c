"""Models: CreateModel, DescribeModel, ListModels, DeleteModel.

A model is a description; its containers are started with an endpoint (plan, instances).
"""

from collections.abc import Iterator
from itertools import chain

from hosting.control import listing
from hosting.control.api_errors import InvalidRequestError
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.members import Members
from hosting.control.registry import Registry
from hosting.control.tags import check_keys
from hosting.store import Document

KIND = "model"

ENVIRONMENT_LIMIT = 32 * 1024
"""Bytes of all keys and values in a model's Environment maps (botocore, ContainerDefinition)."""

_SOURCE = "ModelDataSource.S3DataSource"
_CONTAINER = (
    "Image",
    "Mode",
    "ModelDataUrl",
    "Environment",
    f"{_SOURCE}.S3Uri",
    f"{_SOURCE}.S3DataType",
    f"{_SOURCE}.CompressionType",
)

CREATE = Members(
    emulated=frozenset(
        {
            "ModelName",
            "Tags",
            "InferenceExecutionConfig.Mode",
            "Containers.ContainerHostname",
            *(f"PrimaryContainer.{member}" for member in _CONTAINER),
            *(f"Containers.{member}" for member in _CONTAINER),
        }
    ),
    # AWS too ignores the hostname of a PrimaryContainer (botocore, ContainerDefinition)
    echoed=frozenset({"ExecutionRoleArn", "PrimaryContainer.ContainerHostname"}),
    only={
        "EnableNetworkIsolation": (False,),
        "PrimaryContainer.ImageConfig.RepositoryAccessMode": ("Platform",),
        "Containers.ImageConfig.RepositoryAccessMode": ("Platform",),
        "PrimaryContainer.MultiModelConfig.ModelCacheSetting": ("Enabled",),
    },
)
NAME = Members(frozenset({"ModelName"}))
LIST = Members(
    frozenset(
        {
            "SortBy",
            "SortOrder",
            "NextToken",
            "MaxResults",
            "NameContains",
            "CreationTimeBefore",
            "CreationTimeAfter",
        }
    )
)


class Models:
    """The models that were created."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._store = registry.store

    def operations(self) -> Operations:
        """Give the operations on models."""
        return {
            "CreateModel": Operation(self.create_model, CREATE),
            "DescribeModel": Operation(self.describe_model, NAME),
            "ListModels": Operation(self.list_models, LIST),
            "DeleteModel": Operation(self.delete_model, NAME),
        }

    def find(self, name: str) -> Request:
        """Give a model's document. Raises InvalidRequestError where there is none."""
        model = self._store.get(KIND, name)
        if model is None:
            raise InvalidRequestError(
                f'Could not find model "{self._registry.owner.arn("model", name)}".'
            )
        return model

    def exists(self, name: str) -> bool:
        """Tell whether there is a model of a name."""
        return self._store.get(KIND, name) is not None

    def create(self, request: Request) -> str:
        """Create a model and give its ARN. Raises InvalidRequestError."""
        name = request["ModelName"]
        arn = self._registry.owner.arn("model", name)
        if self.exists(name):
            raise InvalidRequestError(f'Cannot create already existing model "{arn}".')
        for fault in chain(_structure(request), self._images(request)):
            raise InvalidRequestError(fault)
        tags = request.get("Tags", [])
        check_keys(tags)
        kept = {member: value for member, value in request.items() if member != "Tags"}
        self._store.put(KIND, name, {**kept, "ModelArn": arn, "CreationTime": self._registry.now()})
        self._registry.tags.create(arn, tags)
        return arn

    async def create_model(self, request: Request) -> Document:
        """Create a model. Raises InvalidRequestError."""
        return {"ModelArn": self.create(request)}

    async def describe_model(self, request: Request) -> Document:
        """Give what a model was created with."""
        return self.find(request["ModelName"])

    async def list_models(self, request: Request) -> Document:
        """Give a page of models."""
        keys = {"Name": "ModelName", "CreationTime": "CreationTime"}
        models, token = listing.page(self._store.all(KIND), request, sort_keys=keys)
        return listing.answer("Models", models, token, ("ModelName", "ModelArn", "CreationTime"))

    async def delete_model(self, request: Request) -> Document:
        """Delete a model; endpoints that serve it go on."""
        model = self.find(request["ModelName"])
        self._store.delete(KIND, model["ModelName"])
        self._registry.tags.delete(model["ModelArn"])
        return {}

    def _images(self, request: Request) -> Iterator[str]:
        if request["ModelName"] in self._registry.given:
            return
        for path, container in containers(request):
            if "Image" not in container:
                yield f"{path}.Image is missing: give the image that serves the model."


def containers(model: Request) -> list[tuple[str, Request]]:
    """Give a model's container definitions, each with its path."""
    if "PrimaryContainer" in model:
        return [("PrimaryContainer", model["PrimaryContainer"])]
    listed = model.get("Containers", [])
    return [(f"Containers[{number}]", container) for number, container in enumerate(listed)]


def is_multi_model(model: Request) -> bool:
    """Tell whether a model's container takes models as they are asked for."""
    return any(container.get("Mode") == "MultiModel" for _, container in containers(model))


def _structure(model: Request) -> Iterator[str]:
    """Tell what is wrong with a model as a whole."""
    listed = model.get("Containers", [])
    if ("PrimaryContainer" in model) == bool(listed):
        yield "A model has either a PrimaryContainer or Containers: give one of them."
    if "InferenceExecutionConfig" in model and not listed:
        yield "InferenceExecutionConfig is for a model with Containers: leave it out."
    hostnames = [container["ContainerHostname"] for container in listed if _named(container)]
    if hostnames and len(hostnames) < len(listed):
        # the documentation of ContainerDefinition's member says so (botocore)
        yield "Give every one of the Containers a ContainerHostname, or none."
    if len(set(hostnames)) < len(hostnames):
        yield f"Containers has a ContainerHostname twice: {', '.join(hostnames)}."
    direct = model.get("InferenceExecutionConfig", {}).get("Mode") == "Direct"
    if direct and not hostnames:
        yield "Give each of the Containers a ContainerHostname: in Direct mode it is the address."
    size = sum(
        len(key.encode()) + len(value.encode())
        for _, container in containers(model)
        for key, value in container.get("Environment", {}).items()
    )
    if size > ENVIRONMENT_LIMIT:
        yield f"Environment has {size} bytes: a model's can have up to {ENVIRONMENT_LIMIT}."
    for path, container in containers(model):
        yield from _model_data(path, container, alone=len(listed) <= 1)


def _named(container: Request) -> bool:
    return "ContainerHostname" in container


def _model_data(path: str, container: Request, *, alone: bool) -> Iterator[str]:
    """Tell what is wrong with where a container's model comes from."""
    url = container.get("ModelDataUrl")
    source = container.get("ModelDataSource", {}).get("S3DataSource")
    multi_model = container.get("Mode") == "MultiModel"
    if url is not None and source is not None:
        yield f"{path} has both ModelDataUrl and ModelDataSource: give one of them."
    if multi_model and not alone:
        yield f"{path}.Mode MultiModel is not supported in this stack beside other Containers."
    if multi_model and (url is None or not url.startswith(("s3://", "file:///"))):
        yield f"{path}.ModelDataUrl of a MultiModel container is s3://bucket/prefix/."
    if not multi_model and url is not None and not _is_model(url):
        yield (
            f"{path}.ModelDataUrl {url} is neither s3://bucket/key.tar.gz nor file:///folder,"
            " a folder that hosting can read."
        )
    if source is not None:
        yield from _source(f"{path}.{_SOURCE}", source)


def _is_model(url: str) -> bool:
    return url.startswith("file:///") or (url.startswith("s3://") and url.endswith(".tar.gz"))


def _source(path: str, source: Request) -> Iterator[str]:
    kind = (source["S3DataType"], source["CompressionType"])
    uri = source["S3Uri"]
    if kind == ("S3Prefix", "None"):
        if not (uri.startswith("s3://") and uri.endswith("/")):
            yield f"{path}.S3Uri {uri} is no prefix: it begins with s3:// and ends with /."
    elif kind == ("S3Object", "Gzip"):
        if not (uri.startswith("s3://") and uri.endswith(".tar.gz")):
            yield f"{path}.S3Uri {uri} is not s3://bucket/key.tar.gz."
    else:
        yield (
            f"{path} does not support S3DataType {kind[0]} with CompressionType {kind[1]} in this"
            " stack: give S3Prefix with None, or S3Object with Gzip."
        )
