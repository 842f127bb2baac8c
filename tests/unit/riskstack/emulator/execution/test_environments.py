"""Scheduling, with processes that are real: what an invocation waits for, and what is killed."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from riskstack.emulator.execution import environment as one
from riskstack.emulator.execution import environments as many
from riskstack.emulator.execution.environments import Environments
from riskstack.emulator.execution.invocation import Invocation, Outcome
from riskstack.emulator.execution.process import Launch
from riskstack.emulator.function import NotStartedError, ThrottledError
from tests.lambda_stand import function, gone, write

PATIENCE_S = 60.0
FLOODS = """
    import os

    def handler(event, context):
        while True:
            os.write(1, b"y\\n" * 30_000)
"""
FLOODS_BEHIND = """
    import subprocess
    import time

    def handler(event, context):
        subprocess.Popen(["yes"], start_new_session=True)
        time.sleep(600)
"""
HANDLER = """
    import os
    import pathlib
    import subprocess
    import sys
    import time

    folder = pathlib.Path(__file__).parent
    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        if "child" in event:
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
            (folder / "child").write_text(str(child.pid))
        if "until" in event:
            (folder / f"{event['until']}-begun").touch()
            while not (folder / event["until"]).exists():
                time.sleep(0.005)
        return {"pid": os.getpid(), "calls": calls}
