"""A function that does nothing: the handler that bench/api declares."""

import json
from collections.abc import Mapping
from typing import Any

ANSWER = {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": "{}"}


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    """Answer with the constant; where there is a query string, with the event."""
    if event["queryStringParameters"]:
        return {**ANSWER, "body": json.dumps(event)}
    return ANSWER
