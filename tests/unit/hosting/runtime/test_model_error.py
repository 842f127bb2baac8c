"""A container's failures in AWS's texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.runtime.model_error import (
    MESSAGE_LIMIT,
    Origin,
    answered,
    broken_off,
    timed_out,
    unreachable,
)

ORIGIN = Origin("123456789012", "us-west-2", "my-endpoint", "primary")
SEE = (
    "See https://us-west-2.console.aws.amazon.com/cloudwatch/home?region=us-west-2"
    "#logEventViewer:group=/aws/sagemaker/Endpoints/my-endpoint"
    " in account 123456789012 for more information."
)


def test_a_client_error_is_quoted() -> None:
    # the form of aws/sagemaker-xgboost-container #390
    error = answered(ORIGIN, 415, b"not an accepted ContentType")
    assert error.members() == {
        "ErrorCode": "CLIENT_ERROR_FROM_MODEL",
        "LogStreamArn": (
            "arn:aws:logs:us-west-2:123456789012:log-group:/aws/sagemaker/Endpoints/my-endpoint"
        ),
        "Message": (
            'Received client error (415) from primary with message "not an accepted ContentType".'
            f" {SEE}"
        ),
        "OriginalMessage": "not an accepted ContentType",
        "OriginalStatusCode": 415,
    }


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (302, "server", "INTERNAL_FAILURE_FROM_MODEL"),
        (400, "client", "CLIENT_ERROR_FROM_MODEL"),
        (499, "client", "CLIENT_ERROR_FROM_MODEL"),
        (500, "server", "INTERNAL_FAILURE_FROM_MODEL"),
        (503, "server", "INTERNAL_FAILURE_FROM_MODEL"),
    ],
)
def test_the_status_tells_whose_fault_it_was(status: int, kind: str, code: str) -> None:
    error = answered(ORIGIN, status, b"no")
    assert error.message.startswith(f"Received {kind} error ({status}) from primary with message")
    assert error.members()["ErrorCode"] == code


def test_a_time_out_has_no_status() -> None:
    # aws/amazon-sagemaker-examples #799
    error = timed_out(ORIGIN)
    text = (
        "Your invocation timed out while waiting for a response from container primary. Review the"
        " latency metrics for each container in Amazon CloudWatch, resolve the issue, and try"
        " again."
    )
    assert error.message == f'Received server error (0) from primary with message "{text}". {SEE}'
    assert (error.original_status, error.original_message) == (0, text)


def test_silence_is_told_in_aws_words() -> None:
    # aws/amazon-sagemaker-examples #3089
    error = unreachable(ORIGIN)
    assert error.message.startswith(
        'Received server error (0) from primary with message "Amazon SageMaker could not get a'
        " response from the my-endpoint endpoint. This can occur when CPU or memory utilization is"
        " high."
    )
    assert error.original_status == 0


@pytest.mark.parametrize(("began_with", "told"), [(200, 0), (302, 0), (400, 400), (500, 500)])
def test_a_body_that_broke_off_is_not_quoted(began_with: int, told: int) -> None:
    # awslabs/realtime-fraud-detection-with-gnn-on-dgl #1331
    error = broken_off(ORIGIN, began_with)
    kind = "client" if told == 400 else "server"
    assert error.message == (
        f"Received {kind} error ({told}) from primary and could not load the entire response body."
        f" {SEE}"
    )
    assert (error.original_status, error.original_message) == (told, "")


@given(st.binary(max_size=3 * MESSAGE_LIMIT))
def test_no_member_is_longer_than_the_service_model_allows(body: bytes) -> None:
    error = answered(ORIGIN, 500, body)
    original = body.decode("utf-8", "replace")
    assert len(error.message) <= MESSAGE_LIMIT
    assert error.original_message == original[:MESSAGE_LIMIT]
    assert (f'"{original}"' in error.message) != ("could not load" in error.message)
