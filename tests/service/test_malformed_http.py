"""What is hardly HTTP, over bare sockets: the gateway refuses it or drops it, and lives on.

Requests are put together of parts that are right and wrong: their lines, headers, lengths, chunks.
No answer may be a server error, and no connection may stay open once its caller is done.
"""

import re
import select
import socket
from collections.abc import Iterator
from itertools import pairwise

import pytest
import requests
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.gateway_stand import KEY, FunctionServer, gateway

EXAMPLES = 1_000
SEED = 20_260_301
PATIENCE_S = 20.0
TURN_S = 0.02
"""How long an answer gets before the caller ends the connection; most are faster."""
STATUS = re.compile(rb"HTTP/1\.1 ([1-5]\d\d) ")

PATHS = (b"/v1/applications/webform", b"/v1/applications/app-1", b"/v1/", b"/", b"/health")
RIGHT = (
    b"POST /v1/applications/webform HTTP/1.1",
    b"Host: a",
    b"X-Api-Key: " + KEY.encode(),
    b"Content-Type: text/csv",
    b"Content-Length: 3",
)
NAMES = st.sampled_from([b"Host", b"X-Api-Key", b"Content-Type", b"Accept", b"X-A", b"Cookie"])
LENGTHS = st.sampled_from(
    [b"0", b"5", b"99999999999999999999", b"-1", b"+5", b"5, 5", b"0x5", b"", b"five", b"20000000"]
)
CODINGS = st.sampled_from(
    [b"chunked", b"Chunked", b"gzip", b"gzip, chunked", b"chunked, gzip", b""]
)
BYTES = st.binary(max_size=40)


@st.composite
def request_lines(draw: st.DrawFn) -> bytes:
    method = draw(st.sampled_from([b"GET", b"POST", b"HEAD", b"CONNECT", b"PRI", b"get"]) | BYTES)
    target = draw(
        st.sampled_from(PATHS)
        | st.sampled_from([b"*", b"", b"a:80", b"http://a/v1/applications/webform", b"//", b"/%"])
        | st.builds(lambda tail: PATHS[0] + b"/" + tail, BYTES)
        | st.integers(1, 30_000).map(lambda length: b"/" * length)
    )
    version = draw(
        st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.9", b"HTP/1.1", b""])
    )
    parted = draw(st.sampled_from([b" ", b"  ", b"\t"]))
    return method + parted + target + parted + version


def header_lines() -> st.SearchStrategy[bytes]:
    right = st.builds(
        b"%b: %b".__mod__, st.tuples(NAMES, st.sampled_from([KEY.encode(), b"a", b"text/csv", b""]))
    )
    lengths = LENGTHS.map(b"Content-Length: %b".__mod__)
    codings = CODINGS.map(b"Transfer-Encoding: %b".__mod__)
    odd = st.sampled_from(
        [
            b"Expect: 100-continue",
            b"Expect: a miracle",
            b"Connection: close",
            b"Connection: Upgrade",
            b"Upgrade: websocket",
            b"Upgrade: h2c",
            b" folded",
            b"no colon",
            b": no name",
            b"Space : before",
            b"X-Nul: \0",
            b"X-Long: " + b"a" * 12_000,
        ]
    )
    return right | lengths | codings | odd | BYTES


def bodies() -> st.SearchStrategy[bytes]:
    chunk = st.builds(
        lambda size, content, end: size + b"\r\n" + content + end,
        st.sampled_from([b"5", b"0", b"a", b"ffffffffffffffffff", b"-1", b"5;a=b", b"x", b""]),
        st.sampled_from([b"a=b&c", b"", b"a"]),
        st.sampled_from([b"\r\n", b"\n", b""]),
    )
    chunks = st.lists(chunk, max_size=4).map(b"".join)
    return BYTES | chunks | chunks.map(lambda all_of_them: all_of_them + b"0\r\n\r\n")


@st.composite
def all_but_right(draw: st.DrawFn) -> bytes:
    """A request that the gateway takes, but for at most one line."""
    lines = [*RIGHT]
    place = draw(st.integers(0, len(lines) - 1))
    lines[place : place + 1] = draw(
        st.sampled_from([[lines[place]], [], [lines[place]] * 2])
        | header_lines().map(lambda line: [lines[place], line])
        | header_lines().map(lambda line: [line])
    )
    return b"\r\n".join(lines) + b"\r\n\r\n" + draw(st.just(b"a=b") | BYTES)


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    end = draw(st.sampled_from([b"\r\n"] * 6 + [b"\n", b"\r"]))
    lines = [draw(request_lines()), *draw(st.lists(header_lines(), max_size=6))]
    return end.join(lines) + end + end + draw(bodies())


@st.composite
def pieces(draw: st.DrawFn) -> list[bytes]:
    """One message or two on one connection, cut anywhere."""
    any_message = all_but_right() | messages() | st.binary(max_size=200)
    whole = b"".join(draw(st.lists(any_message, min_size=1, max_size=2)))
    cuts = draw(st.lists(st.integers(0, len(whole)), max_size=3).map(sorted))
    return [whole[start:end] for start, end in pairwise([0, *cuts, len(whole)])]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as patch, FunctionServer().running() as function:
        patch.setenv("AWS_ENDPOINT_URL_LAMBDA", function.url)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        with gateway() as port:
            yield port


def answer(port: int, sent: list[bytes]) -> bytes:
    """Send pieces; give all that comes back until the gateway ends the connection."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
        try:
            for piece in sent:
                connection.sendall(piece)
            # an answer is dropped where the caller is done before it comes
            select.select([connection], [], [], TURN_S)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                received += piece
        except TimeoutError:
            raise AssertionError("the gateway leaves its caller waiting") from None
        except OSError:
            # it does not read to the end what it has refused
            pass
    return bytes(received)


def test_no_request_is_a_server_error_or_hangs(port: int) -> None:
    statuses: set[int] = set()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, database=None, suppress_health_check=list(HealthCheck), deadline=None
    )
    @given(pieces())
    def send(sent: list[bytes]) -> None:
        received = answer(port, sent)
        found = {int(status) for status in STATUS.findall(received)}
        assert found or not received, received
        assert max(found, default=0) < 500, received
        statuses.update(found)

    send()
    # right ones came through, wrong ones were told
    assert {202, 400, 403} <= statuses
    assert requests.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE_S).ok


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n", 200),
        # HTTP 0.9 had no versions
        (b"GET /health\r\n\r\n", 200),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nNo colon\r\n\r\n", 400),
        (b"POST /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ],
)
def test_what_is_wrong_is_told(port: int, sent: bytes, status: int) -> None:
    assert int(STATUS.findall(answer(port, [sent]))[-1]) == status


def test_a_caller_may_leave_at_any_point(port: int) -> None:
    whole = b"\r\n".join(RIGHT) + b"\r\n\r\na=b"
    for length in range(0, len(whole), 7):
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
            connection.sendall(whole[:length])
    assert requests.get(f"http://127.0.0.1:{port}/health", timeout=PATIENCE_S).ok
