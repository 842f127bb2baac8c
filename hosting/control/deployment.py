"""Deployments: what an endpoint is made of, frozen in a document when it is created or updated.

`Config` and `Models` are as they were then; `Variants` tells of each variant its weight and its
instances' names, which change with the endpoint; plan.plan_of reads all of it. The counts of
instances can be had before there are names: a client may ask for any number.
"""

from collections.abc import Collection, Mapping

from hosting.control.api_errors import InvalidRequestError
from hosting.control.endpoint_configs import variants
from hosting.control.json_protocol import Request
from hosting.control.rollout import fresh_name


def counts(config: Request, retained: Mapping[str, Request]) -> Mapping[str, int]:
    """Give how many instances each variant of a configuration gets; see `deployment`."""
    return {
        name: retained.get(name, {}).get("Count", variant.get("InitialInstanceCount", 1))
        for variant in variants(config)
        for name in (variant["VariantName"],)
    }


def deployment(
    endpoint_name: str,
    config: Request,
    models: Mapping[str, Request],
    now: float,
    retained: Mapping[str, Request],
) -> Request:
    """Freeze a configuration; `retained` has the weight and the count that a variant keeps."""
    desired = {}
    wanted = counts(config, retained)
    for variant in variants(config):
        name = variant["VariantName"]
        desired[name] = {
            "Weight": retained.get(name, {}).get("Weight", variant["InitialVariantWeight"]),
            "Instances": [fresh_name(endpoint_name, name) for _ in range(wanted[name])],
        }
    return {
        "Config": config,
        "Models": dict(models),
        "Variants": desired,
        "ResolutionTime": now,
    }


def retained(deployed: Request, left_out: Collection[str]) -> Mapping[str, Request]:
    """Give what RetainAllVariantProperties keeps of each variant (botocore, VariantProperty)."""
    return {
        name: {
            **({} if "DesiredWeight" in left_out else {"Weight": desired["Weight"]}),
            **({} if "DesiredInstanceCount" in left_out else {"Count": len(desired["Instances"])}),
        }
        for name, desired in deployed["Variants"].items()
    }


def with_capture_of(deployed: Request, config: Request) -> Request:
    """Give a configuration with the DataCaptureConfig that is in service in place of its own."""
    changed = {member: value for member, value in config.items() if member != "DataCaptureConfig"}
    capture = deployed["Config"].get("DataCaptureConfig")
    return {**changed, "DataCaptureConfig": capture} if capture else changed


def rescaled_counts(
    endpoint_name: str,
    deployed: Request,
    changes: Mapping[str, Request],
    given: Collection[str],
) -> Mapping[str, int]:
    """Give how many instances each variant has after the changes that `rescaled` makes.

    Raises:
        InvalidRequestError: it cannot be like that.
    """
    if unknown := changes.keys() - deployed["Variants"].keys():
        raise InvalidRequestError(
            f"Variant {', '.join(sorted(unknown))} is not one of endpoint {endpoint_name}."
        )
    models = {each["VariantName"]: each["ModelName"] for each in variants(deployed["Config"])}
    wanted = {}
    for name, desired in deployed["Variants"].items():
        before = len(desired["Instances"])
        count = wanted[name] = changes.get(name, {}).get("DesiredInstanceCount", before)
        if count != before and models[name] in given:
            raise InvalidRequestError(cannot_scale(name, models[name]))
        if count == 0:
            raise InvalidRequestError(
                f"DesiredInstanceCount 0 of variant {name} is not supported in this stack."
            )
    production = [each["VariantName"] for each in deployed["Config"]["ProductionVariants"]]
    if not any(_weight(deployed, changes, name) for name in production):
        raise InvalidRequestError(
            "Every weight would be 0: no variant would get an invocation. Leave one above 0."
        )
    return wanted


def rescaled(
    endpoint_name: str,
    deployed: Request,
    changes: Mapping[str, Request],
    wanted: Mapping[str, int],
) -> Request:
    """Give a deployment with the DesiredWeight of some variants, and with `rescaled_counts`."""
    changed = {}
    for name, desired in deployed["Variants"].items():
        instances = desired["Instances"]
        added = (fresh_name(endpoint_name, name) for _ in range(wanted[name] - len(instances)))
        changed[name] = {
            "Weight": _weight(deployed, changes, name),
            "Instances": [*instances[: wanted[name]], *added],
        }
    return {**deployed, "Variants": changed}


def cannot_scale(variant: str, model: str) -> str:
    """Tell why the instances of a variant are not changed, and what to do."""
    return (
        f"Variant {variant} has one instance and cannot be scaled: the container of model {model}"
        " is given (CONTAINERS), not started here. Update the endpoint to a model with an Image."
    )


def started(config: Request, counts: Mapping[str, int], given: Collection[str]) -> int:
    """Sum up the instances of a configuration's variants, but for those that are given."""
    return sum(
        counts[variant["VariantName"]]
        for variant in variants(config)
        if variant["ModelName"] not in given
    )


def instance_count(deployed: Request, given: Collection[str]) -> int:
    """Give how many instances a deployment has, but for those whose containers are given."""
    there = {name: len(each["Instances"]) for name, each in deployed["Variants"].items()}
    return started(deployed["Config"], there, given)


def _weight(deployed: Request, changes: Mapping[str, Request], name: str) -> float:
    before = deployed["Variants"][name]["Weight"]
    weight: float = changes.get(name, {}).get("DesiredWeight", before)
    return weight
