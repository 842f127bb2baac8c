import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.deployment import Deployment, Match, Route
from tests.gateway_stand import NoIntegration


def route(method: str, resource: str) -> Route:
    return Route(method, resource, "abc123", NoIntegration())


ROOT = route("GET", "/")
FORM = route("POST", "/applications/webform")
ONE = route("GET", "/applications/{application_id}")
LATEST = route("GET", "/applications/latest")
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


GREEDY = route("OPTIONS", "/{proxy+}")
ANY_GREEDY = route("ANY", "/files/{path+}")
POST_TEST = route("POST", "/test")
ANY_TEST = route("ANY", "/test/any")
TEMPLATED_FILE = route("GET", "/{folder}/{name}")
WIDE = Deployment("api", "dep", [GREEDY, ANY_GREEDY, POST_TEST, ANY_TEST, TEMPLATED_FILE])


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        # a resource that lacks the method does not hide a greedy one that has it
        ("OPTIONS", "/test", Match(GREEDY, {"proxy": "test"})),
        ("POST", "/test", Match(POST_TEST, {})),
        ("OPTIONS", "/test/any", Match(ANY_TEST, {})),
        ("PUT", "/files/a/b%2Fc", Match(ANY_GREEDY, {"path": "a/b%2Fc"})),
        ("GET", "/files/a", Match(ANY_GREEDY, {"path": "a"})),
        ("GET", "/other/a", Match(TEMPLATED_FILE, {"folder": "other", "name": "a"})),
        ("OPTIONS", "/a/b/c/d", Match(GREEDY, {"proxy": "a/b/c/d"})),
        ("GET", "/files", None),
        ("OPTIONS", "/", None),
        # ANY is no method that a REST API does not know
        ("TRACE", "/files/a", None),
        ("ANY", "/test/any", None),
    ],
)
def test_greedy_parts_and_any_come_last(method: str, path: str, expected: Match | None) -> None:
    assert WIDE.match(method, path) == expected


@given(st.lists(st.text(st.characters(exclude_characters="/", exclude_categories=["Cs"]))))
def test_a_greedy_part_takes_the_rest_as_it_is(segments: list[str]) -> None:
    path = "/".join(["", "files", "x", *segments])
    match = WIDE.match("PATCH", path)
    assert match == Match(ANY_GREEDY, {"path": path.rstrip("/").removeprefix("/files/")})


def test_a_route_has_a_key_for_limits() -> None:
    assert FORM.key == "/applications/webform/POST"
    assert ROOT.key == "/GET"


def test_a_route_has_a_name_for_the_log() -> None:
    assert ONE.name == "GET /applications/{application_id}"
