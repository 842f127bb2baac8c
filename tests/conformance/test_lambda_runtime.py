"""The runtime beside AWS's own client for Python: the same answers, errors and log lines.

awslambdaric is the code that runs in AWS's environments
(aws/aws-lambda-python-runtime-interface-client).
"""

import json
import logging
import sys
import traceback
from collections import namedtuple
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.runtime import fault, handler, logs, marshalling

if sys.platform != "linux":
    pytest.skip("the Runtime Interface Client is there for Linux only", allow_module_level=True)

from awslambdaric import bootstrap
from awslambdaric.lambda_runtime_exception import FaultException
from awslambdaric.lambda_runtime_log_utils import JsonFormatter
from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller


@pytest.fixture
def theirs(monkeypatch: pytest.MonkeyPatch) -> LambdaMarshaller:
    """AWS's marshaller, as it is in the runtime for Python 3.13."""
    monkeypatch.setenv("AWS_EXECUTION_ENV", "AWS_Lambda_python3.13")
    return LambdaMarshaller()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


def test_answers(theirs: LambdaMarshaller) -> None:
    @given(JSON)
    def same(answer: object) -> None:
        ours = marshalling.write_answer(answer)
        expected, _ = theirs.marshal_response(answer)
        assert ours == expected.encode("utf-8", "surrogatepass")

    same()


Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - what a handler may use


@pytest.mark.parametrize(
    "answer", [Pair(1, 2), (1, 2), b"bytes", Decimal("1.10"), Decimal("-NaN"), "é\u2028"]
)
def test_answers_of_other_types(theirs: LambdaMarshaller, answer: object) -> None:
    expected, _ = theirs.marshal_response(answer)
    expected = expected if isinstance(expected, bytes) else expected.encode()
    assert marshalling.write_answer(answer) == expected


@pytest.mark.parametrize("answer", [object(), {1, 2}, datetime(2026, 1, 2, tzinfo=UTC), {"a": 1j}])
def test_answers_that_are_refused(theirs: LambdaMarshaller, answer: object) -> None:
    with pytest.raises(FaultException) as expected:
        theirs.marshal_response(answer)
    with pytest.raises(fault.RuntimeFaultError) as refusal:
        marshalling.write_answer(answer)
    assert refusal.value.kind == expected.value.exception_type
    assert str(refusal.value) == expected.value.msg


@pytest.mark.parametrize("payload", [b'{"a": 1.10}', b"1e3", b"123456789012345678901"])
def test_events(theirs: LambdaMarshaller, payload: bytes) -> None:
    assert marshalling.read_event(payload) == theirs.unmarshal_request(payload)


@pytest.mark.parametrize("payload", [b"[", b"x", b"", b"NaN"])
def test_events_that_are_no_json(theirs: LambdaMarshaller, payload: bytes) -> None:
    with pytest.raises(FaultException) as expected:
        theirs.unmarshal_request(payload)
    with pytest.raises(fault.RuntimeFaultError) as refusal:
        marshalling.read_event(payload)
    assert refusal.value.kind == expected.value.exception_type
    assert str(refusal.value) == expected.value.msg


@pytest.mark.parametrize(
    "name",
    ["nodot", "sys.handler", "absent_module.handler", "wrong.handler", "broken.handler", "a/b.c"],
)
def test_handlers_that_cannot_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / "wrong.py").write_text("")
    (tmp_path / "broken.py").write_text("def handler(:")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(FaultException) as expected:
        bootstrap._get_handler(name)
    with pytest.raises(fault.RuntimeFaultError) as refusal:
        handler.find(name)
    assert refusal.value.kind == expected.value.exception_type
    assert str(refusal.value) == expected.value.msg
    assert list(refusal.value.trace) == list(expected.value.trace or [])


def raised(call: Callable[[], object]) -> Exception:
    """Give what a call raises."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


class Sink:
    """Takes AWS's lines."""

    def __init__(self) -> None:
        self.text = ""

    def log_error(self, lines: list[str]) -> None:
        self.text = "\n".join(lines) + "\n"


def test_the_log_of_an_error() -> None:
    def fail() -> None:
        wrong = {"no good": [1 / 0]}
        raise AssertionError(wrong)

    error = raised(fail)
    document = fault.document(error, "r-1", __file__)
    frames = bootstrap.extract_traceback(error.__traceback__)
    assert document["stackTrace"] == traceback.format_list(frames[-1:])
    sink = Sink()
    bootstrap.log_error(dict(document), sink)
    assert fault.as_log(document, as_json=False) == sink.text


@pytest.mark.parametrize("extra", [{}, {"a": 1, "b": object}])
@pytest.mark.parametrize("failed", [False, True])
def test_json_log_lines(extra: dict[str, Any], failed: bool) -> None:
    try:
        _ = 1 / (0 if failed else 1)
        exc_info: Any = None
    except ZeroDivisionError:
        exc_info = sys.exc_info()
    record = logging.getLogger("own").makeRecord(
        "own", logging.WARNING, "code.py", 7, "of %s", ("é",), exc_info, "run", extra
    )
    record.aws_request_id = "r-1"
    ours: Any = json.loads(logs.JsonFormatter().format(record))
    expected = json.loads(JsonFormatter().format(record))
    assert ours == expected
