import pytest

from seed.render.wording import spoken, written


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0"), (42_000, "42,000"), (1234.5, "1,234.50"), (36, "36")]
)
def test_money_is_written_with_thousands_separators(amount: float, text: str) -> None:
    assert written(amount) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (42, "forty two"),
        (100, "one hundred"),
        (846, "eight hundred forty six"),
        (42_000, "forty two thousand"),
        (1_000_001, "one million one"),
        (10**12, "one thousand billion"),
        (12.05, "twelve and five cents"),
    ],
)
def test_a_number_is_said(amount: float, text: str) -> None:
    assert spoken(amount) == text
