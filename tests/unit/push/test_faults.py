"""Refusals as AWS words them, and what a reader is told."""

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProfileNotFound,
)

from push.faults import explain


def refusal(operation: str, code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (NoCredentialsError(), "no AWS credentials"),
        (ProfileNotFound(profile="x"), "no AWS credentials"),
        (NoRegionError(), "set AWS_DEFAULT_REGION"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS does not answer"),
        (ParamValidationError(report="x"), "deploy/endpoint.yaml says what AWS does not take"),
        (BotoCoreError(), "unspecified"),
        (refusal("GetCallerIdentity", "ExpiredToken"), "AWS does not take these credentials"),
        (refusal("GetCallerIdentity", "InvalidClientTokenId"), "sign in first: `aws configure`"),
        (refusal("CreateBucket", "BucketAlreadyExists"), "set BUCKET=<a bucket of yours>"),
        (refusal("CreateBucket", "TooManyBuckets"), "Service Quotas"),
        (refusal("CreateModel", "ValidationException", "bad"), "CreateModel: Validation"),
    ],
)
def test_what_to_do_is_said(error: BotoCoreError | ClientError, says: str) -> None:
    assert says in explain(error)


@pytest.mark.parametrize(
    ("operation", "code", "message", "action"),
    [
        (
            "CreateModel",
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: b",
            "iam:PassRole",
        ),
        ("HeadBucket", "403", "Forbidden", "s3:ListBucket"),
        ("HeadObject", "403", "Forbidden", "s3:GetObject and s3:ListBucket"),
        ("PutObject", "AccessDenied", "Access Denied", "s3:PutObject"),
        ("PutPublicAccessBlock", "AccessDenied", "Access Denied", "s3:PutBucketPublicAccessBlock"),
        ("DescribeRepositories", "AccessDenied", "", "DescribeRepositories"),
    ],
)
def test_a_missing_permission_is_named_by_its_action(
    operation: str, code: str, message: str, action: str
) -> None:
    assert explain(refusal(operation, code, message)).startswith(f"no permission for {action}: ")


def test_a_quota_is_named_with_the_ways_out() -> None:
    """The message is SageMaker's (aws-samples/sagemaker-custom-project-templates #51)."""
    message = (
        "The account-level service limit 'ml.m5.large for endpoint usage' is 0 Instances, with"
        " current utilization of 0 Instances and a request delta of 1 Instances."
    )
    text = explain(refusal("CreateEndpoint", "ResourceLimitExceeded", message))
    assert "'ml.m5.large for endpoint usage' is 0 Instances" in text
    assert "Service Quotas" in text
    assert "INSTANCE_TYPE=" in text
