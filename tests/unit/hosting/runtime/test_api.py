"""The API as an application: which operation is meant, the reply, and what the log says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from hosting.container import (
    INVOCATIONS,
    ContainerAnswer,
    ContainerStream,
    ContainerUnreachableError,
)
from hosting.live import LiveEndpoint
from hosting.runtime.api import RuntimeApi
from hosting.runtime.call import Account
from hosting.runtime.runtime import Runtime
from hosting.store import Store
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import in_service, no_s3, variant, watched

GONE: Message = {"type": "http.disconnect"}
WHOLE: Message = {"type": "http.request", "body": b"1,2", "more_body": False}


def receiver(*messages: Message) -> Receive:
    rest: Iterator[Message] = iter(messages)

    async def receive() -> Message:
        try:
            return next(rest)
        except StopIteration:
            await asyncio.Event().wait()
            raise

    return receive


class Stand:
    """The API before a container in memory."""

    def __init__(self, folder: Path, draw: Callable[[], float] = lambda: 0.0) -> None:
        self.container: MemoryContainer = MemoryContainer()
        self.log = ReadableLog()
        self.found = variant("AllTraffic", watched(self.container, self.log))
        runtime = Runtime(
            Account("0", "eu"),
            in_service(LiveEndpoint("risk", (self.found,))),
            Store(folder),
            no_s3,
            self.log.logger,
            draw,
        )
        self.passed_on: list[Scope] = []
        self.api = RuntimeApi(runtime, self.log.logger, self._rest)
        self.sent: list[Message] = []

    async def _rest(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.passed_on.append(scope)

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def request(
        self,
        *messages: Message,
        endpoint: str = "risk",
        operation: str = "invocations",
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        scope = {
            "type": "http",
            "method": "POST",
            "path": f"/endpoints/{endpoint}/{operation}",
            "headers": headers,
        }
        asyncio.run(self.api(scope, receiver(*messages), self.send))

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    def line(self) -> dict[str, object]:
        """Give the one line of the log, its times checked and left out."""
        self.api.flush_log()
        [line] = self.log.lines("invocation")
        assert isinstance(line.pop("overhead_latency_us"), int)
        assert isinstance(line.pop("model_latency_us"), int)
        assert line.pop("request_id") == self.headers[b"x-amzn-requestid"].decode()
        return line


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    return Stand(tmp_path)


@pytest.mark.parametrize(
    "scope",
    [
        {"type": "lifespan"},
        {"type": "http", "method": "GET", "path": "/endpoints/risk/invocations"},
        {"type": "http", "method": "POST", "path": "/endpoints/risk/invocations/"},
        {"type": "http", "method": "POST", "path": "/endpoints/risk"},
        {"type": "http", "method": "POST", "path": "/"},
    ],
)
def test_what_is_no_operation_is_passed_on(stand: Stand, scope: Scope) -> None:
    asyncio.run(stand.api(scope, receiver(), stand.send))
    assert (stand.passed_on, stand.sent) == ([scope], [])


def test_a_client_that_goes_gets_no_answer_and_costs_no_invocation(stand: Stand) -> None:
    stand.request({"type": "http.request", "body": b"1", "more_body": True}, GONE)
    assert (stand.sent, stand.container.invocations) == ([], [])


def test_an_answer_reaches_the_client_to_the_byte(stand: Stand) -> None:
    attributes = b"caf\xe9".decode("latin-1")
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


def test_each_invocation_has_one_line_in_the_log(stand: Stand) -> None:
    stand.request(WHOLE)
    assert stand.line() == {
        "level": "INFO",
        "endpoint": "risk",
        "variant": "AllTraffic",
        "status": 200,
    }


def test_the_line_tells_what_failed_without_the_words_of_the_container(stand: Stand) -> None:
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


def test_the_line_tells_why_there_was_no_answer(stand: Stand) -> None:
    stand.container.outcome = ContainerUnreachableError("connection refused")
    stand.request(WHOLE)
    line = stand.line()
    assert (line["original_status"], line["reason"]) == (0, "connection refused")


def test_the_line_tells_what_is_wrong_with_a_request(stand: Stand) -> None:
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
        (b"x-amzn-sagemaker-session-id", b"Ada Park", "SessionId"),
    ],
)
def test_the_line_names_what_is_wrong_without_its_value(
    stand: Stand, header: bytes, value: bytes, member: str
) -> None:
    stand.request(WHOLE, headers=[(header, value)])
    line = stand.line()
    assert (line["error"], line["members"]) == ("ValidationError", [member])
    assert "Ada" not in json.dumps(line)


def test_a_fault_of_hosting_is_an_internal_failure_with_its_reason_in_the_log(
    tmp_path: Path,
) -> None:
    def draw() -> float:
        raise ZeroDivisionError("Ada Park")

    stand = Stand(tmp_path, draw)
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


# Streams


def test_a_stream_ends_when_it_is_whole(stand: Stand) -> None:
    stand.request(WHOLE, operation="invocations-response-stream")
    assert (stand.status, stand.headers[b"content-type"]) == (
        200,
        b"application/vnd.amazon.eventstream",
    )
    *pieces, last = stand.sent[1:]
    assert len(pieces) == 3
    assert all(message["more_body"] for message in pieces)
    assert last == {"type": "http.response.body", "body": b"", "more_body": False}
    assert stand.line()["status"] == 200


class Endless(MemoryContainer):
    """A container whose answer never ends."""

    def __init__(self) -> None:
        super().__init__()
        self.left = False

    @asynccontextmanager
    async def stream(
        self, headers: Mapping[str, str], body: bytes, path: str = INVOCATIONS
    ) -> AsyncIterator[ContainerStream]:
        del headers, body, path
        try:
            yield ContainerStream(200, None, None, self._pieces())
        finally:
            self.left = True

    async def _pieces(self) -> AsyncIterator[bytes]:
        yield b"0"
        await asyncio.Event().wait()


def test_a_client_that_leaves_a_stream_leaves_the_container_too(stand: Stand) -> None:
    stand.container = container = Endless()
    stand.found.instances[0].containers = {"primary": watched(container, stand.log)}
    stand.request(WHOLE, GONE, operation="invocations-response-stream")
    assert stand.line()["reason"] == "the client went away"
    assert container.left
    assert stand.found.instances[0].outstanding == 0


def test_an_endpoint_without_asynchronous_inference_takes_none(stand: Stand) -> None:
    stand.request(WHOLE, operation="async-invocations")
    assert stand.status == 400
    assert stand.line()["members"] == ["endpointName"]
