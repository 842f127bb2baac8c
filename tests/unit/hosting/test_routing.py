"""Routing: from a name to an endpoint, from a point or a name to a variant."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.endpoint import Endpoint, Model, Variant
from hosting.errors import ValidationError
from hosting.routing import choose_variant, find_endpoint, target_variant

MODEL = Model("credit", "primary")
WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=10).filter(any)


def endpoint(*weights: float) -> Endpoint:
    return Endpoint(
        "risk", tuple(Variant(f"v{place}", MODEL, weight) for place, weight in enumerate(weights))
    )


def test_an_endpoint_is_found_by_its_name() -> None:
    assert find_endpoint({"risk": endpoint(1)}, "risk", "0") == endpoint(1)


def test_an_unknown_endpoint_is_told_in_aws_words() -> None:
    with pytest.raises(ValidationError) as raised:
        find_endpoint({"risk": endpoint(1)}, "fraud", "123456789012")
    assert raised.value.message == "Endpoint fraud of account 123456789012 not found."


def test_each_variant_gets_its_share() -> None:
    chosen = Counter(choose_variant(endpoint(9, 0, 1), step / 1000).name for step in range(1000))
    assert chosen == {"v0": 900, "v2": 100}


@given(WEIGHTS, st.floats(0, 1, exclude_max=True))
def test_a_chosen_variant_has_weight(weights: list[float], point: float) -> None:
    assert choose_variant(endpoint(*weights), point).weight > 0


def test_a_point_that_rounding_pushes_past_the_end_falls_on_the_last_with_weight() -> None:
    assert choose_variant(endpoint(1, 1, 0), 1.0).name == "v1"


def test_a_target_overrides_the_weights() -> None:
    assert target_variant(endpoint(1, 0), "v1", "0").name == "v1"


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(ValidationError) as raised:
        target_variant(endpoint(1), "v9", "123456789012")
    assert raised.value.message == (
        "Variant v9 of endpoint risk of account 123456789012 not found."
    )
