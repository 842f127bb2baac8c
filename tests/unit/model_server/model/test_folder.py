import asyncio
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.model.booster import Model
from model_server.model.ensemble import Ensemble
from model_server.model.folder import FILE_NAME, Loading, binary_path, load
from model_server.model.native.compiler import COMPILERS, compile_library
from model_server.model.native.source import translate
from model_server.model.native.translated import NativeModel
from model_server.model.predictor import ModelError
from tests.left_out import leave_out

ROWS = np.random.default_rng(2).normal(size=(20, 3)).astype(np.float32)


def test_every_file_at_the_top_is_a_model(tmp_path: Path, booster: xgboost.Booster) -> None:
    (tmp_path / "a").write_bytes(booster[:2].save_raw("ubj"))
    (tmp_path / FILE_NAME).write_bytes(booster.save_raw("json"))
    (tmp_path / ".hidden").write_text("no model")
    (tmp_path / "_marker").write_text("no model")
    (tmp_path / "metadata").mkdir()

    both = asyncio.run(load(tmp_path))
    first = asyncio.run(load(tmp_path, Loading(ensemble=False)))

    assert isinstance(both, Ensemble)
    expected = [
        part.inplace_predict(ROWS, validate_features=False) for part in (booster, booster[:2])
    ]
    assert np.allclose(both.score(ROWS), np.mean(expected, axis=0), atol=1e-6)
    assert np.allclose(first.score(ROWS), expected[0], atol=1e-6)


def test_an_empty_folder_is_told_what_to_put_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"has no model: put {FILE_NAME} at its top"):
        asyncio.run(load(tmp_path))


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere cannot be read: No such file"):
        asyncio.run(load(tmp_path / "nowhere"))


def test_a_pickle_is_loaded_where_it_is_allowed(tmp_path: Path, booster: xgboost.Booster) -> None:
    (tmp_path / FILE_NAME).write_bytes(pickle.dumps(booster))

    model = asyncio.run(load(tmp_path, Loading(allow_pickle=True, native_code=False)))

    expected = booster.inplace_predict(ROWS, validate_features=False)
    assert np.array_equal(model.score(ROWS), expected)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (pickle.dumps({"not": "a booster"}), "the pickle holds no booster of XGBoost but dict"),
        (b"\x80\x04and no more", "the pickle cannot be read: "),
    ],
)
def test_a_pickle_of_something_else_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)

    with pytest.raises(ModelError, match=says):
        asyncio.run(load(tmp_path, Loading(allow_pickle=True)))


def test_binaries_are_used_only_where_they_are_allowed(
    tmp_path: Path, booster: xgboost.Booster, model_content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not any(map(shutil.which, COMPILERS)):
        leave_out("models that bring native code", "there is no C compiler")
    file = tmp_path / FILE_NAME
    file.write_bytes(model_content)
    binary = binary_path(tmp_path, file)
    binary.parent.mkdir()
    binary.write_bytes(compile_library(translate(booster, 8).text))
    monkeypatch.setenv("PATH", "")  # no compiler any more

    brought = asyncio.run(load(tmp_path, Loading(allow_binaries=True)))
    refused = asyncio.run(load(tmp_path))

    assert isinstance(brought, NativeModel)
    assert isinstance(refused, Model)
    assert np.allclose(brought.score(ROWS), refused.score(ROWS), atol=1e-6)
