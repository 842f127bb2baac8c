import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import requests
from starlette.testclient import TestClient
from starlette.types import Message

from riskstack.emulator.lambda_api import Service, create_app
from tests.hosting_stand import wait_until
from tests.lambda_stand import Stand, function, running, write


class Counters:
    """What one mapping counted."""

    def __init__(self, **values: float) -> None:
        self._values = values

    def values(self) -> Mapping[str, float]:
        return self._values


class Polling:
    """Pollers that can end."""

    def __init__(self) -> None:
        self.alive = True
        self.steps: list[str] = []

    @property
    def counters(self) -> Sequence[Counters]:
        return [
            Counters(PolledEventCount=3, IteratorAge=20.0),
            Counters(PolledEventCount=4, IteratorAge=10.0),
            Counters(PolledEventCount=1),
        ]

    def start(self) -> None:
        self.steps.append("start")

    def stop(self) -> None:
        self.steps.append("stop")


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    source = """
        import json

        def handler(event, context):
            if event == "raise":
                raise ValueError
            if event == "emf":
                metrics = {"Namespace": "n", "Dimensions": [[]], "Metrics": [{"Name": "a"}]}
                print(json.dumps({"_aws": {"CloudWatchMetrics": [metrics]}, "a": 5}))
    """
    with running(tmp_path, source) as running_stand:
        yield running_stand


def metrics(stand: Stand) -> str:
    answer = requests.get(f"{stand.url}/metrics", timeout=30)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def test_metrics(stand: Stand) -> None:
    for event in ("fine", "raise", "emf"):
        stand.client.invoke(FunctionName="f", Payload=json.dumps(event).encode())
    text = metrics(stand)
    for line in (
        'Invocations_total{FunctionName="f"} 3.0',
        'Errors_total{FunctionName="f"} 1.0',
        'Throttles_total{FunctionName="f"} 0.0',
        'ConcurrentExecutions{FunctionName="f"} 0.0',
        'Duration_count{FunctionName="f"} 3.0',
        "n_a_sum 5.0",
        "n_a_count 1.0",
    ):
        assert f"\n{line}\n" in text
    assert re.search(r"\nDuration_sum\{FunctionName=\"f\"\} \d", text)


def test_throttles_are_counted(tmp_path: Path) -> None:
    with running(tmp_path, ReservedConcurrentExecutions=0) as own:
        with pytest.raises(own.client.exceptions.TooManyRequestsException):
            own.client.invoke(FunctionName="f")
        text = metrics(own)
    assert 'Throttles_total{FunctionName="f"} 1.0' in text
    assert 'Invocations_total{FunctionName="f"} 0.0' in text


def test_pollers_run_as_long_as_the_service(tmp_path: Path) -> None:
    polling = Polling()
    service = Service(function(), {}, task_root=write(tmp_path, "def handler(e, c): ..."))
    with TestClient(create_app(service, polling)) as client:
        assert polling.steps == ["start"]
        wait_until(lambda: client.get("/health").json() == {"status": "ok"})
        text = client.get("/metrics").text
        polling.alive = False
        ended = client.get("/health")
    assert polling.steps == ["start", "stop"]
    assert (ended.status_code, ended.json()) == (503, {"status": "a poller ended: see the log"})
    assert 'PolledEventCount_total{FunctionName="f"} 8.0' in text
    assert 'IteratorAge{FunctionName="f"} 20.0' in text


def test_an_address_that_is_no_operation(stand: Stand) -> None:
    answer = requests.post(f"{stand.url}/nowhere", timeout=30)
    assert answer.status_code == 501
    assert answer.json()["message"].startswith("POST /nowhere is not emulated")


def test_a_caller_that_goes_away_invokes_nothing(tmp_path: Path) -> None:
    service = Service(function(), {}, task_root=tmp_path)
    messages: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[object] = []

    async def receive() -> Message:
        return messages.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/2015-03-31/functions/f/invocations",
        "query_string": b"",
        "headers": [],
    }
    asyncio.run(create_app(service)(scope, receive, send))
    assert sent == []
    assert messages == []


def test_a_payload_that_comes_in_pieces_is_refused_where_it_gets_too_large(stand: Stand) -> None:
    def pieces() -> Iterator[bytes]:
        yield from [b"x" * 1_000_000] * 7

    answer = requests.post(
        f"{stand.url}/2015-03-31/functions/f/invocations", data=pieces(), timeout=30
    )
    assert answer.status_code == 413
