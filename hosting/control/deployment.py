"""Deployments: what an endpoint is made of, frozen in a document when it is created or updated.

`Config` and `Models` are as they were then; `Variants` tells of each variant its weight and its
instances' names, which change with the endpoint; plan.plan_of reads all of it.
"""

from collections.abc import Collection, Mapping

from hosting.control.api_errors import InvalidRequestError
from hosting.control.endpoint_configs import variants
from hosting.control.json_protocol import Request
from hosting.control.rollout import fresh_name


def deployment(
    endpoint_name: str,
    config: Request,
    models: Mapping[str, Request],
    now: float,
    retained: Mapping[str, Request],
) -> Request:
    """Freeze a configuration; `retained` has the weight and the count that a variant keeps."""
    desired = {}
    for variant in variants(config):
        name = variant["VariantName"]
        kept = retained.get(name, {})
        count = kept.get("Count", variant.get("InitialInstanceCount", 1))
        desired[name] = {
            "Weight": kept.get("Weight", variant["InitialVariantWeight"]),
            "Instances": [fresh_name(endpoint_name, name) for _ in range(count)],
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


def rescaled(
    endpoint_name: str,
    deployed: Request,
    changes: Mapping[str, Request],
    given: Collection[str],
) -> Request:
    """Give a deployment with the DesiredWeight and DesiredInstanceCount of some variants.

    Raises:
        InvalidRequestError: it cannot be like that.
    """
    if unknown := changes.keys() - deployed["Variants"].keys():
        raise InvalidRequestError(
            f"Variant {', '.join(sorted(unknown))} is not one of endpoint {endpoint_name}."
        )
    models = {each["VariantName"]: each["ModelName"] for each in variants(deployed["Config"])}
    changed = {}
    for name, desired in deployed["Variants"].items():
        change = changes.get(name, {})
        instances = desired["Instances"]
        count = change.get("DesiredInstanceCount", len(instances))
        if count != len(instances) and models[name] in given:
            raise InvalidRequestError(cannot_scale(name, models[name]))
        if count == 0:
            raise InvalidRequestError(
                f"DesiredInstanceCount 0 of variant {name} is not supported in this stack."
            )
        added = (fresh_name(endpoint_name, name) for _ in range(count - len(instances)))
        changed[name] = {
            "Weight": change.get("DesiredWeight", desired["Weight"]),
            "Instances": [*instances[:count], *added],
        }
    production = [each["VariantName"] for each in deployed["Config"]["ProductionVariants"]]
    if not any(changed[name]["Weight"] for name in production):
        raise InvalidRequestError(
            "Every weight would be 0: no variant would get an invocation. Leave one above 0."
        )
    return {**deployed, "Variants": changed}


def cannot_scale(variant: str, model: str) -> str:
    """Tell why the instances of a variant are not changed, and what to do."""
    return (
        f"Variant {variant} has one instance and cannot be scaled: the container of model {model}"
        " is given (CONTAINERS), not started here. Update the endpoint to a model with an Image."
    )


def instance_count(deployments: Collection[Request], given: Collection[str]) -> int:
    """Give how many instances deployments have, but for those whose containers are given."""
    return sum(
        len(each["Variants"][variant["VariantName"]]["Instances"])
        for each in deployments
        for variant in variants(each["Config"])
        if variant["ModelName"] not in given
    )
