"""Verdicts on what an image may claim: the port of a pipeline, two optional paths."""

import json

from prometheus_client.parser import text_string_to_metric_families

from image_check.check import (
    Check,
    Level,
    Verdict,
    fails,
    holds,
    holds_if,
    not_checked,
    not_claimed,
)
from image_check.seen import Answer, NoReply, Reply, Seen
from image_check.verdicts.ping import NOT_UP

BIND_TO_PORT = "com.amazonaws.sagemaker.capabilities.accept-bind-to-port"
STRATEGIES = frozenset({"SINGLE_RECORD", "MULTI_RECORD"})
MAX_PAYLOAD_MB = 100
"""Also the limit of the product of payload and concurrent transforms (AWS-batch)."""
_ABSENT = frozenset({404, 405})
_OK = 200


def claims(seen: Seen, label: str) -> bool:
    """Tell whether the image has a capability's label."""
    return seen.image.labels.get(label, "").lower() == "true"


def _binds(seen: Seen) -> Verdict:
    if not claims(seen, BIND_TO_PORT):
        return not_claimed(f"no label {BIND_TO_PORT}")
    if seen.other_port is None:
        return not_checked(NOT_UP)
    return holds_if(seen.other_port.ready, f"{seen.other_port.with_log()}, on that port")


def _execution_parameters(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    answer = seen.served.execution_parameters
    return _absent_or_wrong(answer) or _judge_parameters(answer)


def _metrics(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    answer = seen.served.metrics
    return _absent_or_wrong(answer) or _judge_metrics(answer)


def _absent_or_wrong(answer: Answer) -> Verdict | None:
    """Judge an answer that is not a 200."""
    if isinstance(answer, NoReply):
        return fails(str(answer))
    if answer.status in _ABSENT:
        return not_claimed(f"{answer.status}: there is no such path")
    return None if answer.status == _OK else fails(str(answer))


def _judge_parameters(answer: Answer) -> Verdict:
    try:
        found = json.loads(_text(answer))
    except ValueError as error:
        return fails(f"no JSON: {error}")
    if not isinstance(found, dict):
        return fails("no JSON object")
    complaint = _complaint(
        found.get("MaxConcurrentTransforms", 1),
        found.get("MaxPayloadInMB", 6),
        found.get("BatchStrategy", "MULTI_RECORD"),
    )
    return fails(complaint) if complaint else holds(json.dumps(found))


def _complaint(transforms: object, payload: object, strategy: object) -> str | None:
    """Say which parameter SageMaker would refuse, None where it would take them all."""
    if type(transforms) is not int or transforms < 0:
        return f"MaxConcurrentTransforms: {transforms!r} is no number of requests"
    if type(payload) is not int or not 0 <= payload <= MAX_PAYLOAD_MB:
        return f"MaxPayloadInMB: {payload!r} is not from 0 to {MAX_PAYLOAD_MB}"
    if transforms * payload > MAX_PAYLOAD_MB:
        return f"MaxConcurrentTransforms x MaxPayloadInMB: {transforms} x {payload} is over 100"
    if strategy not in STRATEGIES:
        return f"BatchStrategy: {strategy!r} is none of {', '.join(sorted(STRATEGIES))}"
    return None


def _judge_metrics(answer: Answer) -> Verdict:
    try:
        families = list(text_string_to_metric_families(_text(answer)))
    except ValueError as error:
        return fails(f"no Prometheus text: {error}")
    samples = sum(len(family.samples) for family in families)
    return holds_if(samples > 0, f"{samples} samples of {len(families)} metrics")


def _text(answer: Answer) -> str:
    """Give the body. Raises UnicodeDecodeError, a ValueError."""
    return answer.body.decode("utf-8") if isinstance(answer, Reply) else ""


CHECKS = (
    Check(
        "bind-to-port",
        "with the label accept-bind-to-port, listens on SAGEMAKER_BIND_TO_PORT",
        "AWS-pipelines",
        Level.CLAIMED,
        "Every container of an inference pipeline but one fails its health check.",
        _binds,
    ),
    Check(
        "execution-parameters",
        "GET /execution-parameters, where it is there, gives valid parameters",
        "AWS-batch",
        Level.CLAIMED,
        "Batch transform jobs that leave their parameters to the container fail.",
        _execution_parameters,
    ),
    Check(
        "metrics",
        "GET /metrics, where it is there, gives Prometheus text",
        "botocore: MetricsConfig",
        Level.CLAIMED,
        "SageMaker scrapes it by default in new endpoint configurations, and gets no metrics.",
        _metrics,
    ),
)
