import asyncio
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from model_server.model.booster import Model
from model_server.model.predictor import ModelError, Predictor
from model_server.script.scripted import Scripted
from model_server.script.start import start
from model_server.serving.invocation import Invocation
from model_server.settings import Settings


@pytest.fixture(autouse=True)
def _modules_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", sys.path[:])
    yield
    sys.modules.pop("inference", None)


def started(folder: Path, code: str, own: Predictor | None = None) -> Scripted:
    (folder / "inference.py").write_text(code)

    async def load() -> Predictor:
        assert own is not None, "nobody asked for a model of ours"
        return own

    settings = Settings(folder, "", 0, "INFO")
    return asyncio.run(start(folder / "inference.py", folder, load, settings))


def answer(servable: Scripted) -> bytes:
    invocation = Invocation("text/csv", "", "", b"1,,0")
    body = asyncio.run(servable.answer(invocation, ())).body
    servable.close()
    return body


def test_the_functions_prepare_load_and_warm_in_this_order(tmp_path: Path) -> None:
    servable = started(
        tmp_path,
        """
done = []
def pre_model_fn(model_dir): done.append("pre")
def model_fn(model_dir, context):
    done.append("model " + str(context.system_properties["model_dir"] == model_dir))
    return done
def model_warmup_fn(model_dir, model): model.append("warm-up")
def transform_fn(model, data, content_type, accept): return model
""",
    )

    assert answer(servable) == b'["pre", "model True", "warm-up"]'


def test_without_model_fn_our_model_is_there(tmp_path: Path, model: Model) -> None:
    servable = started(
        tmp_path,
        "def predict_fn(rows, model): return [model.columns, rows.shape[1]]\n",
        own=model,
    )

    assert answer(servable) == b"[3, 3]"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("import none_such", "inference.py raised ModuleNotFoundError: No module named"),
        ("raise SystemExit(2)", "inference.py raised SystemExit: 2"),
        ("def model_fn(model_dir): return 1 / 0", "model_fn raised ZeroDivisionError: division"),
        ("def model_fn(): ...", "model_fn takes 0 arguments"),
    ],
)
def test_code_that_fails_is_no_model_and_its_trace_is_logged(
    tmp_path: Path, code: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModelError, match=f"^{text}"):
        started(tmp_path, code)

    traces = [record for record in caplog.records if record.exc_info]
    assert len(traces) == ("raised" in text)


@pytest.mark.parametrize(
    ("requirements", "missing"), [("numpy\n", None), ("none-such>=2\n", ["none-such>=2"])]
)
def test_requirements_that_are_not_met_are_logged(
    tmp_path: Path,
    requirements: str,
    missing: list[str] | None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "requirements.txt").write_text(requirements)

    with caplog.at_level(logging.WARNING):
        started(tmp_path, "def model_fn(model_dir): return 1\n").close()

    assert [vars(record)["missing"] for record in caplog.records] == ([missing] if missing else [])
