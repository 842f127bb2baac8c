"""Events and answers between JSON and Python, digit for digit as AWS's runtime for Python 3.13.

Which library and which of its options: aws/aws-lambda-python-runtime-interface-client,
`lambda_runtime_marshaller.py`. So a Decimal keeps its digits, a named tuple becomes an object,
characters beyond ASCII stay themselves, and a number with a point or an exponent is a float.
"""

import math
from decimal import Decimal
from typing import Any

import simplejson
from simplejson.raw_json import RawJSON

from riskstack.emulator.runtime.fault import RuntimeFaultError


def _beyond_json(value: object) -> object:
    if isinstance(value, Decimal):
        # the library's own way with Decimals would write -NaN, which is no JSON anywhere
        return math.nan if value.is_nan() else RawJSON(str(value))
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


_encoder = simplejson.JSONEncoder(
    use_decimal=False, ensure_ascii=False, allow_nan=True, default=_beyond_json
)


def to_json(value: object) -> bytes:
    """Give a value as JSON, in UTF-8."""
    text: str = _encoder.encode(value)
    return text.encode()


def read_event(payload: bytes) -> Any:  # noqa: ANN401 - an event is any JSON
    """Give the event of a payload.

    Raises:
        RuntimeFaultError: it is not JSON.
    """
    try:
        return simplejson.loads(payload)
    except ValueError as error:
        raise RuntimeFaultError("UnmarshalError", f"Unable to unmarshal input: {error}") from error


def write_answer(answer: object) -> bytes:
    """Give the payload for what a handler returned; bytes are given as they are.

    Raises:
        RuntimeFaultError: it cannot be written as JSON.
    """
    if isinstance(answer, bytes):
        return answer
    try:
        return to_json(answer)
    except Exception as error:
        text = f"Unable to marshal response: {error}"
        raise RuntimeFaultError("MarshalError", text) from error
