import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deployment import Deployment, Match, Route


def route(method: str, resource: str, timeout: float = 29.0) -> Route:
    return Route(
        method=method,
        resource=resource,
        resource_id="abc123",
        function_arn="arn",
        timeout=timeout,
        needs_api_key=False,
    )


ROOT = route("GET", "/")
FORM = route("POST", "/applications/webform")
ONE = route("GET", "/applications/{application_id}")
LATEST = route("GET", "/applications/latest", 3.0)
PART = route("GET", "/applications/{application_id}/parts/{part}")
NOTES = route("GET", "/applications/{application_id}/notes/{note}")
LATEST_NOTE = route("GET", "/applications/{application_id}/notes/latest")
DEPLOYMENT = Deployment("api", "dep", [ROOT, FORM, ONE, LATEST, PART, NOTES, LATEST_NOTE])


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", Match(ROOT, {})),
        ("POST", "/applications/webform", Match(FORM, {})),
        ("POST", "/applications/webform/", Match(FORM, {})),
        ("GET", "/applications/a-1", Match(ONE, {"application_id": "a-1"})),
        ("GET", "/applications/a-1/", Match(ONE, {"application_id": "a-1"})),
        ("GET", "/applications/a%2F1", Match(ONE, {"application_id": "a%2F1"})),
        ("GET", "/applications/webform", Match(ONE, {"application_id": "webform"})),
        ("GET", "/applications/latest", Match(LATEST, {})),
        (
            "GET",
            "/applications/a/parts/b",
            Match(PART, {"application_id": "a", "part": "b"}),
        ),
        ("GET", "/applications/a/notes/latest", Match(LATEST_NOTE, {"application_id": "a"})),
        ("GET", "/applications//parts/b", None),
        ("GET", "/applications", None),
        ("GET", "/applications/", None),
        ("GET", "//applications/a", None),
        ("DELETE", "/applications/a-1", None),
        ("post", "/applications/webform", None),
        ("POST", "/Applications/webform", None),
        ("POST", "/applications/%77ebform", None),
    ],
)
def test_a_request_finds_its_route(method: str, path: str, expected: Match | None) -> None:
    assert DEPLOYMENT.match(method, path) == expected


@given(st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]), min_size=1))
def test_a_template_takes_any_one_segment_as_it_is(segment: str) -> None:
    match = DEPLOYMENT.match("GET", f"/applications/{segment}/parts/x")
    assert match == Match(PART, {"application_id": segment, "part": "x"})


def test_it_knows_the_timeouts_of_its_routes() -> None:
    assert DEPLOYMENT.timeouts == {29.0, 3.0}


def test_a_route_has_a_name_for_the_log() -> None:
    assert ONE.name == "GET /applications/{application_id}"
