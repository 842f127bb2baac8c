"""The errors: a body for each, and a place in the table."""

import pytest

from hosting.runtime.errors import (
    ERRORS,
    InternalFailureError,
    ModelError,
    ServiceError,
    ServiceUnavailableError,
    ValidationError,
)


def test_every_error_is_in_the_table() -> None:
    assert set(ERRORS) == set(ServiceError.__subclasses__())


@pytest.mark.parametrize(
    "error", [ValidationError("no"), ServiceUnavailableError("no"), InternalFailureError("no")]
)
def test_an_error_is_its_message(error: ServiceError) -> None:
    assert error.members() == {"Message": "no"}
    assert str(error) == "no"


def test_a_code_of_aws_goes_before_the_message() -> None:
    # aws/amazon-sagemaker-examples #1216
    assert list(ValidationError("no", "CODE").members().items()) == [
        ("ErrorCode", "CODE"),
        ("Message", "no"),
    ]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (0, "INTERNAL_FAILURE_FROM_MODEL"),
        (399, "INTERNAL_FAILURE_FROM_MODEL"),
        (400, "CLIENT_ERROR_FROM_MODEL"),
        (499, "CLIENT_ERROR_FROM_MODEL"),
        (500, "INTERNAL_FAILURE_FROM_MODEL"),
    ],
)
def test_only_a_4xx_blames_the_client(status: int, code: str) -> None:
    error = ModelError("no", original_status=status, original_message="", log_stream_arn="")
    assert error.members()["ErrorCode"] == code
