"""Objects in moto's S3: listed, fetched, stored, and faults told with their place."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from hosting.jobs.location import Location
from hosting.jobs.objects import Objects, ObjectsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET = "objects"


@pytest.fixture
def s3(empty_aws: str) -> "S3Client":
    client = boto3.client("s3", endpoint_url=empty_aws)
    client.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return client


@pytest.fixture
def objects(s3: "S3Client") -> Objects:
    return Objects(lambda: s3)


def test_an_object_goes_there_and_back(objects: Objects, tmp_path: Path) -> None:
    source, copy = tmp_path / "source", tmp_path / "new" / "copy"
    source.write_bytes(b"content")
    asyncio.run(objects.store(source, Location(BUCKET, "a/b")))
    asyncio.run(objects.fetch(BUCKET, "a/b", copy))
    assert copy.read_bytes() == b"content"


def test_keys_are_those_below_a_place_without_marks_of_folders(
    objects: Objects, s3: "S3Client"
) -> None:
    for key in ("a/2", "a/1", "b", "a/deep/", "a/deep/3"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    assert asyncio.run(objects.keys(Location(BUCKET, "a/"))) == ["a/1", "a/2", "a/deep/3"]


def test_a_fault_names_the_place(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(ObjectsError, match=r"s3://absent/a cannot be listed: .*NoSuchBucket"):
        asyncio.run(objects.keys(Location("absent", "a")))
    with pytest.raises(ObjectsError, match=r"s3://objects/a cannot be read: .*404"):
        asyncio.run(objects.fetch(BUCKET, "a", tmp_path / "a"))
    (tmp_path / "a").write_bytes(b"x")
    with pytest.raises(ObjectsError, match=r"s3://absent/a cannot be written: .*NoSuchBucket"):
        asyncio.run(objects.store(tmp_path / "a", Location("absent", "a")))


def test_keys_that_are_a_file_and_its_folder_are_told(
    objects: Objects, s3: "S3Client", tmp_path: Path
) -> None:
    for key in ("a", "a/b"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=b"x")
    asyncio.run(objects.fetch(BUCKET, "a", tmp_path / "a"))
    with pytest.raises(ObjectsError, match="s3://objects/a/b cannot be kept as a file"):
        asyncio.run(objects.fetch(BUCKET, "a/b", tmp_path / "a" / "b"))
