import asyncio
import logging
from pathlib import Path
from typing import NoReturn

import pytest

from model_server import model as model_module
from model_server.model import Model
from model_server.serving.errors import ModelNotReadyError, ModelUnusableError
from model_server.serving.readiness import Readiness


def test_before_the_load_there_is_no_model(model_folder: Path) -> None:
    readiness = Readiness(model_folder)

    assert not readiness.ready
    with pytest.raises(ModelNotReadyError, match="the model is loading"):
        readiness.model()


def test_after_the_load_there_is(
    model_folder: Path, model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    readiness = Readiness(model_folder)

    with caplog.at_level(logging.INFO):
        asyncio.run(readiness.load())

    assert readiness.ready
    assert readiness.model().version == model.version
    (record,) = (record for record in caplog.records if record.message == "model loaded")
    assert (vars(record)["model_version"], vars(record)["columns"]) == (model.version, 3)


def test_a_failure_is_logged_and_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    readiness = Readiness(tmp_path)

    asyncio.run(readiness.load())

    assert not readiness.ready
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        f"no model: {tmp_path / 'xgboost-model'} cannot be read: No such file or directory"
    ]
    with pytest.raises(ModelUnusableError, match="see the log"):
        readiness.model()


def test_an_unforeseen_failure_is_logged_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_folder: Path) -> NoReturn:
        raise MemoryError("too big")

    monkeypatch.setattr(model_module, "load", fail)
    readiness = Readiness(tmp_path)

    asyncio.run(readiness.load())

    assert not readiness.ready
    (record,) = caplog.records
    assert record.exc_info is not None
