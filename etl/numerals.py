"""Numbers as people write them. Not: what a number may be for a question (answers)."""

import re
import unicodedata
from decimal import Decimal

_NUMERAL = re.compile(
    r"""
    (?P<sign>[-+]?)
    (?:
        (?P<grouped>[1-9]\d{0,2}(?:(?P<mark>[.,' ])\d{3})(?:(?P=mark)\d{3})*)
        | (?P<plain>\d+)
    )
    (?:(?P<point>[.,])(?P<decimals>\d{1,2}))?
    """,
    re.ASCII | re.VERBOSE,
)
_PLAIN_FORMS = str.maketrans({"\N{MINUS SIGN}": "-", "\N{RIGHT SINGLE QUOTATION MARK}": "'"})


def number(text: str) -> Decimal:
    """Read a number with or without thousands separators, currency sign and decimals.

    Separators are `.`, `,`, `'` and spaces, the decimal sign is `.` or `,`. A mark before exactly
    three digits groups thousands, since no money has three decimals: `42,000` and `42.000` are
    both forty-two thousand.

    Raises:
        ValueError: it is no number, or one that could be read in two ways.
    """
    plain = "".join(
        " " if unicodedata.category(sign) == "Zs" else sign
        for sign in text.translate(_PLAIN_FORMS)
        if unicodedata.category(sign) != "Sc"
    )
    found = _NUMERAL.fullmatch(plain.strip())
    if found is None or (found["mark"] and found["mark"] == found["point"]):
        raise ValueError("not a number")
    whole = found["plain"] or found["grouped"].replace(found["mark"], "")
    return Decimal(f"{found['sign']}{whole}.{found['decimals'] or 0}")
