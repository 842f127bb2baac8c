"""The rules from an endpoint's name to one variant: no socket, no clock, no dice of its own."""

from collections.abc import Mapping

from hosting.endpoint import Endpoint, Variant
from hosting.errors import ValidationError
from hosting.invocation import ENDPOINT_NAME, TARGET_VARIANT


def find_endpoint(endpoints: Mapping[str, Endpoint], name: str, account_id: str) -> Endpoint:
    """Give the endpoint of that name.

    Raises:
        ValidationError: there is none; AWS's text (aws/amazon-sagemaker-examples #293, #559).
    """
    try:
        return endpoints[name]
    except KeyError:
        text = f"Endpoint {name} of account {account_id} not found."
        raise ValidationError(text, at_fault=(ENDPOINT_NAME.name,)) from None


def choose_variant(endpoint: Endpoint, point: float) -> Variant:
    """Give the variant that a random point from [0, 1) falls on.

    Each takes a stretch as long as its share of the weights, one of weight 0 none
    (ProductionVariant.InitialVariantWeight in the service model, botocore).
    """
    remaining = point * sum(variant.weight for variant in endpoint.variants)
    weighted = [variant for variant in endpoint.variants if variant.weight > 0]
    for variant in weighted:
        remaining -= variant.weight
        if remaining < 0:
            return variant
    # sums of floats may leave a point beside the end of the last stretch
    return weighted[-1]


def target_variant(endpoint: Endpoint, name: str, account_id: str) -> Variant:
    """Give the variant that TargetVariant names, which overrides the weights.

    Raises:
        ValidationError: there is none. AWS's text is not documented; this follows the one for
            an endpoint.
    """
    for variant in endpoint.variants:
        if variant.name == name:
            return variant
    raise ValidationError(
        f"Variant {name} of endpoint {endpoint.name} of account {account_id} not found.",
        at_fault=(TARGET_VARIANT.name,),
    )
