"""What AWS refuses, in words that say what to do. One table; whoever asks AWS needs none."""

import re

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - the SDK's name
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)

_SIGN_IN = (
    "sign in first: `aws configure`, `aws sso login` or AWS_PROFILE=<name>;"
    " `aws sts get-caller-identity` says who you are"
)
_NOT_SIGNED_IN = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
_BAD_KEYS = {
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
DENIED = {"403", "AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_QUOTAS = {
    "LimitExceeded",
    "LimitExceededException",
    "ResourceLimitExceeded",
    "ServiceQuotaExceededException",
    "TooManyBuckets",
}
# operations of S3 that are allowed by an action of another name (S3 user guide, "Required
# permissions for Amazon S3 API operations")
_ACTIONS = {
    "HeadBucket": "s3:ListBucket",
    # without the second, an object that is not there yet is refused instead of missing
    "HeadObject": "s3:GetObject and s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "PutBucketEncryption": "s3:PutEncryptionConfiguration",
}
_BUCKET = re.compile("Bucket|Object|PublicAccessBlock")


def explain(error: BotoCoreError | ClientError) -> str:
    """Say what an error of the SDK means, and what to do."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, _NOT_SIGNED_IN):
        return f"no AWS credentials ({error}): {_SIGN_IN}"
    if isinstance(error, NoRegionError):
        return "no region: set AWS_DEFAULT_REGION, such as eu-central-1"
    if isinstance(error, ParamValidationError):
        return f"deploy/endpoint.yaml says what AWS does not take: {error}"
    if isinstance(error, (ConnectionError, HTTPClientError)):
        return f"AWS does not answer: look at the network, its proxy and the region ({error})"
    return str(error)


def _refusal(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", "")
    operation = error.operation_name
    if code in _BAD_KEYS:
        return f"AWS does not take these credentials ({code}: {message}): {_SIGN_IN}"
    if code in DENIED:
        return (
            f"no permission for {_action(operation, message)}: have an administrator allow it to"
            f" you, or push as somebody who may ({operation}: {message})"
        )
    if code in _QUOTAS:
        return (
            f"a quota of the account is used up ({operation}: {message}): ask for more in the"
            " console of Service Quotas, or remove something; for instances, INSTANCE_TYPE=<another"
            " type> may be within its quota"
        )
    if code in {"BucketAlreadyExists", "OperationAborted"}:
        return f"the bucket's name is taken ({message}): set BUCKET=<a bucket of yours>"
    return f"{operation}: {code}: {message}"


def _action(operation: str, message: str) -> str:
    """Name the action that is to be allowed, as IAM writes it."""
    if named := re.search(r"not authorized to perform: ([\w:-]+)", message):
        return named[1]
    if operation in _ACTIONS:
        return _ACTIONS[operation]
    return f"s3:{operation}" if _BUCKET.search(operation) else operation
