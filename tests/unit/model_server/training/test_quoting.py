from model_server.training.quoting import quoted


def test_long_quotes_are_cut() -> None:
    assert quoted("three") == "'three'"
    assert quoted(["csv"]) == "['csv']"
    assert quoted("x" * 99) == f"'{'x' * 39}..."
