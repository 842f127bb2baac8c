import json
import threading
from pathlib import Path

import pytest

from riskstack.emulator.execution import environment
from riskstack.emulator.function import Result, ThrottledError
from tests.hosting_stand import wait_until
from tests.lambda_stand import running


def test_a_thread_invokes_and_waits(tmp_path: Path) -> None:
    source = """
        def handler(event, context):
            return [event, context.aws_request_id]
    """
    with running(tmp_path, source) as stand:
        answers: list[Result] = []
        thread = threading.Thread(
            target=lambda: answers.append(stand.service.invoke_from_thread(b'{"a": 1}', "r-1"))
        )
        thread.start()
        thread.join()
    assert [json.loads(answer.payload) for answer in answers] == [[{"a": 1}, "r-1"]]


def test_a_thread_is_told_of_a_throttle(tmp_path: Path) -> None:
    with (
        running(tmp_path, ReservedConcurrentExecutions=0) as stand,
        pytest.raises(ThrottledError),
    ):
        stand.service.invoke_from_thread(b"{}", "r-1")


def test_events_that_are_not_done_are_told_at_the_end(tmp_path: Path) -> None:
    source = "def handler(event, context): raise ValueError"
    with running(tmp_path, source, retry_seconds=60.0) as stand:
        stand.client.invoke(FunctionName="f", InvocationType="Event")
        wait_until(lambda: "END RequestId" in stand.log.text)
    assert stand.told.lines("events are lost") == [{"level": "ERROR", "count": 1}]


def test_an_event_that_breaks_the_service_is_counted_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise ValueError("broken")

    with running(tmp_path) as stand:
        monkeypatch.setattr(stand.service._environments, "invoke", refuse)
        stand.client.invoke(FunctionName="f", InvocationType="Event")
        wait_until(lambda: bool(stand.told.lines("an event is lost")))
        assert stand.service.metrics.counts.events_dropped == 1


def test_an_invocation_that_this_machine_cannot_start_is_told_and_an_event_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[object] = []

    def refuse(launch: object) -> None:
        refused.append(launch)
        raise OSError("too many open files")

    with running(tmp_path) as stand:
        wait_until(lambda: stand.service.fault is None)
        stand.client.invoke(FunctionName="f")
        with monkeypatch.context() as broken:
            broken.setattr(environment, "spawn", refuse)
            (only,) = stand.service._environments._live
            only._process.kill()
            wait_until(lambda: not only.alive)
            with pytest.raises(stand.client.exceptions.ServiceException) as error:
                stand.client.invoke(FunctionName="f")
            stand.client.invoke(FunctionName="f", InvocationType="Event", Payload=b'"event"')
            wait_until(lambda: len(refused) > 1)
        wait_until(lambda: stand.log.text.count("END RequestId") > 1)
    assert error.value.response["Error"] == {
        "Code": "ServiceException",
        "Message": "no process can be started: too many open files",
    }
    assert stand.service.metrics.counts.events_dropped == 0


def test_a_thread_is_not_left_waiting_by_a_service_that_ended(tmp_path: Path) -> None:
    with running(tmp_path) as stand:
        pass
    with pytest.raises(RuntimeError):
        stand.service.invoke_from_thread(b"{}", "r-1")
