"""Waiting for a container: its first 200, its end, or the end of the time."""

import http.server
import threading
from collections.abc import Iterator
from typing import cast

import pytest

from image_check.engine import Container
from image_check.exchange import Address
from image_check.probes.launch import wait_until_ready
from image_check.seen import NoReply, is_ok

LONG = 30.0


class FakeContainer:
    """Reached at an address; ends with a code or does not."""

    def __init__(self, address: Address | None, exit_code: int | None = None) -> None:
        self._address = address
        self._exit_code = exit_code

    def address(self, _port: int) -> Address | None:
        return self._address

    def exit_code(self) -> int | None:
        return self._exit_code

    def log(self) -> str:
        return "last words\n"


@pytest.fixture
def warming_up() -> Iterator[Address]:
    """A server whose third /ping is its first 200."""
    statuses = iter([503, 503, 200])

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(next(statuses))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Address("127.0.0.1", server.server_port)
        server.shutdown()
        thread.join()


def test_it_waits_for_the_first_200(warming_up: Address) -> None:
    start = wait_until_ready(cast("Container", FakeContainer(warming_up)), 8080, LONG)

    assert start.ready
    assert is_ok(start.last)
    assert start.exit_code is None


def test_one_that_has_ended_is_not_waited_for() -> None:
    start = wait_until_ready(cast("Container", FakeContainer(None, 3)), 8080, LONG)

    assert not start.ready
    assert (start.exit_code, start.log) == (3, "last words\n")


def test_one_that_says_nothing_is_given_up() -> None:
    start = wait_until_ready(cast("Container", FakeContainer(None)), 8080, 0.01)

    assert not start.ready
    assert start.exit_code is None
    assert isinstance(start.last, NoReply)
    assert not start.last.heard
