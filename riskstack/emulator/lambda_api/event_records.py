"""What a destination and a dead letter queue are told of an event. Pure functions.

Shapes: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"; records that
AWS sent (localstack/localstack test_lambda_destinations.snapshot.json).
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskstack.emulator.execution.invocation import Invocation
from riskstack.emulator.function import Result
from riskstack.emulator.lambda_api.event_rules import Condition

LONGEST_ERROR_MESSAGE = 1024
"""Bytes of the attribute ErrorMessage."""


@dataclass(frozen=True, slots=True)
class End:
    """How an event ended."""

    condition: Condition
    invoked: int
    """How often the function was invoked with it."""
    result: Result | None
    """Of the last of them."""


def record(function_arn: str, invocation: Invocation, end: End, now: datetime) -> bytes:
    """Give the record of an event's end, as JSON."""
    context = {
        "requestId": invocation.request_id,
        "functionArn": f"{function_arn}:$LATEST",
        "condition": end.condition,
        "approximateInvokeCount": end.invoked,
    }
    head: dict[str, object] = {
        "version": "1.0",
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "requestContext": context,
    }
    # payloads stand as they were given, so that no number changes
    members = [f"{json.dumps(key)}: {json.dumps(value)}".encode() for key, value in head.items()]
    members.append(b'"requestPayload": ' + invocation.payload)
    if end.result:
        response: dict[str, object] = {"statusCode": 200, "executedVersion": "$LATEST"}
        if end.result.error:
            response["functionError"] = end.result.error
        members.append(b'"responseContext": ' + json.dumps(response).encode())
        members.append(b'"responsePayload": ' + end.result.payload)
    return b"{" + b", ".join(members) + b"}"


def object_key(function: str, now: datetime) -> str:
    """Give the key of a record in a bucket."""
    return f"aws/lambda/async/{function}/{now:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


def dead_letter_attributes(
    invocation: Invocation, result: Result | None
) -> Mapping[str, Mapping[str, Any]]:
    """Give the attributes of a dead letter; the letter itself is the event."""
    attributes = {"RequestID": {"DataType": "String", "StringValue": invocation.request_id}}
    if result:
        message = json.loads(result.payload).get("errorMessage") or " "
        cut = message.encode()[:LONGEST_ERROR_MESSAGE].decode(errors="ignore")
        attributes["ErrorCode"] = {"DataType": "Number", "StringValue": "200"}
        attributes["ErrorMessage"] = {"DataType": "String", "StringValue": cut}
    return attributes