"""


def run(
    folder: Path,
    use: Callable[[Environments], Awaitable[None]],
    source: str = HANDLER,
    limit: int = 4,
    **properties: object,
) -> None:
    """Use environments, and close them."""

    async def main() -> None:
        launch = Launch(function(**properties), dict(os.environ), write(folder, source))
        environments = Environments(launch, limit, lambda _: None)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await use(environments)
        finally:
            await environments.close()

    asyncio.run(main())


async def invoke(environments: Environments, **event: object) -> Any:  # noqa: ANN401 - any JSON
    """Invoke; give the answer."""
    outcome = await given(environments, **event)
    assert outcome.result.error is None, outcome.result
    return json.loads(outcome.result.payload)


async def given(environments: Environments, **event: object) -> Outcome:
    """Invoke; give all that came of it."""
    return await environments.invoke(Invocation(json.dumps(event).encode()), lambda _: None)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    while not condition():  # noqa: ASYNC110 - other processes tell of it
        await asyncio.sleep(0.005)


def test_an_environment_is_used_again(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        environments.warm_up()
        assert environments.fault == "it is being loaded"
        first, second = await invoke(environments), await invoke(environments)
        assert second == {"pid": first["pid"], "calls": 2}
        assert environments.in_flight == 0
        assert environments.fault is None

    run(tmp_path, use)


def test_invocations_at_once_have_environments_of_their_own(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        first = asyncio.create_task(invoke(environments, until="go"))
        await until((tmp_path / "go-begun").exists)
        second = await invoke(environments)
        (tmp_path / "go").touch()
        assert (await first)["pid"] != second["pid"]

    run(tmp_path, use)


def test_at_the_limit_they_wait(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        first = asyncio.create_task(invoke(environments, until="go"))
        await until((tmp_path / "go-begun").exists)
        second = asyncio.create_task(invoke(environments))
        await until(lambda: environments.in_flight == 2)
        (tmp_path / "go").touch()
        assert (await second)["pid"] == (await first)["pid"]

    run(tmp_path, use, limit=1)


def test_reserved_concurrency_refuses_what_is_beyond_it(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        first = asyncio.create_task(invoke(environments, until="go"))
        await until((tmp_path / "go-begun").exists)
        with pytest.raises(ThrottledError):
            await invoke(environments)
        (tmp_path / "go").touch()
        await first
        await invoke(environments)

    run(tmp_path, use, ReservedConcurrentExecutions=1)


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="looks at processes where Linux has them"
)
def test_a_timeout_kills_the_handler_and_what_it_started(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        pid = (await invoke(environments))["pid"]
        outcome = await given(environments, child=1, until="never")
        assert json.loads(outcome.result.payload)["errorType"] == "Sandbox.Timedout"
        assert outcome.duration_ms == 3000
        child = int((tmp_path / "child").read_text())
        await until(lambda: gone(pid) and gone(child))
        assert (await invoke(environments))["calls"] == 1

    run(tmp_path, use, Timeout=3)


def test_idle_environments_are_let_go_but_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "IDLE_SECONDS", 0.01)

    async def use(environments: Environments) -> None:
        tasks = [asyncio.create_task(invoke(environments, until=name)) for name in ("a", "b")]
        await until(lambda: all((tmp_path / f"{name}-begun").exists() for name in ("a", "b")))
        (tmp_path / "a").touch()
        (tmp_path / "b").touch()
        pids = {answer["pid"] for answer in await asyncio.gather(*tasks)}
        await until(lambda: sum(gone(pid) for pid in pids) == 1)
        assert (await invoke(environments))["pid"] in pids

    run(tmp_path, use)


def test_a_process_that_ends_between_invocations_is_replaced(tmp_path: Path) -> None:
    source = """
        import os
        import threading

        def handler(event, context):
            # only once the answer is out
            threading.Timer(0.05, os._exit, (1,)).start()
            return {"pid": os.getpid()}
    """

    async def use(environments: Environments) -> None:
        first = (await invoke(environments))["pid"]
        await until(lambda: not any(one.alive for _, one in environments._idle))
        assert (await invoke(environments))["pid"] != first

    run(tmp_path, use, source)


def test_a_start_that_takes_too_long_is_a_timeout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "INIT_SECONDS", 0.05)

    async def use(environments: Environments) -> None:
        outcome = await given(environments)
        document = json.loads(outcome.result.payload)
        assert document["errorType"] == "Sandbox.Timedout"
        assert document["errorMessage"].endswith("Task timed out after 1.00 seconds")
        assert b"\tStatus: error\tError Type: Sandbox.Timedout\t\n" in outcome.log
        assert environments.fault

    run(tmp_path, use, "import time; time.sleep(60)", Timeout=1)


@pytest.mark.parametrize("source", [FLOODS, FLOODS_BEHIND])
def test_a_log_without_end_holds_nobody_up(tmp_path: Path, source: str) -> None:
    async def use(environments: Environments) -> None:
        outcome = await given(environments)
        document = json.loads(outcome.result.payload)
        assert document["errorType"] == "Sandbox.Timedout"
        assert outcome.log.endswith(b"\tStatus: timeout\t\n")

    run(tmp_path, use, source, Timeout=1)


def test_a_process_that_cannot_be_started_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Launch) -> None:
        raise OSError("too many")

    monkeypatch.setattr(one, "spawn", refuse)

    async def use(environments: Environments) -> None:
        with pytest.raises(NotStartedError, match="too many"):
            await given(environments)
        assert environments.fault == "too many"

    run(tmp_path, use)


def test_what_goes_wrong_at_a_start_is_told_and_the_next_one_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Launch) -> None:
        raise ValueError("embedded null byte")

    async def use(environments: Environments) -> None:
        with monkeypatch.context() as broken:
            broken.setattr(one, "spawn", refuse)
            outcome = await given(environments)
        assert b"embedded null byte" in outcome.result.payload
        assert environments._count == 0
        assert (await invoke(environments))["calls"] == 1

    run(tmp_path, use, limit=1)


def test_nothing_is_started_for_a_caller_that_gave_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "PATIENCE_SECONDS", 600.0)

    async def use(environments: Environments) -> None:
        first = asyncio.create_task(invoke(environments, until="go"))
        await until((tmp_path / "go-begun").exists)
        second = asyncio.create_task(invoke(environments))
        await until(lambda: bool(environments._waiting))
        second.cancel()
        await asyncio.wait([second])
        monkeypatch.setattr(many, "PATIENCE_SECONDS", 0.0)
        environments._grow()
        assert environments._count == 1
        (tmp_path / "go").touch()
        await first

    run(tmp_path, use)


def test_nothing_is_started_once_it_is_closed(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        await environments.close()
        with pytest.raises(asyncio.CancelledError):
            await invoke(environments)
        assert environments._count == 0

    run(tmp_path, use)


def test_a_caller_that_gives_up_takes_its_invocation_with_it(tmp_path: Path) -> None:
    async def use(environments: Environments) -> None:
        task = asyncio.create_task(invoke(environments, until="never"))
        await until((tmp_path / "never-begun").exists)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await invoke(environments))["calls"] == 1

    run(tmp_path, use, Timeout=900)


def test_closing_kills_what_is_busy(tmp_path: Path) -> None:
    started = time.monotonic()
    tasks = []

    async def use(environments: Environments) -> None:
        tasks.append(asyncio.create_task(given(environments, until="never")))
        await until((tmp_path / "never-begun").exists)
        await environments.close()
        outcome = await tasks[0]
        assert json.loads(outcome.result.payload)["errorType"] == "Runtime.ExitError"

    run(tmp_path, use, Timeout=900)
    assert time.monotonic() - started < PATIENCE_S
