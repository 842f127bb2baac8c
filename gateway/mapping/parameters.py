"""Parameter mapping expressions, such as `method.request.header.X`, `'text'` or `context.stage`.

Facts: API Gateway developer guide, "API Gateway API request and response data mapping reference";
names are case-sensitive ("Important notes"). An expression is compiled once, when the API is read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway import context
from gateway.exchange import Exchange, read_document
from gateway.gateway_response import BAD_MAPPING, RefusedError
from gateway.mapping.java import compact
from gateway.mapping.json_path import PathError, compiled, find

Value: TypeAlias = str | list[str] | None
"""Several values only from `multivaluequerystring`; `None` for what a request does not have."""

Source: TypeAlias = Callable[[Exchange], Value]


class MappingError(ValueError):
    """An expression maps from nothing: write it as the developer guide lists them."""


@dataclass(frozen=True, slots=True)
class BackendAnswer:
    """What a backend answered, before it is mapped."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """Give a header's last value; `name` is in lower case, the header's case is ignored."""
        for sent, value in reversed(self.headers):
            if sent.lower() == name:
                return value
        return None


AnswerSource: TypeAlias = Callable[[Exchange, BackendAnswer], str | None]


def literal(expression: str) -> str | None:
    """Give the text of a static value in single quotes, `None` for any other expression."""
    if len(expression) > 1 and expression[0] == expression[-1] == "'":
        return expression[1:-1]
    return None


def request_source(expression: str, stage_variables: Mapping[str, str]) -> Source:
    """Compile what maps from a method request.

    Raises:
        MappingError: it is no such expression.
    """
    if expression.startswith("method.request."):
        return _from_request(expression)
    return _from_anywhere(expression, stage_variables)


def answer_source(expression: str, stage_variables: Mapping[str, str]) -> AnswerSource:
    """Compile what maps from a backend's answer.

    Raises:
        MappingError: it is no such expression.
    """
    if expression.startswith("integration.response."):
        return _from_answer(expression)
    source = _from_anywhere(expression, stage_variables)
    return lambda exchange, _: _single(source(exchange))


def _from_request(expression: str) -> Source:
    place, _, name = expression.removeprefix("method.request.").partition(".")
    if place == "body":
        return _from_body(expression, name)
    sources: Mapping[str, Source] = {
        "path": lambda exchange: exchange.path_parameters.get(name),
        "header": lambda exchange: _last(_headers(exchange, name)),
        "multivalueheader": lambda exchange: ",".join(_headers(exchange, name)) or None,
        "querystring": lambda exchange: _last(_parameters(exchange, name)),
        "multivaluequerystring": lambda exchange: _parameters(exchange, name) or None,
    }
    if not name or place not in sources:
        raise MappingError(f"{expression!r} is no mapping expression")
    return sources[place]


def _from_body(expression: str, name: str) -> Source:
    if not name:
        return _body
    path = _path(expression, name)
    return lambda exchange: _text(find(exchange.document(), path))


def _from_answer(expression: str) -> AnswerSource:
    place, _, name = expression.removeprefix("integration.response.").partition(".")
    match place:
        case "header" if name:
            return lambda _, answer: _last([v for n, v in answer.headers if n == name])
        case "multivalueheader" if name:
            return lambda _, answer: (
                ",".join([value for sent, value in answer.headers if sent == name]) or None
            )
        case "body" if not name:
            return lambda _, answer: answer.body.decode("utf-8", "replace").strip() or "{}"
        case "body":
            path = _path(expression, name)
            return lambda _, answer: _text(find(_document(answer), path))
    raise MappingError(f"{expression!r} is no mapping expression")


def _from_anywhere(expression: str, stage_variables: Mapping[str, str]) -> Source:
    static = literal(expression)
    if static is not None:
        return lambda _: static
    scope, _, name = expression.partition(".")
    if scope == "stageVariables" and name:
        value = stage_variables.get(name)
        return lambda _: value
    if scope == "context" and name:
        try:
            variable = context.variable(name)
        except context.UnknownVariableError:
            raise MappingError(f"{expression!r} is no variable of $context") from None
        return lambda exchange: _text(variable(exchange))
    raise MappingError(f"{expression!r} is no mapping expression")


def _body(exchange: Exchange) -> str:
    exchange.document()
    return exchange.body.decode("utf-8", "replace").strip() or "{}"


def _document(answer: BackendAnswer) -> Any:  # noqa: ANN401 - JSON holds any value
    try:
        return read_document(answer.body)
    except RefusedError:
        raise RefusedError(
            BAD_MAPPING, "a header is mapped from an answer that is not JSON"
        ) from None


def _path(expression: str, name: str) -> str:
    path = f"$.{name}"
    try:
        compiled(path)
    except PathError as error:
        raise MappingError(f"{expression!r}: {error}") from None
    return path


def _headers(exchange: Exchange, name: str) -> list[str]:
    return [value for sent, value in exchange.request.headers if sent == name]


def _parameters(exchange: Exchange, name: str) -> list[str]:
    return [value for sent, value in exchange.query if sent == name]


def _last(values: list[str]) -> str | None:
    return values[-1] if values else None


def _single(value: Value) -> str | None:
    return ",".join(value) if isinstance(value, list) else value


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return compact(value)
