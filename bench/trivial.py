"""A function that does nothing: the handler that bench/api declares."""

from collections.abc import Mapping
from typing import Any

ANSWER = {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}


def handler(_event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer with the constant."""
    return ANSWER
