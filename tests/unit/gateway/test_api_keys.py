import pytest

from gateway.api_keys import ApiKey, ApiKeys

KEYS = ApiKeys(map(ApiKey.of, ["first-key", "second-key", "schlüssel"]))


@pytest.mark.parametrize("value", ["first-key", "second-key", "schlüssel"])
def test_a_known_key_is_found(value: str) -> None:
    key = KEYS.find(value)
    assert key is not None
    assert key.value == value


@pytest.mark.parametrize("value", [None, "", "first-ke", "first-key ", "FIRST-KEY"])
def test_another_key_is_not(value: str | None) -> None:
    assert KEYS.find(value) is None


def test_an_id_is_short_stable_and_tells_nothing_of_its_key() -> None:
    first, again, second = (KEYS.find(value) for value in ("first-key", "first-key", "second-key"))
    assert first is not None
    assert second is not None
    assert first == again
    assert first.key_id != second.key_id
    assert len(first.key_id) == 10
    assert "first" not in first.key_id
