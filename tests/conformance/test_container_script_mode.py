"""The container runs a customer's functions as AWS's images do.

aws/sagemaker-inference-toolkit transformer.py (SIT), aws/sagemaker-xgboost-container serving.py and
aws/sagemaker-containers _transformer.py (SMC): names, arguments, what missing functions do.
"""

import json
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.serving import self_test
from tests.container_stand import (
    DEADLINE,
    call,
    free_port,
    invoke,
    ping,
    process,
    served,
    small_booster,
    until,
)

CSV = b"1,,0\n-1,0.5,1\n"
ROWS = np.array([[1, np.nan, 0], [-1, 0.5, 1]], np.float32)
LOAD = """
import os, xgboost
def model_fn(model_dir):
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(os.path.join(model_dir, "xgboost-model"))
    return booster
"""


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    return small_booster()


@pytest.fixture
def base(tmp_path: Path, booster: xgboost.Booster) -> Path:
    (tmp_path / "model" / "code").mkdir(parents=True)
    (tmp_path / "model" / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    return tmp_path


def write(base: Path, code: str, name: str = "inference.py") -> None:
    (base / "model" / "code" / name).write_text(code)


def expected(booster: xgboost.Booster) -> list[float]:
    scores: list[float] = booster.predict(xgboost.DMatrix(ROWS), validate_features=False).tolist()
    return scores


def test_model_fn_alone_gets_awss_defaults(base: Path, booster: xgboost.Booster) -> None:
    """SMC: no Accept is application/json, which is a list; CSV is a line a score."""
    write(base, LOAD)
    with served(base) as port:
        until(lambda: ping(port) == 200)

        as_json, as_csv = invoke(port, CSV), invoke(port, CSV, Accept="text/csv")
        refused = invoke(port, CSV, Accept="image/png"), invoke(port, CSV, "image/png")

    assert as_json.headers["content-type"] == "application/json"
    assert json.loads(as_json.body) == pytest.approx(expected(booster))
    assert as_csv.headers["content-type"] == "text/csv"
    assert [float(line) for line in as_csv.body.split()] == pytest.approx(expected(booster))
    assert [reply.status for reply in refused] == [406, 415]  # SMC _default_transform_fn


def test_every_function_is_called_in_its_turn(base: Path) -> None:
    """SIT README: context may stand last; SIT encodes JSON and CSV as text, others are bytes."""
    write(
        base,
        """
def model_fn(model_dir, context): return "model of " + context.system_properties["model_dir"]
def input_fn(data, content_type): return f"{data!r} as {content_type}"
def predict_fn(data, model): return f"{data} by {model}"
def output_fn(prediction, accept, context):
    context.set_response_header(0, "X-Amzn-SageMaker-Custom-Attributes", "from=script")
    asked = context.get_request_header(0, "X-Amzn-SageMaker-Custom-Attributes")
    return f"{prediction} for {accept}, asked {asked}", "text/plain"
""",
    )
    attributes = {"X-Amzn-SageMaker-Custom-Attributes": "a=b"}
    with served(base) as port:
        until(lambda: ping(port) == 200)
        text = invoke(port, b"1,2", **attributes)
        raw = invoke(port, b"\x89", "image/png", Accept="image/gif")

    assert text.body.decode() == (
        f"'1,2' as text/csv by model of {base}/model for application/json, asked a=b"
    )
    assert text.headers["content-type"] == "text/plain"
    assert text.headers["x-amzn-sagemaker-custom-attributes"] == "from=script"
    assert raw.body.startswith(rb"b'\x89' as image/png")


def test_a_program_may_be_named(base: Path) -> None:
    """SAGEMAKER_PROGRAM and SAGEMAKER_SUBMIT_DIRECTORY, as the SageMaker SDK sets them."""
    code = base / "elsewhere"
    code.mkdir()
    (code / "score.py").write_text(
        "def transform_fn(model, data, content_type, accept): return data * 2\n"
    )
    with served(
        base, SAGEMAKER_PROGRAM="score.py", SAGEMAKER_SUBMIT_DIRECTORY=f"file://{code}"
    ) as port:
        until(lambda: ping(port) == 200)

        assert invoke(port, b"1").body == b"11"


def test_a_model_is_prepared_and_warmed_up(base: Path) -> None:
    """SIT transformer.py, validate_and_initialize: pre_model_fn, model_fn, model_warmup_fn."""
    write(
        base,
        """
import pathlib
calls = []
def pre_model_fn(model_dir): calls.append(f"prepared {pathlib.Path(model_dir).name}")
def model_fn(model_dir): calls.append("loaded"); return "the model"
def model_warmup_fn(model_dir, model, context): calls.append(f"warmed {model} up")
def transform_fn(model, data, content_type, accept): return ", ".join(calls)
""",
    )
    with served(base) as port:
        until(lambda: ping(port) == 200)

        assert invoke(port, b"1").body == b"prepared model, loaded, warmed the model up"


TOGETHER = """
import threading
all_there = threading.Barrier(2, timeout=60)
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    all_there.wait()
    return data
"""


def test_as_many_calls_run_at_once_as_asked(base: Path) -> None:
    """SIT README, SAGEMAKER_MODEL_SERVER_WORKERS; threads here, processes there."""
    write(base, TOGETHER)
    with served(base, SAGEMAKER_MODEL_SERVER_WORKERS="2") as port:
        until(lambda: ping(port) == 200)

        with ThreadPoolExecutor(2) as clients:
            # each waits for the other
            replies = list(clients.map(lambda body: invoke(port, body), (b"1", b"2")))

    assert [(reply.status, reply.body) for reply in replies] == [(200, b"1"), (200, b"2")]


@pytest.mark.parametrize(
    "variable", ["SAGEMAKER_MODEL_SERVER_TIMEOUT", "SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS"]
)
def test_a_call_that_never_ends_makes_the_container_unhealthy(
    base: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """SIT parameters.py, environment.py: a worker that does not answer in time is replaced.

    Here the functions run in the container's one process, and /ping has SageMaker replace it.
    """
    monkeypatch.setattr(self_test, "SECONDS_BETWEEN", 0.05)
    go = base / "go"
    write(
        base,
        f"""
import pathlib, time
def model_fn(model_dir): return None
def transform_fn(model, data, content_type, accept):
    while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)
    return data
""",
    )
    with served(base, **{variable: "1"}) as port:
        until(lambda: ping(port) == 200)
        with ThreadPoolExecutor(1) as clients:
            stuck = clients.submit(invoke, port, b"1")

            until(lambda: ping(port) == 503)

            go.touch()
            assert stuck.result(DEADLINE).status == 200
        until(lambda: ping(port) == 200)


def test_an_error_is_a_500_with_its_type_and_a_log_with_its_place(base: Path) -> None:
    write(base, LOAD + "def predict_fn(data, model): return {}['Nemo']\n")
    (base / "model" / "code" / "requirements.txt").write_text("none-such-package==1.0\n")
    port = free_port()
    with process("serve", base, SAGEMAKER_BIND_TO_PORT=str(port)) as server:
        until(lambda: ping(port) == 200)
        reply = invoke(port, CSV)
        assert ping(port) == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(DEADLINE) == 0
        assert server.stdout is not None
        events = [json.loads(line) for line in server.stdout]

    assert (reply.status, reply.body) == (500, b"predict_fn raised KeyError: 'Nemo'\n")
    (failed,) = (event for event in events if event["message"] == "script failed")
    assert "in predict_fn" in failed["exception"]
    (warned,) = (event for event in events if "missing" in event)
    assert warned["message"].startswith("requirements.txt is not installed")
    assert warned["missing"] == ["none-such-package==1.0"]


def test_code_that_fails_at_the_start_is_no_model(base: Path) -> None:
    write(base, LOAD + "def transform_fn(a, b, c, d): ...\ndef input_fn(a, b): ...\n")
    with served(base) as port:
        until(lambda: invoke(port, CSV).status == 500)

        assert ping(port) == 503


def test_functions_that_block_hold_up_neither_ping_nor_the_stop(base: Path, tmp_path: Path) -> None:
    write(
        base,
        f"""
import pathlib, time
def transform_fn(model, data, content_type, accept):
    pathlib.Path({str(tmp_path / "blocked")!r}).touch()
    while True: time.sleep(60)
""",
    )
    port = free_port()
    # drains for a second where the container gives 25
    command = (
        "import sys; from model_server.serving import server; server.DRAIN_SECONDS = 1;"
        "from model_server.__main__ import main; sys.exit(main(['serve']))"
    )
    environment = {
        "SAGEMAKER_BASE_DIR": str(base),
        "HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
    }
    with subprocess.Popen([sys.executable, "-c", command], env=environment) as server:
        try:
            until(lambda: ping(port) == 200)
            client = threading.Thread(target=ignore_the_answer, args=(port,))
            client.start()
            until((tmp_path / "blocked").exists)
            assert ping(port) == 200

            server.send_signal(signal.SIGTERM)

            assert server.wait(DEADLINE) == 0
            client.join()
        finally:
            server.kill()


def ignore_the_answer(port: int) -> None:
    try:
        call(port, "POST", "/invocations", b"1")
    except OSError:
        return
