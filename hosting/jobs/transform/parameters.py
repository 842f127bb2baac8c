"""How a transform job sends its requests: what the job says, what its container says, or defaults.

Facts: SageMaker developer guide, "Use Your Own Inference Code with Batch Transform"; the defaults
as AWS logs them: "MaxConcurrentTransforms=1, MaxPayloadInMB=6, BatchStrategy=MULTI_RECORD"
(aws/amazon-sagemaker-examples #1620).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hosting.jobs.transform.request import MB_AT_ONCE, CreateTransformJob

MB = 1024 * 1024
_KNOWN = ("MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB")


class ParametersError(ValueError):
    """The container's answer to /execution-parameters cannot be used: correct the image."""


class Strategy(StrEnum):
    """BatchStrategy, as containers read and write it."""

    MULTI_RECORD = "MULTI_RECORD"
    SINGLE_RECORD = "SINGLE_RECORD"


_STRATEGIES = {"MultiRecord": Strategy.MULTI_RECORD, "SingleRecord": Strategy.SINGLE_RECORD}
"""The API's names of them (botocore)."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """How requests are made of objects. A limit of 0 is none: the body is sent in chunks."""

    concurrency: int
    strategy: Strategy
    payload_mb: int

    @property
    def payload_limit(self) -> int | None:
        """Give the most bytes of a request, None for no limit."""
        return self.payload_mb * MB or None


def read_execution_parameters(body: bytes) -> Mapping[str, object]:
    """Read the answer to GET /execution-parameters. Raises ParametersError."""
    try:
        answer = json.loads(body)
    except ValueError as error:
        raise ParametersError(f"/execution-parameters answers no JSON: {error}") from error
    if not isinstance(answer, dict):
        raise ParametersError("/execution-parameters answers no JSON object")
    return {name: answer[name] for name in _KNOWN if answer.get(name) is not None}


def decide(request: CreateTransformJob, said: Mapping[str, object]) -> Parameters:
    """Decide by precedence: the request, then the container, then the defaults.

    `said` is what the container answered, empty where it has no /execution-parameters. Raises
    ParametersError.
    """
    strategy = (
        _STRATEGIES[request.BatchStrategy]
        if request.BatchStrategy
        else _strategy(said.get("BatchStrategy", Strategy.MULTI_RECORD))
    )
    payload = request.MaxPayloadInMB
    return Parameters(
        # 0 leaves it to the container, in the request as in the answer
        concurrency=request.MaxConcurrentTransforms
        or _number("MaxConcurrentTransforms", said.get("MaxConcurrentTransforms", 1))
        or 1,
        strategy=strategy,
        payload_mb=_number("MaxPayloadInMB", said.get("MaxPayloadInMB", 6))
        if payload is None
        else payload,
    )


def environment(request: CreateTransformJob) -> dict[str, str]:
    """Give what a container is told of the job: all but the first only where the job says it."""
    told = {"SAGEMAKER_BATCH": "true"}
    if request.MaxPayloadInMB is not None:
        told["SAGEMAKER_MAX_PAYLOAD_IN_MB"] = str(request.MaxPayloadInMB)
    if request.BatchStrategy:
        told["SAGEMAKER_BATCH_STRATEGY"] = _STRATEGIES[request.BatchStrategy].value
    if request.MaxConcurrentTransforms:
        told["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] = str(request.MaxConcurrentTransforms)
    return told


def _strategy(value: object) -> Strategy:
    try:
        return Strategy(str(value))
    except ValueError as error:
        raise ParametersError(
            f"/execution-parameters: BatchStrategy is {value!r}, not one of {', '.join(Strategy)}"
        ) from error


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MB_AT_ONCE:
        raise ParametersError(
            f"/execution-parameters: {name} is {value!r}, not a number from 0 to {MB_AT_ONCE}"
        )
    return value
