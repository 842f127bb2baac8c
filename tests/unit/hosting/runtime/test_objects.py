"""Objects in S3: locations as clients write them, and S3's answers in hosting's words."""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from hosting.runtime.objects import (
    ObjectError,
    Objects,
    ObjectsUnavailableError,
    bucket_and_key,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.mark.parametrize(
    ("location", "bucket", "key"),
    [
        ("s3://bucket/a/b.csv", "bucket", "a/b.csv"),
        ("s3://bucket/a?b#c", "bucket", "a?b#c"),
        ("https://bucket.s3.eu-central-1.amazonaws.com/a/b%20c", "bucket", "a/b c"),
    ],
)
def test_a_location_is_a_bucket_and_a_key(location: str, bucket: str, key: str) -> None:
    assert bucket_and_key(location) == (bucket, key)


@pytest.mark.parametrize("location", ["s3://bucket", "s3://bucket/", "s3:///key"])
def test_a_location_without_either_is_none(location: str) -> None:
    with pytest.raises(ObjectError, match="names no object"):
        bucket_and_key(location)


@pytest.fixture
def objects(empty_aws: str) -> Iterator[Objects]:  # noqa: ARG001 - the SDK's variables lead there
    client = boto3.client("s3")
    client.create_bucket(
        Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    objects = Objects(lambda: client)
    yield objects
    objects.close()


def test_what_is_written_is_read(objects: Objects) -> None:
    async def scenario() -> bytes:
        await objects.put("s3://bucket/a", b"1,2", "text/csv")
        return await objects.get("s3://bucket/a", 3)

    assert asyncio.run(scenario()) == b"1,2"


def test_what_is_too_large_is_not_read(objects: Objects) -> None:
    asyncio.run(objects.put("s3://bucket/a", b"1,2"))
    with pytest.raises(ObjectError, match="s3://bucket/a is over 2 bytes"):
        asyncio.run(objects.get("s3://bucket/a", 2))


def test_what_is_not_there_is_told(objects: Objects) -> None:
    with pytest.raises(ObjectError, match="s3://bucket/none cannot be read"):
        asyncio.run(objects.get("s3://bucket/none", 3))


def test_s3_that_does_not_answer_is_told() -> None:
    def client() -> "S3Client":
        return boto3.client(
            "s3",
            endpoint_url="http://127.0.0.1:9",
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - no secret of anybody
            config=Config(retries={"total_max_attempts": 1}),
        )

    with pytest.raises(ObjectsUnavailableError):
        asyncio.run(Objects(client).get("s3://bucket/a", 3))


def test_a_bucket_that_cannot_be_is_no_matter_of_time() -> None:
    client = boto3.client("s3", region_name="eu-central-1")
    with pytest.raises(ObjectError, match="cannot be written") as raised:
        asyncio.run(Objects(lambda: client).put("s3://no bucket/a", b"1"))
    assert not isinstance(raised.value, ObjectsUnavailableError)
