"""FailureReason of a training job: what happened, in AWS's kinds of error.

Facts: SageMaker developer guide, "How Amazon SageMaker Processes Training Output", and reasons that
AWS gave: "AlgorithmError: , exit code: 1" (aws-samples/amazon-sagemaker-ml-pipeline-deploy-with-
terraform #12), "AlgorithmError: framework error: ..." (aws/amazon-sagemaker-examples #1740).
"""

LENGTH = 1024
"""Characters of a FailureReason (botocore), and of the file that are read for it."""

RESTARTED = (
    "InternalServerError: hosting ended while the job was under way, and the job with it. "
    "Create it again under another name."
)
INTERNAL = "InternalServerError: hosting itself failed; its log tells why, under the job's name."


def of_algorithm(exit_code: int, failure_file: bytes) -> str:
    """Give the reason where the image's process ended with another code than 0.

    `failure_file` is what it left in /opt/ml/output/failure, empty where it left none.
    """
    text = failure_file.decode("utf-8", "replace")[:LENGTH].rstrip()
    return f"AlgorithmError: {text}, exit code: {exit_code}"[:LENGTH]


def of_container(message: str) -> str:
    """Give the reason where the image could not be run."""
    return f"ClientError: Please use an image that can be run here: {message}"[:LENGTH]


def of_download(message: str) -> str:
    """Give the reason where a channel could not be read."""
    return f"ClientError: Data download failed: {message}"[:LENGTH]


def of_upload(message: str) -> str:
    """Give the reason where the results could not be written."""
    return f"ClientError: Artifact upload failed: {message}"[:LENGTH]
