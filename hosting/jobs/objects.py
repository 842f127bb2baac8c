"""Objects in S3: listed, fetched, stored. boto3 blocks, so each call has a thread of its own.

Not: which objects, and what they are called on the disk (location, training, transform).
"""

import asyncio
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError

from hosting.jobs.location import Location

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER_MARK = "/"
"""How the key of an empty object ends that S3's console makes where a folder is asked for."""

_FAULTS = (BotoCoreError, ClientError, S3UploadFailedError)


class ObjectsError(Exception):
    """S3 did not do what it was asked to: the message says what, and why."""


class Objects:
    """The objects that a job reads and writes."""

    def __init__(self, make_client: Callable[[], "S3Client"]) -> None:
        """Take what makes the client, for that takes time: it is made when it is first needed."""
        self._make_client = make_client

    @cached_property
    def _client(self) -> "S3Client":
        return self._make_client()

    async def keys(self, location: Location) -> list[str]:
        """Give the keys below a place in their order, but for marks of folders.

        Raises ObjectsError.
        """
        return await asyncio.to_thread(self._keys, location)

    async def fetch(self, bucket: str, key: str, file: Path) -> None:
        """Write an object to a file. Raises ObjectsError."""
        await asyncio.to_thread(self._fetch, bucket, key, file)

    async def store(self, file: Path, location: Location) -> None:
        """Make a file an object whose key is the location's prefix. Raises ObjectsError."""
        await asyncio.to_thread(self._store, file, location)

    def _keys(self, location: Location) -> list[str]:
        try:
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=location.bucket, Prefix=location.prefix
            )
            keys = [each["Key"] for page in pages for each in page.get("Contents", ())]
        except _FAULTS as error:
            raise ObjectsError(f"{location.uri} cannot be listed: {error}") from error
        return [key for key in keys if not key.endswith(FOLDER_MARK)]

    def _fetch(self, bucket: str, key: str, file: Path) -> None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._client.download_file(bucket, key, str(file))
        except _FAULTS as error:
            raise ObjectsError(f"s3://{bucket}/{key} cannot be read: {error}") from error
        except OSError as error:
            raise ObjectsError(f"s3://{bucket}/{key} cannot be kept as a file: {error}") from error

    def _store(self, file: Path, location: Location) -> None:
        try:
            self._client.upload_file(str(file), location.bucket, location.prefix)
        except _FAULTS as error:
            raise ObjectsError(f"{location.uri} cannot be written: {error}") from error
