"""Packed models, and the bucket that was created for them."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from push import mark
from push.remains import Removal, Target
from push.steps.bucket import NOT_FOUND

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_NO_TAGS = "NoSuchTagSet"


def objects(bucket: str, target: Target, s3: "S3Client") -> Iterator[Removal]:
    """Give the models in a bucket, and the bucket where a push created it."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOT_FOUND:
            raise
        return
    created = _is_marked(bucket, target, s3)
    # all of a bucket that was created, as what is not a push's keeps it from going
    prefix = "" if created else f"{target.endpoint}/"
    foreign = False
    pages = s3.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        for version in page.get("Versions", ()):
            key, number = version["Key"], version["VersionId"]
            tags = s3.get_object_tagging(Bucket=bucket, Key=key, VersionId=number)["TagSet"]
            if not mark.is_on(tags, target.endpoint):
                foreign = True
                continue
            delete = partial(s3.delete_object, Bucket=bucket, Key=key, VersionId=number)
            yield Removal("model data", f"s3://{bucket}/{key}", delete)
    if created and not foreign:
        yield Removal("bucket", bucket, partial(s3.delete_bucket, Bucket=bucket))


def _is_marked(bucket: str, target: Target, s3: "S3Client") -> bool:
    try:
        tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_TAGS:
            raise
        return False
    return mark.is_on(tags, target.endpoint)
