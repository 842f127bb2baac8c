import asyncio
import logging

import pytest

from model_server.model.booster import Model
from model_server.model.predictor import ModelError
from model_server.serving.errors import ModelNotReadyError, ModelUnusableError
from model_server.serving.formats import PLAIN
from model_server.serving.metrics import Metrics
from model_server.serving.readiness import Readiness
from model_server.serving.scoring import Scoring
from model_server.serving.servable import Servable
from model_server.serving.slices import Slices


@pytest.fixture
def servable(model: Model) -> Servable:
    return Scoring(model, PLAIN, Metrics(), Slices())


def loads(result: Servable | Exception) -> Readiness:
    async def load() -> Servable:
        if isinstance(result, Exception):
            raise result
        return result

    return Readiness(load)


def test_before_the_load_there_is_no_model(servable: Servable) -> None:
    readiness = loads(servable)

    with pytest.raises(ModelNotReadyError, match="the model is loading"):
        readiness.model()


def test_after_the_load_there_is(servable: Servable) -> None:
    readiness = loads(servable)

    asyncio.run(readiness.load())

    assert readiness.model() is servable


def test_a_failure_is_logged_and_kept(caplog: pytest.LogCaptureFixture) -> None:
    readiness = loads(ModelError("the folder is empty"))

    asyncio.run(readiness.load())

    assert [(record.levelno, record.message) for record in caplog.records] == [
        (logging.ERROR, "no model: the folder is empty")
    ]
    with pytest.raises(ModelUnusableError, match="see the log"):
        readiness.model()


def test_an_unforeseen_failure_is_logged_with_its_place(caplog: pytest.LogCaptureFixture) -> None:
    readiness = loads(MemoryError("too big"))

    asyncio.run(readiness.load())

    (record,) = caplog.records
    assert record.exc_info is not None


def test_closing_closes_the_model(servable: Servable, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Servable] = []

    def close(servable: Scoring) -> None:
        closed.append(servable)

    monkeypatch.setattr(Scoring, "close", close)
    readiness = loads(servable)
    readiness.close()
    asyncio.run(readiness.load())

    readiness.close()

    assert closed == [servable]
