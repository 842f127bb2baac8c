"""Numbers as people write and say them."""

# fmt: off
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)
_TENS = (
    "-", "-", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)
# fmt: on
_SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"), (100, "hundred"))


def written(amount: float) -> str:
    """Write money with thousands separators, and with two decimals where it has any: 42,000."""
    return f"{amount:,.2f}".removesuffix(".00")


def spoken(amount: float) -> str:
    """Say money: forty two thousand, or forty two thousand and fifty cents."""
    whole, _, cents = f"{amount:.2f}".partition(".")
    words = _spoken(int(whole))
    return words if cents == "00" else f"{words} and {_spoken(int(cents))} cents"


def _spoken(number: int) -> str:
    for scale, word in _SCALES:
        if number >= scale:
            many, rest = divmod(number, scale)
            return f"{_spoken(many)} {word}" + (f" {_spoken(rest)}" if rest else "")
    if number < len(_SMALL):
        return _SMALL[number]
    tens, ones = divmod(number, 10)
    return _TENS[tens] + (f" {_SMALL[ones]}" if ones else "")
