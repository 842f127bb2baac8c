import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http_api.routes import ANY, DEFAULT, Match, Route, Routes, decoded
from gateway.lambda_client import Target


def route(key: str) -> Route:
    method, _, path = key.rpartition(" ")
    return Route(method or ANY, path, Target("arn", 30.0))


# the example of the developer guide, "Routing API requests", in another order
EXAMPLE = Routes(
    map(
        route,
        [
            DEFAULT,
            "ANY /{proxy+}",
            "GET /pets/{proxy+}",
            "GET /pets/dog/{id}",
            "GET /pets/dog/1",
        ],
    )
)


def found(routes: Routes, method: str, path: str) -> tuple[str, dict[str, str]] | None:
    match = routes.match(method, path)
    return (match.route.key, dict(match.path_parameters)) if match else None


@pytest.mark.parametrize(
    ("method", "path", "key", "parameters"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", {}),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        # a path without the method is passed over
        ("POST", "/pets/dog/1", "ANY /{proxy+}", {"proxy": "pets/dog/1"}),
    ],
)
def test_the_most_specific_route_is_found(
    method: str, path: str, key: str, parameters: dict[str, str]
) -> None:
    assert found(EXAMPLE, method, path) == (key, parameters)


def test_a_method_goes_before_any() -> None:
    routes = Routes(map(route, ["ANY /a", "GET /a", "ANY /{b}", "PUT /{b}"]))
    assert found(routes, "GET", "/a") == ("GET /a", {})
    assert found(routes, "PUT", "/a") == ("ANY /a", {})
    assert found(routes, "PUT", "/c") == ("PUT /{b}", {"b": "c"})
    assert found(routes, "GET", "/c") == ("ANY /{b}", {"b": "c"})


def test_the_default_route_takes_the_rest() -> None:
    routes = Routes(map(route, ["GET /a", DEFAULT]))
    assert found(routes, "POST", "/a") == (DEFAULT, {})
    assert found(routes, "GET", "/") == (DEFAULT, {})


@pytest.mark.parametrize("path", ["/a/", "/a/b/", "/b", "/", "", "/a//"])
def test_a_path_is_taken_as_it_is(path: str) -> None:
    assert Routes(map(route, ["GET /a", "GET /a/{b}"])).match("GET", path) is None


def test_a_greedy_variable_may_be_empty_behind_a_slash() -> None:
    routes = Routes([route("GET /a/{rest+}")])
    assert found(routes, "GET", "/a/") == ("GET /a/{rest+}", {"rest": ""})
    assert routes.match("GET", "/a") is None


@pytest.mark.parametrize(
    ("raw", "path"),
    [("/a%2Fb", "/a/b"), ("/a%20b", "/a b"), ("/a%3Fb/c", "/a"), ("/%C3%A9", "/é"), ("/%", "/%")],
)
def test_a_path_is_decoded(raw: str, path: str) -> None:
    assert decoded(raw) == path


@given(st.text(alphabet="/ab{}+$", max_size=12), st.sampled_from(["GET", "POST", "PURGE"]))
def test_any_path_finds_a_route_or_none(path: str, method: str) -> None:
    match = EXAMPLE.match(method, f"/{path}")
    assert isinstance(match, Match)
    assert Routes([]).match(method, path) is None
