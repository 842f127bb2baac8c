import time

import pytest

from riskstack.emulator.runtime.context import Context, client_context, make

ENVIRON = {
    "AWS_LAMBDA_FUNCTION_NAME": "f",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
    "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
}


def context(deadline_ms: int) -> Context:
    return make(ENVIRON, {"request_id": "r-1", "arn": "arn", "deadline_ms": deadline_ms})


def test_members() -> None:
    made = context(1)
    assert (made.function_name, made.memory_limit_in_mb) == ("f", "128")
    assert (made.aws_request_id, made.invoked_function_arn) == ("r-1", "arn")
    assert (made.client_context, made.tenant_id) == (None, None)
    assert made.identity.cognito_identity_id is None


def test_the_time_left_never_goes_below_zero() -> None:
    assert context(1).get_remaining_time_in_millis() == 0
    left = context(int(time.time() * 1000) + 60_000).get_remaining_time_in_millis()
    assert 0 < left <= 60_000


def test_log_writes_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    context(1).log("no line end")
    assert capsys.readouterr().out == "no line end"


def test_a_client_context_without_a_client() -> None:
    made = client_context({"custom": {"a": 1}})
    assert made
    assert (made.client, made.env, made.custom) == (None, None, {"a": 1})
