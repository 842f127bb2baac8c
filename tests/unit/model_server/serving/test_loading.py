import asyncio
import logging
import sys
from pathlib import Path

import pytest

from model_server.model.predictor import ModelError
from model_server.script.scripted import Scripted
from model_server.serving.loading import Loader
from model_server.serving.metrics import Metrics
from model_server.serving.scoring import Scoring
from model_server.serving.servable import Servable
from model_server.serving.slices import Slices
from model_server.settings import Settings


def load(folder: Path, **options: object) -> tuple[Servable, Metrics]:
    metrics = Metrics()
    settings = Settings(folder, "", 0, "INFO", native_code=False, **options)  # type: ignore[arg-type]
    return asyncio.run(Loader(settings, metrics, Slices()).load(folder)), metrics


def test_a_model_of_ours_is_loaded_and_counted(
    model_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        loaded, metrics = load(model_folder)

    assert isinstance(loaded, Scoring)
    (record,) = (record for record in caplog.records if record.message == "model loaded")
    assert vars(record)["model_version"] == loaded.version
    assert b'model_server_model_loads_total{outcome="loaded"} 1.0' in metrics.text()


def test_functions_beside_a_model_go_first(
    tmp_path: Path, model_content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    (tmp_path / "xgboost-model").write_bytes(model_content)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference.py").write_text("def output_fn(prediction, accept): ...\n")

    loaded, _ = load(tmp_path)

    assert isinstance(loaded, Scripted)
    loaded.close()


def test_many_models_share_one_program(tmp_path: Path, model_content: bytes) -> None:
    (tmp_path / "xgboost-model").write_bytes(model_content)
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference.py").touch()

    with pytest.raises(ModelError, match="is not run beside other models: set SAGEMAKER_PROGRAM"):
        load(tmp_path, multi_model=True)


def test_a_folder_without_a_model_is_counted_as_failed(tmp_path: Path) -> None:
    metrics = Metrics()
    loader = Loader(Settings(tmp_path, "", 0, "INFO"), metrics, Slices())

    with pytest.raises(ModelError):
        asyncio.run(loader.load(tmp_path))

    assert b'model_server_model_loads_total{outcome="failed"} 1.0' in metrics.text()


def test_formats_that_there_are_none_of_are_named(model_folder: Path) -> None:
    with pytest.raises(ModelError, match="SAGEMAKER_INFERENCE_OUTPUT: expected keys from"):
        load(model_folder, selected_outputs=("label",))
