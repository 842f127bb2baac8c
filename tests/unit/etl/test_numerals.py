from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.numerals import number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("42", "42"),
        ("-5", "-5"),
        ("+5", "5"),
        ("\N{MINUS SIGN}5", "-5"),
        ("42000", "42000"),
        ("42,000", "42000"),
        ("42.000", "42000"),
        ("42 000", "42000"),
        ("42\N{NO-BREAK SPACE}000", "42000"),
        ("42'000", "42000"),
        ("42\N{RIGHT SINGLE QUOTATION MARK}000", "42000"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1,234.50", "1234.50"),
        ("1234,5", "1234.5"),
        ("0.50", "0.5"),
        ("12,50", "12.5"),
        (" $ 9,000.00 ", "9000"),
        ("9.000 €", "9000"),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "€",
        "forty",
        "1e5",
        "NaN",
        "Infinity",
        "0x10",
        "1,23,456",
        "1,2345",
        "1.234.5",
        "1,234,5",
        "0.500",
        "1.234,567,8",
        "12 months",
        "--5",
        "١٢",
        "1_000",
    ],
)
def test_what_is_no_number_or_could_be_two_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        number(text)


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_grouping_and_the_decimal_sign_do_not_change_a_number(value: Decimal) -> None:
    english = f"{value:,}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert number(english) == number(german) == number(str(value)) == value


@given(st.text())
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        assert number(text).is_finite()
    except ValueError as error:
        assert str(error) == "not a number"  # noqa: PT017 - either is right, and nothing else is
