"""The container of a transform job over HTTP: /ping, /execution-parameters, /invocations.

Facts: SageMaker developer guide, "Use Your Own Inference Code with Batch Transform". Not: what is
sent (records, assembly), or the container's start and end (job).
"""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import aiohttp

from hosting.jobs.transform.failure import Blame, blame_for
from hosting.jobs.transform.request import CreateTransformJob

PING_TIMEOUT_S = 2.0
"""How long an attempt may take (the guide, "Health Check (Ping) Requests")."""

QUOTED = 256
"""Characters of an answer that is no success which are told of it."""

CHUNK = 2**16

SUCCESS = 2
"""The first digit of the statuses that mean it."""

RETRY_PAUSE_S = 0.5
"""How long the first pause before another attempt is; each is twice the one before."""

TRIED_AGAIN = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT})
"""The client errors that another attempt may change; after a server error there is always one."""


class InvocationError(Exception):
    """The container gave no good answer: `blame` says where to look, the message what it was."""

    def __init__(self, blame: Blame, message: str) -> None:
        super().__init__(message)
        self.blame = blame


class TransformContainer:
    """A container that serves a transform job."""

    def __init__(
        self, url: str, session: aiohttp.ClientSession, request: CreateTransformJob
    ) -> None:
        self._url = url
        self._session = session
        self._timeout_s = request.ModelClientConfig.InvocationsTimeoutInSeconds
        self._attempts = 1 + request.ModelClientConfig.InvocationsMaxRetries
        headers = {
            "Content-Type": request.TransformInput.ContentType,
            "Accept": request.TransformOutput.Accept,
        }
        self._headers = {name: value for name, value in headers.items() if value}

    async def answers_ping(self) -> bool:
        """Tell whether it is ready for invocations."""
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                status, _ = await self._get("/ping")
        except (aiohttp.ClientError, TimeoutError):
            return False
        return status == HTTPStatus.OK

    async def execution_parameters(self) -> bytes | None:
        """Give its answer to GET /execution-parameters, None where it has none."""
        try:
            async with asyncio.timeout(self._timeout_s):
                status, body = await self._get("/execution-parameters")
        except (aiohttp.ClientError, TimeoutError):
            return None
        return body if status == HTTPStatus.OK else None

    async def invoke(self, body: bytes, *, chunked: bool) -> bytes:
        """Give its answer to a payload, which is asked for again where that may help.

        `chunked` sends the body in chunks, without telling its length. Raises InvocationError.
        """
        for attempt in range(1, self._attempts + 1):
            error, again = None, True
            try:
                async with asyncio.timeout(self._timeout_s):
                    status, answer = await self._post(body, chunked=chunked)
            except TimeoutError:
                text = f"no answer within {self._timeout_s} s"
                error = InvocationError(Blame.ALGORITHM, text)
            except aiohttp.ClientError as failure:
                text = f"Unable to get response from algorithm: {failure!r}"
                error = InvocationError(Blame.ALGORITHM, text)
            else:
                if status // 100 == SUCCESS:
                    return answer
                error, again = _refused(status, answer)
            if not again or attempt == self._attempts:
                raise error
            await asyncio.sleep(RETRY_PAUSE_S * 2 ** (attempt - 1))
        raise AssertionError("there is at least one attempt")

    async def _get(self, path: str) -> tuple[int, bytes]:
        async with self._session.get(f"{self._url}{path}", allow_redirects=False) as response:
            return response.status, await response.read()

    async def _post(self, body: bytes, *, chunked: bool) -> tuple[int, bytes]:
        data = _pieces(body) if chunked else io.BytesIO(body)
        async with self._session.post(
            f"{self._url}/invocations", data=data, headers=self._headers, allow_redirects=False
        ) as response:
            return response.status, await response.read()


@asynccontextmanager
async def connect(url: str, request: CreateTransformJob) -> AsyncIterator[TransformContainer]:
    """Open connections to a container, and close them at the end."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        # each call has a limit of its own
        timeout=aiohttp.ClientTimeout(total=None),
        skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        yield TransformContainer(url, session, request)


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), CHUNK):
        yield body[start : start + CHUNK]


def _refused(status: int, answer: bytes) -> tuple[InvocationError, bool]:
    """Give the error of an answer that is no success, and whether to try again."""
    blame = blame_for(status)
    message = answer[:QUOTED].decode("utf-8", "replace").strip()
    error = InvocationError(blame, f"{blame}: {status}, Message: {message}")
    return error, blame is Blame.ALGORITHM or status in TRIED_AGAIN
