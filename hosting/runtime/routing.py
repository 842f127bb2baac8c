"""The rules from an endpoint's name to one instance: no socket, no clock, no dice of its own.

A point is a random number from [0, 1) that the caller draws.
"""

from collections.abc import Callable, Sequence

from hosting.health import State
from hosting.live import (
    Execution,
    Instance,
    LiveEndpoint,
    LiveEndpoints,
    LiveVariant,
    Routing,
)
from hosting.runtime.errors import ServiceUnavailableError, ValidationError
from hosting.runtime.members import (
    ENDPOINT_NAME,
    TARGET_CONTAINER,
    TARGET_MODEL,
    TARGET_VARIANT,
)


def find_endpoint(endpoints: LiveEndpoints, name: str, account_id: str) -> LiveEndpoint:
    """Give the endpoint of that name.

    Raises:
        ValidationError: there is none; AWS's text (aws/amazon-sagemaker-examples #293, #559).
        ServiceUnavailableError: it is being created. AWS's answer is not documented; this is the
            one that tells SDKs to try again.
    """
    endpoint = endpoints.in_service.get(name)
    if endpoint is not None:
        return endpoint
    if name in endpoints.creating:
        raise ServiceUnavailableError(
            f"Endpoint {name} of account {account_id} is not in service:"
            f" {endpoints.creating[name]}. Try your call again."
        )
    text = f"Endpoint {name} of account {account_id} not found."
    raise ValidationError(text, at_fault=(ENDPOINT_NAME.name,))


def choose_variant(endpoint: LiveEndpoint, point: float) -> LiveVariant:
    """Give the variant that a point falls on.

    Each takes a stretch as long as its share of the weights, one of weight 0 none
    (ProductionVariant.InitialVariantWeight in the service model, botocore).

    Raises:
        ServiceUnavailableError: no variant has a weight.
    """
    if len(endpoint.variants) == 1 and endpoint.variants[0].weight > 0:
        return endpoint.variants[0]
    weighted = [variant for variant in endpoint.variants if variant.weight > 0]
    if not weighted:
        raise ServiceUnavailableError(
            f"Every variant of endpoint {endpoint.name} has weight 0: none takes invocations."
        )
    remaining = point * sum(variant.weight for variant in weighted)
    for variant in weighted:
        remaining -= variant.weight
        if remaining < 0:
            return variant
    # sums of floats may leave a point beside the end of the last stretch
    return weighted[-1]


def target_variant(endpoint: LiveEndpoint, name: str, account_id: str) -> LiveVariant:
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
        at_fault=(TARGET_VARIANT,),
    )


def choose_instance(
    variant: LiveVariant, point: float, prefer: Callable[[Instance], bool] | None = None
) -> Instance:
    """Give the instance of a variant that takes an invocation.

    Those whose containers are all healthy go before others, then those that are preferred. An
    unhealthy one still is tried where there is none better: it may be well again.

    Raises:
        ServiceUnavailableError: there is none whose containers have ever answered.
    """
    candidates = variant.instances
    if len(candidates) != 1 or not is_healthy(candidates[0]):
        candidates = _best(variant)
    if prefer is not None:
        candidates = [each for each in candidates if prefer(each)] or candidates
    if len(candidates) == 1:
        return candidates[0]
    if variant.routing is Routing.LEAST_OUTSTANDING_REQUESTS:
        fewest = min(each.outstanding for each in candidates)
        candidates = [each for each in candidates if each.outstanding == fewest]
    return candidates[int(point * len(candidates))]


def shadow_takes(production: LiveVariant, shadow: LiveVariant, point: float) -> bool:
    """Tell whether the shadow variant gets a copy: its share is its weight to production's."""
    return point * production.weight < shadow.weight


def check_target_model(
    endpoint: LiveEndpoint, variant: LiveVariant, target: str | None, request_id: str
) -> None:
    """Check that a model is targeted where, and only where, there are several.

    Raises:
        ValidationError: AWS's texts (aws/amazon-sagemaker-examples #1026, #1216;
            aws/sagemaker-tensorflow-serving-container #166).
    """
    if variant.multi_model is (target is not None):
        return
    if target is None:
        raise ValidationError(
            f"Request {request_id} is missing a target model header.", at_fault=(TARGET_MODEL,)
        )
    raise ValidationError(
        f"Endpoint {endpoint.name} is not a multi-model endpoint and does not support target model"
        " header.",
        "TARGET_MODEL_HEADER_NOT_SUPPORTED",
        (TARGET_MODEL,),
    )


def containers_asked(
    endpoint: LiveEndpoint, variant: LiveVariant, hostnames: Sequence[str], target: str | None
) -> Sequence[str]:
    """Give the hostnames of the containers that an invocation goes through, in order.

    Raises:
        ValidationError: a container is targeted where none may be, or none where one must be (AWS
            developer guide, multi-container-direct: it names the three cases, not their texts).
    """
    if variant.execution is Execution.SERIAL:
        if target is None:
            return hostnames
        problem = "is not configured for direct invocation and does not support"
        raise _not_direct(f"Endpoint {endpoint.name} {problem} TargetContainerHostname.")
    if target is None:
        raise _not_direct(
            f"Endpoint {endpoint.name} is configured for direct invocation:"
            f" TargetContainerHostname must name one of {', '.join(hostnames)}."
        )
    if target not in hostnames:
        raise _not_direct(f"Container {target} of endpoint {endpoint.name} not found.")
    return (target,)


def _not_direct(text: str) -> ValidationError:
    return ValidationError(text, at_fault=(TARGET_CONTAINER,))


def _best(variant: LiveVariant) -> list[Instance]:
    healthy = [each for each in variant.instances if is_healthy(each)]
    if healthy:
        return healthy
    reasons = [_starting(variant, each) for each in variant.instances]
    if started := [
        each for each, reason in zip(variant.instances, reasons, strict=True) if reason is None
    ]:
        return started
    why = next((reason for reason in reasons if reason), "it has no instances")
    raise ServiceUnavailableError(
        f"Variant {variant.name} is not in service: {why}. Try your call again."
    )


def is_healthy(instance: Instance) -> bool:
    """Tell whether all containers of an instance are."""
    for container in instance.containers.values():
        if container.health.state is not State.HEALTHY:
            return False
    return True


def _starting(variant: LiveVariant, instance: Instance) -> str | None:
    """Tell which container never answered, or None where all did once."""
    for hostname, container in instance.containers.items():
        if container.health.state is State.STARTING:
            return (
                f"container {hostname} of model {variant.model_name} is starting"
                f" ({container.health.reason})"
            )
    return None
