"""HTTP on the client's side: bodies in pieces, clients that go, and what the log says."""

import asyncio
import json
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive

from hosting import wire
from hosting.container import ContainerAnswer, ContainerUnreachableError
from hosting.endpoint import Endpoint, Model, Variant
from hosting.errors import ModelError
from hosting.health import Health, State
from hosting.runtime import Account, Runtime
from hosting.watch import WatchedContainer
from hosting.wire import ClientGoneError, InvokeEndpoint, NotSupported, error_reply, read_body
from tests.hosting_stand import MemoryContainer, ReadableLog

GONE: Message = {"type": "http.disconnect"}
WHOLE: Message = {"type": "http.request", "body": b"1,2", "more_body": False}


def receiver(*messages: Message) -> Receive:
    rest = iter(messages)

    async def receive() -> Message:
        return next(rest)

    return receive


class Stand:
    """InvokeEndpoint before a container in memory."""

    def __init__(self, draw: Callable[[], float] = lambda: 0.0) -> None:
        self.container = MemoryContainer()
        self.log = ReadableLog()
        watched = WatchedContainer("credit", self.container, self.log.logger)
        watched.health = Health(State.HEALTHY, 0, "")
        endpoint = Endpoint("risk", (Variant("AllTraffic", Model("credit", "primary"), 1),))
        self.runtime = Runtime(Account("0", "eu"), {"risk": endpoint}, {"credit": watched}, draw)
        self.sent: list[Message] = []

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def request(
        self,
        *messages: Message,
        endpoint: str = "risk",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        scope = {
            "type": "http",
            "headers": headers,
            "path_params": {"endpoint_name": endpoint},
            "state": {"runtime": self.runtime},
        }
        asyncio.run(InvokeEndpoint(self.log.logger)(scope, receiver(*messages), self.send))

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    def line(self) -> dict[str, object]:
        """Give the one line of the log, its times checked and left out."""
        [line] = self.log.lines("invocation")
        assert isinstance(line.pop("overhead_latency_us"), int)
        assert isinstance(line.pop("model_latency_us"), int)
        assert line.pop("request_id") == self.headers[b"x-amzn-requestid"].decode()
        return line


@given(st.lists(st.binary()))
def test_a_body_is_the_sum_of_its_pieces(pieces: list[bytes]) -> None:
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    whole = b"".join(pieces)
    read = asyncio.run(read_body(receiver(*messages, {"type": "http.request"})))
    assert read == (whole, len(whole))


def test_of_a_body_over_the_limit_no_more_than_the_limit_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "PAYLOAD_LIMIT", 5)
    pieces = [b"123", b"456", b"7"]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    body, size = asyncio.run(read_body(receiver(*messages, {"type": "http.request"})))
    assert (len(body) <= 5, size) == (True, 7)


def test_a_client_that_goes_is_told_of() -> None:
    with pytest.raises(ClientGoneError):
        asyncio.run(read_body(receiver(GONE)))


def test_a_client_that_goes_gets_no_answer_and_costs_no_invocation() -> None:
    stand = Stand()
    stand.request({"type": "http.request", "body": b"1", "more_body": True}, GONE)
    assert (stand.sent, stand.container.invocations) == ([], [])
    asyncio.run(
        NotSupported("InvokeEndpointAsync", "no")({"type": "http"}, receiver(GONE), stand.send)
    )
    assert stand.sent == []


def test_an_answer_reaches_the_client_to_the_byte() -> None:
    stand = Stand()
    # what aiohttp makes of a header that is not UTF-8
    attributes = b"caf\xe9".decode("utf-8", "surrogateescape")
    stand.container.outcome = ContainerAnswer(200, "text/csv", attributes, b"\x00\xff")
    stand.request(WHOLE)
    assert stand.status == 200
    assert stand.sent[1] == {"type": "http.response.body", "body": b"\x00\xff"}
    request_id = stand.headers[b"x-amzn-requestid"]
    assert stand.sent[0]["headers"] == [
        (b"x-amzn-requestid", request_id),
        (b"x-amzn-invoked-production-variant", b"AllTraffic"),
        (b"content-type", b"text/csv"),
        (b"x-amzn-sagemaker-custom-attributes", b"caf\xe9"),
        (b"content-length", b"2"),
    ]


def test_each_invocation_has_one_line_in_the_log() -> None:
    stand = Stand()
    stand.request(WHOLE)
    assert stand.line() == {
        "level": "INFO",
        "endpoint": "risk",
        "variant": "AllTraffic",
        "status": 200,
    }


def test_the_line_tells_what_failed_without_the_words_of_the_container() -> None:
    stand = Stand()
    stand.container.outcome = ContainerAnswer(400, None, None, b"Ada Park is too young")
    stand.request(WHOLE)
    assert stand.line() == {
        "level": "INFO",
        "endpoint": "risk",
        "variant": "AllTraffic",
        "status": 424,
        "error": "ModelError",
        "original_status": 400,
        "reason": "",
    }


def test_the_line_tells_why_there_was_no_answer() -> None:
    stand = Stand()
    stand.container.outcome = ContainerUnreachableError("connection refused")
    stand.request(WHOLE)
    line = stand.line()
    assert (line["original_status"], line["reason"]) == (0, "connection refused")


def test_the_line_tells_what_is_wrong_with_a_request() -> None:
    stand = Stand()
    stand.request(WHOLE, endpoint="no")
    assert stand.line() == {
        "level": "INFO",
        "endpoint": "no",
        "variant": "",
        "status": 400,
        "error": "ValidationError",
        "members": ["endpointName"],
    }


@pytest.mark.parametrize(
    ("header", "value", "member"),
    [
        (b"x-amzn-sagemaker-inference-id", b" Ada Park", "inferenceId"),
        (b"x-amzn-sagemaker-target-variant", b"Ada Park", "targetVariant"),
        (b"x-amzn-sagemaker-target-variant", b"AdaPark", "targetVariant"),
        (b"x-amzn-sagemaker-session-id", b"Ada Park", "x-amzn-sagemaker-session-id"),
    ],
)
def test_the_line_names_what_is_wrong_without_its_value(
    header: bytes, value: bytes, member: str
) -> None:
    stand = Stand()
    stand.request(WHOLE, headers=[(header, value)])
    line = stand.line()
    assert (line["error"], line["members"]) == ("ValidationError", [member])
    assert "Ada" not in json.dumps(line)


def test_a_fault_of_hosting_is_an_internal_failure_with_its_reason_in_the_log() -> None:
    def draw() -> float:
        raise ZeroDivisionError("Ada Park")

    stand = Stand(draw)
    stand.request(WHOLE)
    assert stand.status == 500
    assert stand.headers[b"x-amzn-errortype"] == b"InternalFailure"
    request_id = stand.headers[b"x-amzn-requestid"].decode()
    assert json.loads(stand.sent[1]["body"]) == {
        "Message": f"Hosting's log tells why, under {request_id}."
    }
    [reason] = stand.log.lines("internal failure")
    assert (reason["request_id"], reason["cause"]) == (request_id, "ZeroDivisionError")
    assert str(reason["stack"]).endswith(" draw']")
    assert "Ada" not in json.dumps(reason)
    assert stand.line()["error"] == "InternalFailure"


def test_an_error_goes_by_header_and_body() -> None:
    error = ModelError("m", original_status=500, original_message="o", log_stream_arn="arn")
    status, headers, body = error_reply(error)
    assert (status, dict(headers)[b"x-amzn-errortype"]) == (424, b"ModelError")
    assert json.loads(body) == error.members()
