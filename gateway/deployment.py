"""A deployment: an API's immutable route table, and how a request finds its route.

Not: how the table is read from OpenAPI (openapi).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from gateway.authorizer import Authorizer
from gateway.integration import Integration
from gateway.model import Model

PathParameters: TypeAlias = dict[str, str]

ANY = "ANY"
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""The methods that a REST API knows, and for which ANY stands (developer guide, `$context`)."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method of a resource, with its request validator resolved and its integration parsed."""

    method: str
    """Or ANY."""
    resource: str
    """The path as declared, such as `/applications/{application_id}`."""
    resource_id: str
    integration: Integration
    needs_api_key: bool = False
    authorizer: Authorizer | None = None
    required_headers: tuple[str, ...] = ()
    required_query_parameters: tuple[str, ...] = ()
    models: Mapping[str, Model] = field(default_factory=dict)
    """By media type; a body of another type is not checked."""

    @property
    def name(self) -> str:
        """What the log calls it, such as `POST /applications/webform`."""
        return f"{self.method} {self.resource}"

    @property
    def key(self) -> str:
        """What a usage plan calls it, such as `/applications/webform/POST`."""
        return f"{self.resource.rstrip('/')}/{self.method}"


@dataclass(frozen=True, slots=True)
class Match:
    """A route that a request found, and the values of its path's templates, still encoded."""

    route: Route
    path_parameters: PathParameters


@dataclass(frozen=True, slots=True)
class _Resource:
    segments: tuple[str, ...]
    methods: dict[str, Route]

    def is_greedy(self) -> bool:
        return self.segments[-1].endswith("+}")

    def specificity(self) -> tuple[int, ...]:
        """Give what sorts resources as AWS prefers them: literal, template, greedy."""
        return tuple(
            0 if template_name(one) is None else 2 if one.endswith("+}") else 1
            for one in self.segments
        )


class Deployment:
    """A snapshot of an API: its ids and its routes."""

    def __init__(self, api_id: str, deployment_id: str, routes: Iterable[Route]) -> None:
        self.api_id = api_id
        self.deployment_id = deployment_id
        self.routes = tuple(routes)
        self._literal: dict[str, dict[str, Match]] = {}
        templated: dict[str, _Resource] = {}
        for route in self.routes:
            segments = split(route.resource)
            if any(map(template_name, segments)):
                resource = templated.setdefault(route.resource, _Resource(segments, {}))
                resource.methods[route.method] = route
            else:
                self._literal.setdefault(route.resource, {})[route.method] = Match(route, {})
        resources = sorted(templated.values(), key=_Resource.specificity)
        self._greedy = [one for one in resources if one.is_greedy()]
        self._rivals = {
            length: [
                one
                for one in resources
                if len(one.segments) == length or (one.is_greedy() and len(one.segments) < length)
            ]
            for length in {len(one.segments) for one in resources}
        }

    def match(self, method: str, path: str) -> Match | None:
        """Find the route of a request, `None` if there is none.

        `path` is without the stage and as it was sent: `%2F` divides nothing. A slash at its end
        is ignored, a literal part goes before a template and that before a greedy one, and a
        resource without the method is passed over (localstack's AWS-validated
        test_lambda_aws_proxy_integration, test_routing_with_hardcoded_resource_sibling_order and
        test_proxy_routing_with_hardcoded_resource_sibling).
        """
        if method not in METHODS:
            return None
        path = path.rstrip("/") or "/"
        methods = self._literal.get(path)
        if methods and (match := methods.get(method) or methods.get(ANY)):
            return match
        segments = split(path)
        for resource in self._rivals.get(len(segments), self._greedy):
            route = resource.methods.get(method) or resource.methods.get(ANY)
            if route and (parameters := _fit(resource.segments, segments)) is not None:
                return Match(route, parameters)
        return None


def split(path: str) -> tuple[str, ...]:
    """Give the parts of a path that begins with a slash."""
    return tuple(path[1:].split("/"))


def template_name(segment: str) -> str | None:
    """Give the name in a template such as `{application_id}` or `{proxy+}`, `None` for a text."""
    return segment[1:-1].removesuffix("+") if segment.startswith("{") else None


def _fit(templates: tuple[str, ...], segments: tuple[str, ...]) -> PathParameters | None:
    parameters: PathParameters = {}
    for place, template in enumerate(templates):
        if place >= len(segments):
            return None
        if template.endswith("+}"):
            rest = "/".join(segments[place:])
            return {**parameters, template[1:-2]: rest} if rest else None
        if name := template_name(template):
            if not segments[place]:
                return None
            parameters[name] = segments[place]
        elif template != segments[place]:
            return None
    return parameters
