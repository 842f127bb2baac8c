"""Routing: from a name to an endpoint, from a point or a name to a variant and an instance."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.health import Health, State
from hosting.live import Execution, Instance, LiveEndpoint, LiveEndpoints, LiveVariant, Routing
from hosting.runtime.errors import ServiceUnavailableError, ValidationError
from hosting.runtime.routing import (
    check_target_model,
    choose_instance,
    choose_variant,
    containers_asked,
    find_endpoint,
    shadow_takes,
    target_variant,
)
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import in_service, variant, watched

WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=10).filter(any)


def endpoint(*weights: float) -> LiveEndpoint:
    return LiveEndpoint(
        "risk",
        tuple(variant(f"v{place}", weight=weight) for place, weight in enumerate(weights)),
    )


def instances(*outstanding: int) -> LiveVariant:
    """Give a variant with healthy instances that have so many invocations under way."""
    log = ReadableLog()
    found = variant("a", *(watched(MemoryContainer(), log) for _ in outstanding))
    for instance, count in zip(found.instances, outstanding, strict=True):
        instance.outstanding = count
    return found


def state(instance: Instance, health: Health) -> None:
    instance.containers["primary"].health = health


# Endpoints


def test_an_endpoint_is_found_by_its_name() -> None:
    found = endpoint(1)
    assert find_endpoint(in_service(found), "risk", "0") is found


def test_an_unknown_endpoint_is_told_in_aws_words() -> None:
    with pytest.raises(ValidationError) as raised:
        find_endpoint(in_service(endpoint(1)), "fraud", "123456789012")
    assert raised.value.message == "Endpoint fraud of account 123456789012 not found."


def test_an_endpoint_that_is_being_created_is_to_be_asked_again() -> None:
    live = LiveEndpoints(creating={"risk": "container primary is starting"})
    with pytest.raises(ServiceUnavailableError, match="not in service: container primary is"):
        find_endpoint(live, "risk", "0")


# Variants


def test_each_variant_gets_its_share() -> None:
    chosen = Counter(choose_variant(endpoint(9, 0, 1), step / 1000).name for step in range(1000))
    assert chosen == {"v0": 900, "v2": 100}


def test_a_weight_counts_as_soon_as_it_changes() -> None:
    found = endpoint(1, 0)
    found.variants[0].weight, found.variants[1].weight = 0, 1
    assert choose_variant(found, 0.0).name == "v1"


@given(WEIGHTS, st.floats(0, 1, exclude_max=True))
def test_a_chosen_variant_has_weight(weights: list[float], point: float) -> None:
    assert choose_variant(endpoint(*weights), point).weight > 0


def test_a_point_that_rounding_pushes_past_the_end_falls_on_the_last_with_weight() -> None:
    assert choose_variant(endpoint(1, 1, 0), 1.0).name == "v1"


@pytest.mark.parametrize("weights", [(0,), (0, 0)])
def test_without_a_weight_nothing_is_in_service(weights: tuple[float, ...]) -> None:
    with pytest.raises(ServiceUnavailableError, match="has weight 0"):
        choose_variant(endpoint(*weights), 0.5)


def test_a_target_overrides_the_weights() -> None:
    assert target_variant(endpoint(1, 0), "v1", "0").name == "v1"


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(ValidationError) as raised:
        target_variant(endpoint(1), "v9", "123456789012")
    assert raised.value.message == (
        "Variant v9 of endpoint risk of account 123456789012 not found."
    )


# Instances


def test_random_spreads_over_the_instances() -> None:
    found = instances(5, 0, 1)
    chosen = Counter(choose_instance(found, step / 9).name for step in range(9))
    assert chosen == {"a-0": 3, "a-1": 3, "a-2": 3}


def test_the_least_outstanding_instance_is_asked() -> None:
    found = instances(2, 1, 1)
    found.routing = Routing.LEAST_OUTSTANDING_REQUESTS
    chosen = Counter(choose_instance(found, step / 10).name for step in range(10))
    assert chosen == {"a-1": 5, "a-2": 5}


@pytest.mark.parametrize("routing", Routing)
@given(counts=st.lists(st.integers(0, 9), min_size=1), point=st.floats(0, 1, exclude_max=True))
def test_some_instance_is_always_chosen(routing: Routing, counts: list[int], point: float) -> None:
    found = instances(*counts)
    found.routing = routing
    chosen = choose_instance(found, point)
    assert chosen in found.instances
    if routing is Routing.LEAST_OUTSTANDING_REQUESTS:
        assert chosen.outstanding == min(counts)


@pytest.mark.parametrize("health", [Health(), Health(State.UNHEALTHY, 0, "slow")])
def test_an_instance_that_is_not_healthy_is_passed_over(health: Health) -> None:
    found = instances(0, 0)
    state(found.instances[0], health)
    assert {choose_instance(found, point).name for point in (0.0, 0.9)} == {"a-1"}


def test_an_unhealthy_instance_is_tried_where_there_is_no_better() -> None:
    found = instances(0, 0)
    state(found.instances[0], Health())
    state(found.instances[1], Health(State.UNHEALTHY, 0, "slow"))
    assert choose_instance(found, 0.0).name == "a-1"


def test_a_preferred_instance_goes_before_others_if_it_is_healthy() -> None:
    found = instances(0, 0)
    assert choose_instance(found, 0.0, lambda each: each.name == "a-1").name == "a-1"
    state(found.instances[1], Health(State.UNHEALTHY, 0, "slow"))
    assert choose_instance(found, 0.0, lambda each: each.name == "a-1").name == "a-0"


def test_a_variant_that_has_yet_to_answer_is_not_in_service() -> None:
    found = instances(0)
    state(found.instances[0], Health(State.STARTING, 0, "refused"))
    with pytest.raises(ServiceUnavailableError) as raised:
        choose_instance(found, 0.0)
    assert raised.value.message == (
        "Variant a is not in service: container primary of model credit is starting (refused)."
        " Try your call again."
    )


def test_a_variant_without_instances_is_not_in_service() -> None:
    with pytest.raises(ServiceUnavailableError, match="it has no instances"):
        choose_instance(instances(), 0.0)


# The shadow


def test_the_shadow_gets_its_weight_s_share_of_production_s() -> None:
    production, shadow = variant("p", weight=2), variant("s", weight=0.5)
    assert sum(shadow_takes(production, shadow, step / 100) for step in range(100)) == 25
    shadow.weight = 0
    assert not shadow_takes(production, shadow, 0.0)


# Models and containers


def test_a_model_is_targeted_only_where_there_are_several() -> None:
    one, several = variant("a"), variant("b")
    several.multi_model = True
    found = endpoint(1)
    check_target_model(found, one, None, "4bf1")
    check_target_model(found, several, "a.tar.gz", "4bf1")
    with pytest.raises(ValidationError) as raised:
        check_target_model(found, several, None, "4bf1")
    assert raised.value.message == "Request 4bf1 is missing a target model header."
    with pytest.raises(ValidationError) as raised:
        check_target_model(found, one, "a.tar.gz", "4bf1")
    assert raised.value.members() == {
        "ErrorCode": "TARGET_MODEL_HEADER_NOT_SUPPORTED",
        "Message": (
            "Endpoint risk is not a multi-model endpoint and does not support target model header."
        ),
    }


def test_containers_are_asked_in_order_or_the_one_that_is_named() -> None:
    serial, direct = variant("a"), variant("b")
    direct.execution = Execution.DIRECT
    found = endpoint(1)
    assert containers_asked(found, serial, ("x", "y"), None) == ("x", "y")
    assert containers_asked(found, direct, ("x", "y"), "y") == ("y",)


@pytest.mark.parametrize(
    ("execution", "target", "problem"),
    [
        (Execution.SERIAL, "x", "is not configured for direct invocation and does not support"),
        (Execution.DIRECT, None, "TargetContainerHostname must name one of x, y"),
        (Execution.DIRECT, "z", "Container z of endpoint risk not found"),
    ],
)
def test_a_container_is_targeted_only_in_direct_mode(
    execution: Execution, target: str | None, problem: str
) -> None:
    found = variant("a")
    found.execution = execution
    with pytest.raises(ValidationError, match=problem):
        containers_asked(endpoint(1), found, ("x", "y"), target)
