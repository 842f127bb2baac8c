from model_server.training.parameter_table import (
    ALIASES,
    DART_ONLY,
    NOT_FOR_XGBOOST,
    READERS,
    REFUSED,
    TREES_ONLY,
)


def test_a_name_is_read_or_refused_or_stands_for_another() -> None:
    assert not READERS.keys() & REFUSED.keys()
    assert not ALIASES.keys() & (READERS.keys() | REFUSED.keys())
    assert set(ALIASES.values()) <= READERS.keys()
    assert READERS.keys() >= NOT_FOR_XGBOOST | DART_ONLY | TREES_ONLY
