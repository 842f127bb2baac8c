"""One real application, scored by the endpoint: the proof that what was pushed works.

Asks as the router does, so that an answer here is one that the router can use.
"""

from typing import TYPE_CHECKING

from push.problem import PushError
from router.endpoint import EndpointUnavailableError, RiskEndpoint
from seed.samples import samples

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


def first_score(client: "SageMakerRuntimeClient", endpoint: str, log_group: str) -> str:
    """Score the first applicant that the demonstration sends too; give it as a line to show.

    Raises:
        PushError: the endpoint gives no score.
    """
    applicant = next(samples())
    try:
        (scored,) = RiskEndpoint(client, endpoint).score([applicant])
    except EndpointUnavailableError as error:
        raise PushError(
            f"{error}\nlook at what the container said: `aws logs tail {log_group}`"
        ) from error
    return (
        f"score of a sample applicant ({applicant.full_name}, made up): {scored.score:.6f},"
        f" by {scored.model_version}"
    )
