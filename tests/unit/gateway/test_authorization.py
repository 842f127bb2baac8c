import asyncio

import pytest

from gateway.authorization import Authorization
from gateway.authorizer import Authorizer, Kind
from gateway.exchange import Exchange, Grant
from gateway.gateway_response import (
    AUTHORIZER_CONFIGURATION_ERROR,
    EXPLICIT_DENY,
    INTEGRATION_FAILURE,
    NO_ALLOW,
    RefusedError,
)
from gateway.lambda_client import Invocation
from tests.gateway_stand import Invocations, answered, exchange, refusal

EVERY_THING = "arn:aws:execute-api:eu-central-1:123456789012:fe92dfe331/v1/POST/things/*"


def token(made: Exchange) -> str | None:
    return made.request.header("authorization")


AUTHORIZER = Authorizer("tokens", Kind.TOKEN, "function-arn", (token,), ttl=300)
CALLER = exchange(("Authorization", "a"))


def policy(effect: str = "Allow", resource: str = EVERY_THING) -> Invocation:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return answered(
        {
            "principalId": "user",
            "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
            "usageIdentifierKey": "the-key",
        }
    )


class Clock:
    """A clock that goes on by a tenth of a second each time it is asked."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.1
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def check(step: Authorization, made: Exchange = CALLER) -> Grant:
    return asyncio.run(step.check(made, AUTHORIZER))


def test_a_caller_is_granted_what_the_function_says(clock: Clock) -> None:
    functions = Invocations(policy())
    assert check(Authorization(functions, clock)) == Grant({"principalId": "user"}, "the-key", 100)
    ((arn, event, kind),) = functions.calls
    assert (arn, kind) == ("function-arn", "RequestResponse")
    assert event["authorizationToken"] == "a"


def test_a_result_is_remembered_for_the_caller_and_judged_for_each_method(clock: Clock) -> None:
    functions = Invocations(policy())
    step = Authorization(functions, clock)
    check(step)
    again = check(step, exchange(("Authorization", "a"), path="/v1/things/2"))
    assert again.latency_ms == 0
    with refusal(NO_ALLOW):
        check(step, exchange(("Authorization", "a"), path="/v1/others"))
    assert len(functions.calls) == 1
    check(step, exchange(("Authorization", "b")))
    assert len(functions.calls) == 2


def test_a_result_is_asked_anew_after_its_time(clock: Clock) -> None:
    functions = Invocations(policy())
    step = Authorization(functions, clock)
    check(step)
    clock.now += 300
    check(step)
    assert len(functions.calls) == 2


def test_a_caller_that_is_denied_is_refused(clock: Clock) -> None:
    with refusal(EXPLICIT_DENY):
        check(Authorization(Invocations(policy("Deny")), clock))


def test_a_function_that_cannot_be_called_is_a_configuration_error(clock: Clock) -> None:
    functions = Invocations(RefusedError(INTEGRATION_FAILURE, "no such function"))
    with pytest.raises(RefusedError, match="tokens: no such function") as caught:
        check(Authorization(functions, clock))
    assert caught.value.response == AUTHORIZER_CONFIGURATION_ERROR
