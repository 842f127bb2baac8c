import pytest

from model_server.rows.errors import WrongNamesError
from model_server.rows.names import in_order


def test_values_come_in_the_order_of_the_columns() -> None:
    assert in_order({"debt": 2, "age": 1}, ("age", "debt"), 1) == [1, 2]


def test_only_some_names_are_listed() -> None:
    names = tuple(f"f{number}" for number in range(30))

    with pytest.raises(WrongNamesError) as error:
        in_order({"x" * 99: 1}, names, 4)

    assert str(error.value) == (
        f"row 4: unknown '{'x' * 40}...'; missing 'f0', 'f1', 'f2', 'f3', 'f4' and 25 more"
    )
