import pytest

from model_server.training import values
from model_server.training.values import Reader


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.whole(1), "300", 300),
        (values.whole(-9), "-3", -3),
        (values.folds, "0", 0),
        (values.folds, "2", 2),
        (values.number(), "1e-3", 0.001),
        (values.number(most=1.0), "1", 1.0),
        (values.one_of("a", "b"), "b", "b"),
        (values.flag, "true", True),
        (values.flag, "false", False),
        (values.some_of("a", "b"), "b, a", ("b", "a")),
        (values.directions, "(-1, 0,+1)", (-1, 0, 1)),
        (values.directions, "(1,)", (1,)),
        (values.groups, "[[0, 1], [2]]", ((0, 1), (2,))),
        (values.names, "age, home=owner", ("age", "home=owner")),
    ],
)
def test_a_value_is_read(read: Reader, text: str, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (values.whole(0), "three", "a whole number"),
        (values.whole(0), "3.0", "a whole number"),
        (values.whole(0), "9" * 19, "a whole number"),
        (values.whole(0), "-1", "a whole number of at least 0"),
        (values.whole(0, 3), "4", "a whole number of at least 0 and at most 3"),
        (values.folds, "1", "0 or a whole number of at least 2"),
        (values.number(), "fast", "a number"),
        (values.number(), "-1", "a number of at least 0"),
        (values.number(), "nan", "a number of at least 0"),
        (values.number(), "inf", "a number of at least 0"),
        (values.number(), "1_0", "a number of at least 0"),
        (values.number(most=1.0, above_least=True), "0", "a number above 0 and at most 1"),
        (
            values.number(1.0, 2.0, above_least=True, below_most=True),
            "2",
            "a number above 1 and below 2",
        ),
        (values.one_of("a", "b"), "c", "a or b"),
        (values.one_of("a", hint="c is gone"), "c", "a (c is gone)"),
        (values.flag, "True", "true or false"),
        (values.some_of("a", "b", hint="no c"), "a,c", "some of a, b, separated by commas (no c)"),
        (values.directions, "-1,0", "-1, 0 or 1 for each column as (-1,0,1)"),
        (values.directions, "(−1,0)", "-1, 0 or 1 for each column as (-1,0,1)"),  # noqa: RUF001 - the typographer's minus
        (values.directions, "(2)", "-1, 0 or 1 for each column as (-1,0,1)"),
        (values.groups, "[0,1]", "lists of columns, counted from 0, as [[0,1],[2,3,4]]"),
        (values.groups, "[[0,-1]]", "lists of columns, counted from 0, as [[0,1],[2,3,4]]"),
        (values.groups, "[[true]]", "lists of columns, counted from 0, as [[0,1],[2,3,4]]"),
        (values.groups, "(0,1)", "lists of columns, counted from 0, as [[0,1],[2,3,4]]"),
        (values.names, "a,a", "different names, separated by commas, without [, ] and <"),
        (values.names, "a,,b", "different names, separated by commas, without [, ] and <"),
        (values.names, "a[0]", "different names, separated by commas, without [, ] and <"),
    ],
)
def test_what_was_expected_is_said(read: Reader, text: str, expected: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - its text is compared
        read(text)

    assert str(error.value) == expected
