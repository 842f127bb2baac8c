"""Requests of jobs as structures: what one declares is emulated, all else is refused by its name.

The protocol has checked a request against the service model before it comes here, and refuses what
`members` does not list. Not: what each operation's structures are (training.request,
transform.request).
"""

from collections.abc import Iterator, Mapping
from typing import Literal, TypeAlias, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

from hosting.control.api_errors import InvalidRequestError
from hosting.control.members import Members
from hosting.jobs.location import Location, LocationError
from hosting.store import Document


class Structure(BaseModel):
    """The emulated members of a structure of the service model; a Literal tells the values."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Tag(Structure):
    """A label of a resource."""

    Key: str
    Value: str


S = TypeVar("S", bound=Structure)

Values: TypeAlias = tuple[object, ...] | None
"""The emulated values of a member, None for all of them."""


def members(structure: type[Structure]) -> Members:
    """Give the paths of a request's emulated members, as the protocol checks them."""
    paths = dict(_paths(structure, ""))
    return Members(
        emulated=frozenset(path for path, values in paths.items() if values is None),
        only={path: values for path, values in paths.items() if values is not None},
    )


def read(structure: type[S], document: Document) -> S:
    """Read a request. Raises InvalidRequestError."""
    try:
        return structure.model_validate(document)
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}, found {fault['input']!r}"
            for fault in error.errors(include_url=False)
        ]
        raise InvalidRequestError("; ".join(faults)) from error


def read_location(member: str, uri: str) -> Location:
    """Read a member that is an S3 URI. Raises InvalidRequestError."""
    try:
        return Location.parse(uri)
    except LocationError as error:
        raise InvalidRequestError(f"{member}: {error}") from error


def _paths(annotation: object, path: str) -> Iterator[tuple[str, Values]]:
    """Give the members below an annotation; the items of a list have no step of their own."""
    arguments = get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Structure):
        for name, field in annotation.model_fields.items():
            yield from _paths(field.annotation, f"{path}.{name}" if path else name)
    elif get_origin(annotation) is Literal:
        yield path, arguments
    elif arguments and get_origin(annotation) is not Mapping:
        # what may be left out, and the items of a list
        yield from _paths(arguments[0], path)
    else:
        yield path, None
