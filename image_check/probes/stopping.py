"""The end of `serve`: SIGTERM while a request is under way."""

import contextlib
import http.client
import socket
import time

from image_check.engine import Container
from image_check.exchange import Address, no_reply, read
from image_check.seen import Answer, NoReply, Sample, Stop
from image_check.verdicts.lifetime import STOP_SECONDS

HEAD_SECONDS = 1.0
"""A server says within that time that it waits for the body, or it never says so."""
SIGNAL_SECONDS = 1.0
"""The signal has arrived by then."""


def stop(container: Container, address: Address, sample: Sample) -> Stop:
    """Send the head of a request, SIGTERM, then the body; wait for the answer and the end."""
    answer, terminated = _interrupted(container, address, sample)
    elapsed = time.monotonic() - terminated
    exit_code = container.wait(max(STOP_SECONDS - elapsed, 0.0))
    return Stop(time.monotonic() - terminated, exit_code, answer)


def _interrupted(container: Container, address: Address, sample: Sample) -> tuple[Answer, float]:
    """Give the answer, and the moment of SIGTERM."""
    head = (
        f"POST /invocations HTTP/1.1\r\nHost: {address.host}\r\n"
        f"Content-Type: {sample.content_type}\r\nContent-Length: {len(sample.body)}\r\n"
        "Expect: 100-continue\r\n\r\n"
    )
    began = time.monotonic()
    try:
        client = socket.create_connection((address.host, address.port), timeout=HEAD_SECONDS)
    except OSError as error:
        container.terminate()
        return NoReply(str(error), time.monotonic() - began, heard=False), time.monotonic()
    with client:
        client.sendall(head.encode())
        # A server may say that it waits for the body, and need not. What it says stays in the
        # buffer: http.client skips it below.
        with contextlib.suppress(OSError):
            client.recv(1, socket.MSG_PEEK)
        container.terminate()
        terminated = time.monotonic()
        container.wait(SIGNAL_SECONDS)
        began = time.monotonic()
        try:
            client.settimeout(STOP_SECONDS)
            client.sendall(sample.body)
            response = http.client.HTTPResponse(client, method="POST")
            response.begin()
            with response:
                return read(response, began, STOP_SECONDS), terminated
        except (OSError, http.client.HTTPException) as error:
            return no_reply(error, time.monotonic() - began), terminated
