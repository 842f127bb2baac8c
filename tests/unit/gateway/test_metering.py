from datetime import UTC, datetime

import pytest

from gateway.api_keys import ApiKey
from gateway.deployment import Route
from gateway.gateway_response import FORBIDDEN, QUOTA_EXCEEDED, THROTTLED, RefusedError
from gateway.metering import Meter
from gateway.quota import Period, QuotaSettings
from gateway.stage import EVERY_METHOD, Stage, UsagePlan
from gateway.token_bucket import Limits
from tests.gateway_stand import NoIntegration, refusal

AT = datetime(2026, 3, 4, tzinfo=UTC).timestamp()
ONE = ApiKey.of("the-key-of-one-client")
OTHER = ApiKey.of("the-key-of-another")
OPEN = Route("GET", "/open", "abc123", NoIntegration())
KEYED = Route("POST", "/things", "abc123", NoIntegration(), needs_api_key=True)
ANOTHER = Route("GET", "/others", "abc123", NoIntegration(), needs_api_key=True)
GENEROUS = Limits(rate=1000, burst=1000)
ONCE = Limits(rate=1, burst=1)


def plan(
    throttle: Limits | None = None,
    quota: QuotaSettings | None = None,
    **methods: Limits,
) -> UsagePlan:
    return UsagePlan(
        "clients", (ONE, OTHER), throttle, {f"/{k}/POST": v for k, v in methods.items()}, quota
    )


def meter(*plans: UsagePlan, **throttles: Limits) -> Meter:
    limits = {key.replace("every", EVERY_METHOD): value for key, value in throttles.items()}
    return Meter(Stage("v1", throttles=limits, plans=plans))


def admit(stage: Meter, route: Route, key: ApiKey | None, now: float = 0.0) -> None:
    stage.admit(route, key, now, AT)


def test_a_known_key_is_found() -> None:
    assert meter(plan()).find_key(KEYED, ONE.value) == ONE


@pytest.mark.parametrize("value", [None, "", "another"])
def test_a_key_that_is_missing_or_unknown_is_forbidden(value: str | None) -> None:
    with refusal(FORBIDDEN):
        meter(plan()).find_key(KEYED, value)


def test_a_route_without_keys_looks_at_none() -> None:
    assert meter(plan()).find_key(OPEN, ONE.value) is None


def test_a_client_is_held_to_its_own_limit() -> None:
    stage = meter(plan(throttle=ONCE))
    admit(stage, KEYED, ONE)
    with refusal(THROTTLED):
        admit(stage, ANOTHER, ONE)
    admit(stage, KEYED, OTHER)
    admit(stage, KEYED, ONE, now=1.0)


def test_a_client_is_held_to_its_limit_for_a_method() -> None:
    stage = meter(plan(throttle=GENEROUS, things=ONCE))
    admit(stage, KEYED, ONE)
    with refusal(THROTTLED):
        admit(stage, KEYED, ONE)
    admit(stage, ANOTHER, ONE)
    admit(stage, KEYED, OTHER)


def test_a_stage_s_limit_is_each_method_s_and_all_clients() -> None:
    stage = meter(plan(), every=ONCE)
    admit(stage, KEYED, ONE)
    with refusal(THROTTLED):
        admit(stage, KEYED, OTHER)
    admit(stage, ANOTHER, OTHER)
    admit(stage, OPEN, None)
    with refusal(THROTTLED):
        admit(stage, OPEN, None)


def test_a_method_s_own_limit_goes_before_that_of_every_method() -> None:
    stage = Meter(Stage("v1", throttles={EVERY_METHOD: ONCE, "/open/GET": GENEROUS}))
    admit(stage, OPEN, None)
    admit(stage, OPEN, None)


def test_the_account_has_a_limit_of_its_own() -> None:
    stage = meter()
    for _ in range(5000):
        admit(stage, OPEN, None)
    with pytest.raises(RefusedError, match="over 10000 a second: account"):
        admit(stage, OPEN, None)


def test_limits_are_looked_at_in_aws_s_order() -> None:
    stage = meter(plan(throttle=ONCE, quota=QuotaSettings(0, Period.DAY), things=ONCE), every=ONCE)
    with refusal(QUOTA_EXCEEDED):
        admit(stage, KEYED, ONE)
    with pytest.raises(RefusedError, match=f"over 1 a second: {ONE.key_id} /things/POST"):
        admit(stage, KEYED, ONE)


def test_a_throttled_request_does_not_use_the_quota_up() -> None:
    stage = meter(plan(throttle=ONCE, quota=QuotaSettings(2, Period.DAY)))
    admit(stage, KEYED, ONE)
    with refusal(THROTTLED):
        admit(stage, KEYED, ONE)
    admit(stage, KEYED, ONE, now=1.0)
    with refusal(QUOTA_EXCEEDED):
        admit(stage, KEYED, ONE, now=2.0)


def test_each_client_has_its_own_quota() -> None:
    stage = meter(plan(quota=QuotaSettings(1, Period.DAY)))
    admit(stage, KEYED, ONE)
    admit(stage, KEYED, OTHER)
    with refusal(QUOTA_EXCEEDED):
        admit(stage, KEYED, OTHER)
