"""Who is at the desk: the name that an auditor gave, kept in a cookie. No authentication."""

import re
from urllib.parse import quote, unquote

COOKIE = "auditor"
NAME_LIMIT = 60

_LOCAL = re.compile(r"/(?:[\w?=&.~:%+-][\w/?=&.~:%+-]*)?", re.ASCII)


class InvalidNameError(ValueError):
    """The name cannot be kept: ask for another."""


def checked_name(text: str) -> str:
    """Give an auditor's name with single blanks between its words.

    Raises:
        InvalidNameError: it is empty, too long, or holds what cannot be seen.
    """
    name = " ".join(text.split())
    if not (0 < len(name) <= NAME_LIMIT and name.isprintable()):
        raise InvalidNameError(f"Give a name of 1 to {NAME_LIMIT} visible characters.")
    return name


def actor(name: str) -> str:
    """Give an auditor as applications and their audit trails name one."""
    return f"auditor:{name}"


def to_cookie(name: str) -> str:
    """Write a name as a cookie's value."""
    return quote(name, safe="")


def from_cookie(value: str | None) -> str | None:
    """Read the name from a cookie's value, `None` where it holds none."""
    try:
        return checked_name(unquote(value or ""))
    except InvalidNameError:
        return None


def local_path(path: str) -> str:
    """Give a path to return to after signing in: the queue for all that is not of this site."""
    return path if _LOCAL.fullmatch(path) else "/"
