"""What writes captured invocations to S3: in batches, beside the invocations, which never wait.

Not: what a line or a key looks like (capture).
"""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from typing import NoReturn
from uuid import uuid4

from aws_lambda_powertools import Logger

from hosting.runtime.capture import Captured, file_name, line
from hosting.runtime.objects import ObjectError, Objects, ObjectsUnavailableError

INTERVAL_S = 5.0
"""How long an invocation waits to be written at most; AWS's take a couple of minutes."""

BATCH_BYTES = 4 * 2**20
"""So many bytes are written at once before the time has come."""

KEPT_BYTES = 64 * 2**20
"""So many bytes are kept while S3 takes none; what comes after that is lost, and told."""

LAST_WRITE_S = 5.0
"""How long the last write may take when hosting stops."""


class CaptureWriter:
    """Invocations that are still to be written."""

    def __init__(self, objects: Objects, log: Logger) -> None:
        self._objects = objects
        self._log = log
        self._waiting: list[Captured] = []
        self._bytes = 0
        self._lost = 0
        self._is_full = asyncio.Event()

    def add(self, captured: Captured) -> None:
        """Take an invocation."""
        if self._bytes > KEPT_BYTES:
            self._lost += 1
            return
        self._waiting.append(captured)
        self._bytes += captured.size
        if self._bytes >= BATCH_BYTES:
            self._is_full.set()

    async def run(self) -> NoReturn:
        """Write until cancelled, and then what is left."""
        try:
            while True:
                try:
                    async with asyncio.timeout(INTERVAL_S):
                        await self._is_full.wait()
                except TimeoutError:
                    pass
                await self.flush()
                if self._bytes >= BATCH_BYTES:
                    # S3 took nothing: it is asked again when the time has come
                    await asyncio.sleep(INTERVAL_S)
        finally:
            await self._write_the_rest()

    async def flush(self) -> None:
        """Write all that waits; what S3 does not take for now waits on, what it refuses is lost."""
        batch, self._waiting = self._waiting, []
        self._bytes = 0
        self._is_full.clear()
        # the sort is stable: within a file the order is that of the invocations
        groups = [list(group) for _, group in groupby(sorted(batch, key=_folder), key=_folder)]
        later: list[Captured] = []
        try:
            while groups:
                later += await self._left_of(groups[0])
                groups.pop(0)
        finally:
            for group in (later, *groups):
                self._waiting += group
                self._bytes += sum(each.size for each in group)
            self._tell_lost()

    async def _left_of(self, group: Sequence[Captured]) -> Sequence[Captured]:
        """Write a file; give what is to be written later."""
        try:
            await self._write(group)
        except ObjectError as error:
            self._log.warning("capture not written", extra={"reason": str(error)})
            if isinstance(error, ObjectsUnavailableError):
                return group
            self._lost += len(group)
        return ()

    def _tell_lost(self) -> None:
        if self._lost:
            self._log.warning("captured invocations lost", extra={"count": self._lost})
            self._lost = 0

    async def _write(self, group: Sequence[Captured]) -> None:
        first = group[0]
        body = await asyncio.to_thread(_body, group)
        await self._objects.put(
            f"{first.folder}/{file_name(first.at, str(uuid4()))}", body, "application/jsonlines"
        )

    async def _write_the_rest(self) -> None:
        try:
            async with asyncio.timeout(LAST_WRITE_S):
                await self.flush()
        except TimeoutError:
            self._log.warning("capture not written", extra={"reason": "S3 took too long"})


def _folder(captured: Captured) -> str:
    return captured.folder


def _body(group: Sequence[Captured]) -> bytes:
    return "".join(f"{line(each)}\n" for each in group).encode()
