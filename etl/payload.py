"""Bytes and JSON from outside, read so that whatever they are, only one error comes out."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from etl.answers import text_fault
from etl.problem import InvalidSubmissionError, Problem

_Shape = TypeVar("_Shape", bound=BaseModel)


def body_error(problem: str) -> InvalidSubmissionError:
    """Make the error of a body that cannot be read at all."""
    return InvalidSubmissionError([Problem("body", problem)])


def json_object(body: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        InvalidSubmissionError: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise body_error("is not JSON; expected a JSON object in UTF-8") from None
    if not isinstance(value, dict):
        raise body_error("is not a JSON object")
    return value


def shaped(shape: type[_Shape], value: Mapping[str, Any]) -> _Shape:
    """Read a JSON object as the structure that its channel sends.

    Raises:
        InvalidSubmissionError: it is not of that structure; names each place that is not.
    """
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        raise InvalidSubmissionError(_problems(error)) from None


def _problems(error: ValidationError) -> list[Problem]:
    return [
        Problem(".".join(map(str, one["loc"])), one["msg"])
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _reference(text: str) -> str:
    text = text.strip()
    if not text:
        raise PydanticCustomError("reference", "is empty")
    if fault := text_fault(text):
        raise PydanticCustomError("reference", fault)
    return text


Reference = Annotated[str, AfterValidator(_reference)]
"""What a channel names a submission by: a text of 1 to 200 characters."""

_REFERENCE = TypeAdapter(Reference)


def reference(field: str, text: str) -> str:
    """Read the reference that stands in a field.

    Raises:
        InvalidSubmissionError: it is empty, too long or holds control characters.
    """
    try:
        return _REFERENCE.validate_python(text)
    except ValidationError as error:
        raise InvalidSubmissionError(
            [Problem(field, one.problem) for one in _problems(error)]
        ) from None


def digest(body: bytes) -> str:
    """Give the SHA-256 of a body in hexadecimal digits."""
    return hashlib.sha256(body).hexdigest()


def digest_of_json(value: object) -> str:
    """Give the SHA-256 of a JSON value, whatever the order of its keys.

    Raises:
        InvalidSubmissionError: it is nested too deeply.
    """
    try:
        return digest(json.dumps(value, sort_keys=True, separators=(",", ":")).encode())
    except RecursionError:
        raise body_error("is nested too deeply") from None
