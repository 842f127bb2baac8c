"""The routes of an HTTP API, and how a request finds its own.

Facts: API Gateway developer guide, "Working with routes for HTTP APIs".
Not: how routes are read from OpenAPI (definition).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from gateway.lambda_client import Target

ANY = "ANY"
DEFAULT = "$default"

_LITERAL, _VARIABLE, _GREEDY = range(3)


@dataclass(frozen=True, slots=True)
class Route:
    """A route with its Lambda proxy integration."""

    method: str
    path: str
    """Such as `/applications/{application_id}`; `$default` for the route of that name."""
    target: Target

    @property
    def key(self) -> str:
        """The route key: `GET /applications/{application_id}` or `$default`."""
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route that a request found, and the values of its path's variables."""

    route: Route
    path_parameters: Mapping[str, str]


def decoded(raw_path: str) -> str:
    """Give a request's path as an HTTP API sees it, encoded slashes included.

    It is decoded (fastify/aws-lambda-fastify#169, recorded), and what stands behind a question
    mark that was encoded is lost (middleapi/standard-server#93, recorded).
    """
    return unquote(raw_path, errors="replace").partition("?")[0]


class Routes:
    """An API's routes in the order in which a request tries them."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._default: Route | None = None
        self._literal: dict[str, dict[str, Route]] = {}
        variable: dict[str, dict[str, Route]] = {}
        for route in routes:
            if route.path == DEFAULT:
                self._default = route
            elif "{" in route.path:
                variable.setdefault(route.path, {})[route.method] = route
            else:
                self._literal.setdefault(route.path, {})[route.method] = route
        self._variable = [
            (_segments(path), variable[path]) for path in sorted(variable, key=_specificity)
        ]

    def match(self, method: str, path: str) -> Match | None:
        """Find the route of a request, `None` if there is none.

        The most specific path that has the method goes first, then one with a greedy variable,
        then `$default`. A path is taken as it is: `/a/` is not `/a`, but a greedy variable after
        `/a` holds it, and is empty (storacha/w3infra#166).
        """
        if route := _of_method(self._literal.get(path, {}), method):
            return Match(route, {})
        segments = _segments(path)
        for template, methods in self._variable:
            route = _of_method(methods, method)
            if route and (parameters := _fit(template, segments)) is not None:
                return Match(route, parameters)
        return Match(self._default, {}) if self._default else None


def _segments(path: str) -> list[str]:
    return path[1:].split("/")


def _of_method(methods: Mapping[str, Route], method: str) -> Route | None:
    return methods.get(method) or methods.get(ANY)


def _specificity(path: str) -> list[int]:
    """Give what sorts literal segments before variables and those before a greedy one."""
    return [
        _LITERAL
        if not segment.startswith("{")
        else _GREEDY
        if segment.endswith("+}")
        else _VARIABLE
        for segment in _segments(path)
    ]


def _fit(template: list[str], segments: list[str]) -> dict[str, str] | None:
    parameters = {}
    for place, part in enumerate(template):
        if part.endswith("+}") and place < len(segments):
            parameters[part[1:-2]] = "/".join(segments[place:])
            return parameters
        if place >= len(segments):
            return None
        if part.startswith("{"):
            if not segments[place]:
                return None
            parameters[part[1:-1]] = segments[place]
        elif part != segments[place]:
            return None
    return parameters if len(template) == len(segments) else None
