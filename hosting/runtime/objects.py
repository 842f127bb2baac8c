"""Objects in S3 as whole values: read and written by threads, for boto3 blocks.

Not: what they hold, or what they are called (asynchronous, capture).
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FIRST_SERVER_ERROR = 500


class ObjectError(Exception):
    """S3 refuses what it was asked to do: the message says what, and why."""


class ObjectsUnavailableError(ObjectError):
    """S3 does not answer, or not well: ask again later."""


def bucket_and_key(location: str) -> tuple[str, str]:
    """Read `s3://bucket/key`, or the URL of an object: https://bucket.s3.region.amazonaws.com/key.

    The pattern of InputLocation has both (botocore). Raises ObjectError.
    """
    parts = urlsplit(location)
    if parts.scheme == "s3":
        # a key may have what elsewhere begins a query
        bucket, _, key = location.removeprefix("s3://").partition("/")
    else:
        bucket, key = parts.netloc.partition(".")[0], unquote(parts.path.removeprefix("/"))
    if not bucket or not key:
        raise ObjectError(f"{location} names no object: give s3://bucket/key")
    return bucket, key


class Objects:
    """The objects of an account."""

    def __init__(self, make_client: Callable[[], "S3Client"]) -> None:
        """Take what makes a client; it is made when it is first needed, for that takes a while."""
        self._make_client = make_client
        self._client: S3Client | None = None
        self._making = threading.Lock()

    def close(self) -> None:
        """Close the client's connections."""
        with self._making:
            if self._client is not None:
                self._client.close()
                self._client = None

    async def get(self, location: str, limit: int) -> bytes:
        """Read an object of at most `limit` bytes.

        Raises:
            ObjectError: there is none, or it is too large.
            ObjectsUnavailableError: S3 does not answer.
        """
        return await asyncio.to_thread(self._get, location, limit)

    async def put(self, location: str, body: bytes, content_type: str | None = None) -> None:
        """Write an object; raises what `get` raises."""
        await asyncio.to_thread(self._put, location, body, content_type)

    def _get(self, location: str, limit: int) -> bytes:
        bucket, key = bucket_and_key(location)
        with _told(f"{location} cannot be read"):
            answer = self._s3().get_object(Bucket=bucket, Key=key)
            with answer["Body"] as body:
                if answer["ContentLength"] > limit:
                    raise ObjectError(f"{location} is over {limit} bytes")
                return body.read()

    def _put(self, location: str, body: bytes, content_type: str | None) -> None:
        bucket, key = bucket_and_key(location)
        with _told(f"{location} cannot be written"):
            self._s3().put_object(
                Bucket=bucket,
                Key=key,
                Body=body,
                ContentType=content_type or "application/octet-stream",
            )

    def _s3(self) -> "S3Client":
        with self._making:
            if self._client is None:
                self._client = self._make_client()
            return self._client


@contextmanager
def _told(problem: str) -> Iterator[None]:
    """Tell of boto3's errors in this module's words."""
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        kind = ObjectsUnavailableError if status >= FIRST_SERVER_ERROR else ObjectError
        raise kind(f"{problem}: {error}") from error
    except ParamValidationError as error:
        # no such name of a bucket can be: asked again it is the same
        raise ObjectError(f"{problem}: {error}") from error
    except BotoCoreError as error:
        raise ObjectsUnavailableError(f"{problem}: {error}") from error
