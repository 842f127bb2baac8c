"""The bucket for the model."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from push import mark
from push.problem import PushError
from push.run import Finding
from push.undertaking import Undertaking

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CreateBucketRequestTypeDef

NOT_FOUND = {"404", "NoSuchBucket", "NotFound"}


class Bucket:
    """A bucket that is given, or one that is created: encrypted, and never public."""

    makes = True

    def __init__(self, push: Undertaking) -> None:
        self._push = push
        self._s3 = push.clients.s3
        self._made = False

    @property
    def text(self) -> str:
        """Its name."""
        return f"S3 bucket {self._push.design.bucket}"

    def look(self) -> Finding:
        """Ask whether it is there, this account's, and in this region.

        Raises:
            PushError: a bucket that was given is not.
        """
        facts, name = self._push.design.facts, self._push.design.bucket
        given = self._push.design.settings.bucket is not None
        try:
            answer = self._s3.head_bucket(Bucket=name, ExpectedBucketOwner=facts.account)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "301":
                raise PushError(_elsewhere(name, facts.region)) from error
            if code not in NOT_FOUND:
                raise
            if given:
                raise PushError(
                    f"BUCKET={name} is not there: create it, or leave it out"
                ) from error
            return Finding(
                done=False, note="missing: is created, encrypted and closed to the public"
            )
        if answer.get("BucketRegion", facts.region) != facts.region:
            raise PushError(_elsewhere(name, facts.region))
        return Finding(done=True, note="there already")

    def do(self) -> None:
        """Create it; it is closed before anything is in it."""
        name, region = self._push.design.bucket, self._push.design.facts.region
        request: CreateBucketRequestTypeDef = {"Bucket": name}
        # the one region whose name S3 does not take here
        if region != "us-east-1":
            location: Any = region
            request["CreateBucketConfiguration"] = {"LocationConstraint": location}
        self._s3.create_bucket(**request)
        self._made = True
        self._s3.get_waiter("bucket_exists").wait(Bucket=name)
        self._s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        encryption: Any = {"SSEAlgorithm": "AES256"}
        self._s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": encryption}]
            },
        )
        self._s3.put_bucket_tagging(
            Bucket=name, Tagging={"TagSet": mark.tags(self._push.design.endpoint_name)}
        )

    def undo(self) -> None:
        """Delete it; what this push put into it is gone by then."""
        if self._made:
            self._s3.delete_bucket(Bucket=self._push.design.bucket)


def _elsewhere(name: str, region: str) -> str:
    # the documentation of ContainerDefinition.Image in botocore's model says so
    return f"bucket {name} is in another region than {region}, and a model has to be in its own"
