"""A small model, trained once, that the tests of model_server share."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.model.booster import Model, load
from model_server.model.folder import FILE_NAME

COLUMNS = ["age", "debt", "home=owner"]


@pytest.fixture(scope="session")
def booster() -> xgboost.Booster:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(400, len(COLUMNS))).astype(np.float32)
    labels = (rows[:, 0] + generator.normal(size=400) > 0).astype(np.float32)
    rows[generator.random(rows.shape) < 0.1] = np.nan
    return xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(rows, labels, feature_names=COLUMNS, nthread=1),
        num_boost_round=8,
    )


@pytest.fixture(scope="session")
def model_content(booster: xgboost.Booster) -> bytes:
    return bytes(booster.save_raw("ubj"))


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory, model_content: bytes) -> Path:
    folder = tmp_path_factory.mktemp("model")
    (folder / FILE_NAME).write_bytes(model_content)
    return folder


@pytest.fixture(scope="session")
def model(model_folder: Path) -> Model:
    return asyncio.run(load(model_folder / FILE_NAME))
