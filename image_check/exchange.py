"""One HTTP exchange with a container, bounded in time. Every end is a value: nothing is raised."""

import contextlib
import http.client
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from image_check.seen import Answer, NoReply, Reply

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Address:
    """Where a container listens."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def call(address: Address, request: Request, timeout: float) -> Answer:
    """Send one request over a connection of its own and read the answer, in `timeout` seconds."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(address.host, address.port, timeout=timeout)
    with contextlib.closing(connection):
        try:
            connection.connect()
        except OSError as error:
            return NoReply(_reason(error), time.monotonic() - began, heard=False)
        try:
            # a server may refuse before the body is in, and close: its answer is there to read
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(
                    request.method, request.path, request.body or None, dict(request.headers)
                )
            return read(connection.getresponse(), began, timeout)
        except (OSError, http.client.HTTPException) as error:
            return no_reply(error, time.monotonic() - began)


def read(response: http.client.HTTPResponse, began: float, timeout: float) -> Answer:
    """Read an answer whose head is in. Raises OSError and HTTPException."""
    chunks = []
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        if time.monotonic() - began > timeout:
            return NoReply("the answer does not end", time.monotonic() - began, heard=True)
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Reply(response.status, headers, b"".join(chunks), time.monotonic() - began)


def no_reply(error: OSError | http.client.HTTPException, seconds: float) -> NoReply:
    """Say why an accepted connection gave no answer.

    One that is closed at once tells nothing: a proxy of the engine may have accepted it.
    """
    closed = isinstance(error, ConnectionError)
    return NoReply("closed" if closed else _reason(error), seconds, heard=not closed)


def connect_seconds(address: Address, timeout: float) -> tuple[float | None, socket.socket | None]:
    """Open a connection; give the time until it was accepted, and the connection to close."""
    began = time.monotonic()
    try:
        connection = socket.create_connection((address.host, address.port), timeout=timeout)
    except OSError:
        return None, None
    return time.monotonic() - began, connection


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, http.client.HTTPException):
        return f"no HTTP: {type(error).__name__}"
    return str(error) or type(error).__name__
