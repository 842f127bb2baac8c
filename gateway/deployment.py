"""A deployment: an API's immutable route table, and how a request finds its route.

Not: how the table is read from OpenAPI (openapi).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeAlias

from gateway.model import Model

PathParameters: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Route:
    """A method of a resource, with its request validator resolved and its integration parsed."""

    method: str
    resource: str
    """The path as declared, such as `/applications/{application_id}`."""
    resource_id: str
    function_arn: str
    timeout: float
    """Seconds until the caller is told that the function was too slow."""
    needs_api_key: bool
    required_headers: tuple[str, ...] = ()
    required_query_parameters: tuple[str, ...] = ()
    models: Mapping[str, Model] = field(default_factory=dict)
    """By media type; a body of another type is not checked."""

    @property
    def name(self) -> str:
        """What the log calls it, such as `POST /applications/webform`."""
        return f"{self.method} {self.resource}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route that a request found, and the values of its path's templates, still encoded."""

    route: Route
    path_parameters: PathParameters


class Deployment:
    """A snapshot of an API: its ids and its routes."""

    def __init__(self, api_id: str, deployment_id: str, routes: Iterable[Route]) -> None:
        self.api_id = api_id
        self.deployment_id = deployment_id
        self.routes = tuple(routes)
        self._literal: dict[tuple[str, str], Match] = {}
        self._templated: dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]] = {}
        for route in self.routes:
            segments = split(route.resource)
            if any(map(template_name, segments)):
                rivals = self._templated.setdefault((route.method, len(segments)), [])
                rivals.append((segments, route))
                rivals.sort(key=_specificity)
            else:
                self._literal[route.method, route.resource] = Match(route, {})

    @property
    def timeouts(self) -> frozenset[float]:
        """The different timeouts of its integrations, in seconds."""
        return frozenset(map(attrgetter("timeout"), self.routes))

    def match(self, method: str, path: str) -> Match | None:
        """Find the route of a request, `None` if there is none.

        `path` is without the stage and as it was sent: `%2F` divides nothing. A slash at its end
        is ignored, and a literal part goes before a template (localstack's AWS-validated
        test_lambda_aws_proxy_integration and test_routing_with_hardcoded_resource_sibling_order).
        """
        path = path.rstrip("/") or "/"
        if match := self._literal.get((method, path)):
            return match
        segments = split(path)
        for templates, route in self._templated.get((method, len(segments)), ()):
            if (parameters := _fit(templates, segments)) is not None:
                return Match(route, parameters)
        return None


def split(path: str) -> tuple[str, ...]:
    """Give the parts of a path that begins with a slash."""
    return tuple(path[1:].split("/"))


def template_name(segment: str) -> str | None:
    """Give the name in a template such as `{application_id}`, `None` for a literal part."""
    return segment[1:-1] if segment.startswith("{") else None


def _specificity(rival: tuple[tuple[str, ...], Route]) -> tuple[bool, ...]:
    return tuple(template_name(segment) is not None for segment in rival[0])


def _fit(templates: tuple[str, ...], segments: tuple[str, ...]) -> PathParameters | None:
    parameters = {}
    for template, segment in zip(templates, segments, strict=True):
        if name := template_name(template):
            if not segment:
                return None
            parameters[name] = segment
        elif template != segment:
            return None
    return parameters
