from gateway.stage import EVERY_METHOD, Stage
from gateway.token_bucket import Limits

ONE, ALL = Limits(1, 1), Limits(2, 2)


def test_a_route_s_own_settings_go_before_those_of_every_method() -> None:
    stage = Stage(
        "v1",
        throttles={EVERY_METHOD: ALL, "/a/GET": ONE},
        detailed_metrics={EVERY_METHOD: True, "/a/GET": False},
    )
    assert (stage.limits("/a/GET"), stage.limits("/b/GET")) == (ONE, ALL)
    assert (stage.has_metrics("/a/GET"), stage.has_metrics("/b/GET")) == (False, True)


def test_a_stage_without_settings_limits_and_details_nothing() -> None:
    assert Stage("v1").limits("/a/GET") is None
    assert not Stage("v1").has_metrics("/a/GET")
