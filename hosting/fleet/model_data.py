"""Model data: what a ModelDataUrl leads to, laid into a folder as SageMaker does it.

An archive or a prefix in S3, or a folder of this machine. Not: how a container sees the folder.
"""

import asyncio
import gzip
import posixpath
import shutil
import tarfile
import tempfile
import threading
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias
from urllib.parse import unquote, urlsplit

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError

from hosting.fleet.fleet import FleetError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SIZE_LIMIT = 10 * 2**30
"""Bytes of a model, packed and unpacked: more is an archive that was made to fill the disk."""

SPAN = 2**20
"""Bytes that are read at once of what follows an archive."""

_S3_FAULTS = (Boto3Error, BotoCoreError, ClientError)
_DAMAGE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)

GoOn: TypeAlias = Callable[[int], None]
"""Called with the bytes that were moved, at short intervals; it raises _GivenUpError."""


class _GivenUpError(Exception):
    """Nobody waits for the model any more: end."""


class ModelData:
    """Fetches models; each call has a thread of its own, for the SDK blocks."""

    def __init__(
        self, make_s3_client: "Callable[[], S3Client]", size_limit: int = SIZE_LIMIT
    ) -> None:
        """Take what makes a client, which is made when it is needed first."""
        self._make_s3_client = make_s3_client
        self._size_limit = size_limit

    @cached_property
    def _s3(self) -> "S3Client":
        return self._make_s3_client()

    async def lay(self, url: str, folder: Path) -> None:
        """Lay a model into a folder, which is made where it is not there. Raises FleetError.

        Cancelled, it ends with the file that it is at: from then on nothing is written.
        """
        given_up = threading.Event()
        laying = asyncio.ensure_future(asyncio.to_thread(self._lay_until, given_up, url, folder))
        try:
            await asyncio.shield(laying)
        finally:
            given_up.set()
            await asyncio.wait([laying])

    def _lay_until(self, given_up: threading.Event, url: str, folder: Path) -> None:
        def go_on(_moved: int) -> None:
            if given_up.is_set():
                raise _GivenUpError

        with suppress(_GivenUpError):
            self._lay(url, folder, go_on)

    def _lay(self, url: str, folder: Path, go_on: GoOn) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # a key may have what elsewhere begins a query
        bucket, _, key = url.removeprefix("s3://").partition("/")
        try:
            if url.startswith("file:"):
                self._copy(Path(unquote(urlsplit(url).path)), folder, go_on)
            elif url.endswith("/"):
                self._download_prefix(bucket, key, folder, go_on)
            else:
                self._download_archive(bucket, key, folder, go_on)
        except _S3_FAULTS as error:
            # AWS's text (aws-solutions-library-samples/fraud-detection-using-machine-learning #9)
            raise FleetError(
                f'Failed to download model data from URL: "{url}". Please ensure that there is an'
                " object located at the URL and that the role passed to CreateModel has"
                f" permissions to download the object. {error}"
            ) from error
        except _DAMAGE as error:
            raise FleetError(
                f'Failed to extract model data archive from URL: "{url}". Please ensure that the'
                f" object located at the URL is a valid tar.gz archive. {error}"
            ) from error
        except OSError as error:
            raise FleetError(f'Model data of "{url}" cannot be kept here: {error}') from error

    def _copy(self, source: Path, folder: Path, go_on: GoOn) -> None:
        if not source.is_dir():
            raise FleetError(f"{source} is no folder that hosting can read: give file:///folder.")

        def copy(file: str, target: str) -> None:
            go_on(0)
            shutil.copy2(file, target)

        # a link is not followed: it may lead out of the folder
        shutil.copytree(source, folder, symlinks=True, dirs_exist_ok=True, copy_function=copy)

    def _download_prefix(self, bucket: str, prefix: str, folder: Path, go_on: GoOn) -> None:
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        objects = [each for page in pages for each in page.get("Contents", ())]
        # an empty object whose key ends like this is how S3's console makes a folder
        files = [each for each in objects if not each["Key"].endswith("/")]
        if not files:
            raise FleetError(f"There is no object below s3://{bucket}/{prefix}: give its prefix.")
        self._check_size(sum(each["Size"] for each in files))
        for each in files:
            name = each["Key"].removeprefix(prefix)
            if posixpath.normpath(name) != name or name.startswith(("/", "..")):
                raise FleetError(f"The key {each['Key']} is no path of a file: rename the object.")
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            self._s3.download_file(bucket, each["Key"], str(file), Callback=go_on)

    def _download_archive(self, bucket: str, key: str, folder: Path, go_on: GoOn) -> None:
        self._check_size(self._s3.head_object(Bucket=bucket, Key=key)["ContentLength"])
        with tempfile.TemporaryFile() as file:
            self._s3.download_fileobj(bucket, key, file, Callback=go_on)
            file.seek(0)
            self._extract(file, folder, go_on)

    def _extract(self, file: IO[bytes], folder: Path, go_on: GoOn) -> None:
        size = 0
        with gzip.open(file) as content, tarfile.open(fileobj=content, mode="r:") as archive:
            for member in archive:
                go_on(member.size)
                size += member.size
                self._check_size(size)
                # refuses what would lie outside of the folder, and devices
                archive.extract(member, folder, filter="data")
            # tarfile stops at the archive's own end; gzip's checksum comes after it
            size = 0
            while rest := content.read(SPAN):
                go_on(len(rest))
                size += len(rest)
                self._check_size(size)

    def _check_size(self, size: int) -> None:
        if size > self._size_limit:
            raise FleetError(f"The model has more than {self._size_limit} bytes: make it smaller.")
