"""The risk score, asked of a SageMaker endpoint. Works with any image that serves XGBoost."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from riskstack.contract.application import Answers
from riskstack.contract.features import csv_row, vector
from router.core import Scored

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient

EXPLAIN = "explain=contributions"
_VERSION = "model-version="


class EndpointUnavailableError(Exception):
    """The endpoint gave no scores: try again later; the application waits."""


class RiskEndpoint:
    """One SageMaker endpoint."""

    def __init__(self, client: "SageMakerRuntimeClient", name: str) -> None:
        self._client = client
        self._name = name

    def score(self, applicants: Sequence[Answers]) -> list[Scored]:
        """Ask for the scores of several applicants at once, in order.

        Raises:
            EndpointUnavailableError: there is no answer, or none that holds a score for each.
        """
        rows = "".join(f"{csv_row(vector(answers))}\n" for answers in applicants)
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self._name,
                ContentType="text/csv",
                Accept="application/json",
                CustomAttributes=EXPLAIN,
                Body=rows,
            )
            body = answer["Body"].read()
        except (BotoCoreError, ClientError) as error:
            raise EndpointUnavailableError(f"endpoint {self._name}: {error}") from error
        version = answer.get("CustomAttributes", "").removeprefix(_VERSION)
        version = version or answer.get("InvokedProductionVariant", "")
        try:
            scores = [
                Scored(score, contributions, version)
                for score, contributions in _predictions(body, answer["ContentType"])
            ]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise EndpointUnavailableError(
                f"endpoint {self._name}: its answer holds no scores: {error!r}"
            ) from error
        if len(scores) != len(applicants):
            raise EndpointUnavailableError(
                f"endpoint {self._name}: {len(scores)} scores for {len(applicants)} rows"
            )
        return scores


def _predictions(body: bytes, content_type: str) -> list[tuple[float, list[float]]]:
    """Read scores as SageMaker's XGBoost images and their like write them."""
    if content_type.startswith("text/csv"):
        return [
            (_probability(cell), []) for cell in body.decode().replace("\n", ",").split(",") if cell
        ]
    answer = json.loads(body)
    predictions: list[Any] = answer["predictions"] if isinstance(answer, dict) else answer
    return [
        (_probability(one["score"]), [float(part) for part in one.get("contributions", [])])
        if isinstance(one, dict)
        else (_probability(one), [])
        for one in predictions
    ]


def _probability(value: Any) -> float:  # noqa: ANN401 - whatever an image writes
    score = float(value)
    if not 0 <= score <= 1:
        raise ValueError(f"{score} is no probability")
    return score
