"""Headers that can be sent: what HTTP allows in a name and a value."""

import re

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


def is_sendable(name: str, value: str) -> bool:
    """Tell whether a header can be sent: no line ends, nothing over one byte (RFC 9110)."""
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))
