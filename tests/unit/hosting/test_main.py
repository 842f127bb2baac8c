"""The process: it starts, serves and ends cleanly, or says in one line what is wrong."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn

from hosting.__main__ import main
from hosting.runtime.api import RuntimeApi
from tests.hosting_stand import DEADLINE_S, Answer, HttpContainer, Received, wait_until

ROOT = Path(__file__).parents[3]
ENVIRON = {
    "HOST": "127.0.0.1",
    "PORT": "8002",
    "ENDPOINTS_FILE": str(ROOT / "deploy" / "endpoint.yaml"),
    "STATE": "to be replaced",
    "CONTAINERS": "credit-risk=http://127.0.0.1:9",
    "AWS_ACCOUNT_ID": "123456789012",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


def test_serves_where_it_is_told_until_sigterm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served: list[tuple[RuntimeApi, dict[str, Any]]] = []
    handlers: dict[int, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: served.append((app, options)))
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    main(ENVIRON | {"STATE": str(tmp_path)})
    [(app, options)] = served
    assert isinstance(app, RuntimeApi)
    assert (options["host"], options["port"], options["access_log"]) == ("127.0.0.1", 8002, False)
    with pytest.raises(SystemExit) as raised:
        handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert raised.value.code == 0


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"PORT": ""}, "hosting: PORT is not set: hosting needs it"),
        (
            {"CONTAINERS": "other=http://127.0.0.1:9"},
            "hosting: CONTAINERS does not tell where credit-risk answers",
        ),
        (
            {
                "CONTAINER_ENGINE": "tcp://127.0.0.1:9",
                "STACK_NAME": "riskstack",
                "CONTAINER_NETWORK": "riskstack_default",
            },
            "hosting: CONTAINER_ENGINE tcp://127.0.0.1:9 does not answer: ",
        ),
    ],
)
def test_what_is_wrong_is_one_line(change: dict[str, str], line: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as raised:
        main(ENVIRON | {"STATE": str(tmp_path)} | change)
    assert str(raised.value.code).startswith(line)


def test_the_process_ends_an_invocation_before_it_ends(tmp_path: Path) -> None:
    asked, answer = threading.Event(), threading.Event()

    def wait(_request: Received) -> Answer:
        asked.set()
        answer.wait(DEADLINE_S)
        return Answer(200, b"0.5")

    container = HttpContainer()
    container.invoke = wait
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environ = ENVIRON | {
        "PORT": str(port),
        "CONTAINERS": f"credit-risk={container.url}",
        "STATE": str(tmp_path),
    }

    def is_up() -> bool:
        try:
            return requests.get(f"{url}/health", timeout=DEADLINE_S).ok
        except requests.ConnectionError:
            return False

    with (
        container.running(),
        ThreadPoolExecutor() as pool,
        subprocess.Popen(
            [sys.executable, "-m", "hosting"],
            cwd=ROOT,
            env=os.environ | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        try:
            wait_until(is_up)
            invocation = pool.submit(
                requests.post, f"{url}/endpoints/credit-risk/invocations", "1,2", timeout=DEADLINE_S
            )
            assert asked.wait(DEADLINE_S)
            process.send_signal(signal.SIGTERM)
            # it no longer listens, and still waits for the container
            wait_until(lambda: not is_up())
            answer.set()
            assert invocation.result(DEADLINE_S).content == b"0.5"
            output, errors = process.communicate(timeout=DEADLINE_S)
        finally:
            answer.set()
            process.kill()
    assert (process.returncode, errors) == (0, "")
    assert [json.loads(line)["message"] for line in output.splitlines()] == [
        "container",
        "invocation",
    ]
