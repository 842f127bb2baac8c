"""What DescribeEndpoint answers, of an endpoint's document and of what is in service."""

from collections.abc import Iterator, Mapping

from hosting.control.endpoint_configs import variants
from hosting.control.json_protocol import Request
from hosting.control.plan import VariantPlan, plan_of
from hosting.control.records import Status
from hosting.control.rollout import variants_of
from hosting.live import LiveEndpoint
from hosting.store import Document

_KEPT = (
    "EndpointName",
    "EndpointArn",
    "EndpointConfigName",
    "EndpointStatus",
    "FailureReason",
    "CreationTime",
    "LastModifiedTime",
)


def describe(record: Request, live: LiveEndpoint | None) -> Document:
    """Give the members of DescribeEndpoint's answer."""
    description = {member: record[member] for member in _KEPT if member in record}
    if "Deployed" in record:
        description |= _deployed(record, live)
    if "Pending" in record and record["EndpointStatus"] in {Status.CREATING, Status.UPDATING}:
        description["PendingDeploymentSummary"] = _pending(record)
    return description


def _deployed(record: Request, live: LiveEndpoint | None) -> Document:
    deployed = record["Deployed"]
    config = deployed["Config"]
    plan = plan_of(record["EndpointName"], deployed)
    current = {each.name: len(each.instances) for each in (variants_of(live) if live else ())}
    description: dict[str, object] = {
        "ProductionVariants": list(_summaries(plan.variants, deployed, current))
    }
    if plan.shadow:
        description["ShadowProductionVariants"] = list(
            _summaries((plan.shadow,), deployed, current)
        )
    if capture := config.get("DataCaptureConfig"):
        enabled = plan.capture is not None
        description["DataCaptureConfig"] = {
            "EnableCapture": enabled,
            "CaptureStatus": "Started" if enabled else "Stopped",
            "CurrentSamplingPercentage": capture["InitialSamplingPercentage"],
            "DestinationS3Uri": capture["DestinationS3Uri"],
            "KmsKeyId": "",
        }
    if "AsyncInferenceConfig" in config:
        description["AsyncInferenceConfig"] = config["AsyncInferenceConfig"]
    return description


def _summaries(
    plans: tuple[VariantPlan, ...], deployed: Request, current: Mapping[str, int]
) -> Iterator[Document]:
    routing = {v["VariantName"]: v.get("RoutingConfig") for v in variants(deployed["Config"])}
    for plan in plans:
        summary: dict[str, object] = {
            "VariantName": plan.name,
            "DeployedImages": [
                {
                    "SpecifiedImage": container.image,
                    "ResolvedImage": container.image,
                    "ResolutionTime": deployed["ResolutionTime"],
                }
                for container in plan.containers
                if container.image
            ],
            "CurrentWeight": plan.weight,
            "DesiredWeight": plan.weight,
            "CurrentInstanceCount": current.get(plan.name, 0),
            "DesiredInstanceCount": len(plan.instances),
        }
        if routing[plan.name]:
            summary["RoutingConfig"] = routing[plan.name]
        yield summary


def _pending(record: Request) -> Document:
    pending = record["Pending"]
    plan = plan_of(record["EndpointName"], pending)
    status = record["EndpointStatus"]
    summary: dict[str, object] = {
        "EndpointConfigName": pending["Config"]["EndpointConfigName"],
        "StartTime": pending["ResolutionTime"],
        "ProductionVariants": [_pending_variant(each, status) for each in plan.variants],
    }
    if plan.shadow:
        summary["ShadowProductionVariants"] = [_pending_variant(plan.shadow, status)]
    return summary


def _pending_variant(plan: VariantPlan, status: str) -> Document:
    return {
        "VariantName": plan.name,
        "DesiredWeight": plan.weight,
        "DesiredInstanceCount": len(plan.instances),
        "VariantStatus": [{"Status": status}],
    }
