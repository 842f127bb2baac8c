import pytest

from gateway.mapping.overrides import Overrides


@pytest.mark.parametrize(
    ("status", "taken"),
    [(444, 444), (200, 200), (199, None), (100, None), (600, None), ("200", None)],
)
def test_a_status_that_is_none_is_ignored(status: object, taken: int | None) -> None:
    overrides = Overrides()
    overrides.response["status"] = status
    assert overrides.status() == taken


def test_without_overrides_there_is_nothing() -> None:
    assert Overrides().status() is None
    assert Overrides().headers() == Overrides().parameters("path") == {}


def test_values_become_texts() -> None:
    overrides = Overrides()
    overrides.response["header"]["X"] = 1
    overrides.request["querystring"]["q"] = 2.5
    assert overrides.headers() == {"X": "1"}
    assert overrides.parameters("querystring") == {"q": "2.5"}
