import asyncio
import hashlib
import pickle
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.model import booster as booster_module
from model_server.model import trial
from model_server.model.booster import Model
from model_server.model.booster import load as load_file
from model_server.model.folder import FILE_NAME
from model_server.model.predictor import ModelError
from model_server.serving.errors import PredictionError
from model_server.serving.invocation import Invocation, prepare


async def load(folder: Path) -> Model:
    return await load_file(folder / FILE_NAME)


def rows_of(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rows = np.random.default_rng(1).normal(size=(count, 3)).astype(np.float32)
    rows[::5, 1] = np.nan
    return rows


def test_it_knows_what_a_request_must_know(model: Model, model_content: bytes) -> None:
    assert model.columns == 3
    assert model.rounds == 8
    assert model.version == hashlib.sha256(model_content).hexdigest()[:12]


def test_scores_are_those_of_xgboost(model: Model, booster: xgboost.Booster) -> None:
    rows = rows_of(50)
    expected = booster.predict(xgboost.DMatrix(rows), validate_features=False)

    assert np.array_equal(model.score(rows), expected)


def test_contributions_add_up_to_the_log_odds(model: Model) -> None:
    rows = rows_of(50)
    contributions = model.contributions(rows)

    assert contributions.shape == (50, 4)
    scores = model.score(rows).astype(float)
    assert np.allclose(contributions.sum(axis=1), np.log(scores / (1 - scores)), atol=1e-5)


def test_threads_may_predict_at_once(model: Model) -> None:
    rows = rows_of(300)
    expected = model.score(rows), model.contributions(rows)

    def both(_: int) -> bool:
        return np.array_equal(model.score(rows), expected[0]) and np.array_equal(
            model.contributions(rows), expected[1]
        )

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(both, range(20)))


def test_early_stopping_counts(
    booster: xgboost.Booster, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stopped = booster.copy()
    stopped.set_attr(best_iteration="2")
    (tmp_path / FILE_NAME).write_bytes(stopped.save_raw("json"))

    model = asyncio.run(load(tmp_path))

    assert caplog.messages == ["only the rounds up to the best one count: 3 of 8"]
    rows = rows_of(9)
    assert model.rounds == 3
    assert np.array_equal(
        model.score(rows), booster[:3].inplace_predict(rows, validate_features=False)
    )


@pytest.mark.filterwarnings("ignore::UserWarning")  # of gblinear, which XGBoost no longer likes
def test_a_linear_booster_predicts_and_explains(tmp_path: Path) -> None:
    rows = rows_of(40)
    data = xgboost.DMatrix(rows, rows[:, 0], nthread=1)
    linear = xgboost.train({"booster": "gblinear", "nthread": 1}, data, num_boost_round=2)
    linear.save_model(tmp_path / "model.json")
    (tmp_path / "model.json").rename(tmp_path / FILE_NAME)

    model = asyncio.run(load(tmp_path))

    assert np.array_equal(model.score(rows), linear.predict(data))
    assert model.contributions(rows).shape == (40, 4)


def test_trees_of_several_targets_predict_and_do_not_explain(tmp_path: Path) -> None:
    rows = rows_of(40)
    data = xgboost.DMatrix(rows, rows[:, [0, 2]], nthread=1)
    parameters = {"multi_strategy": "multi_output_tree", "tree_method": "hist", "nthread": 1}
    trees = xgboost.train(parameters, data, num_boost_round=2)
    (tmp_path / FILE_NAME).write_bytes(trees.save_raw("ubj"))

    model = asyncio.run(load(tmp_path))

    assert np.array_equal(model.score(rows), trees.predict(data))
    explained = Invocation("text/csv", "", "explain=contributions", b"1,2,3")
    with pytest.raises(PredictionError, match="Unable to evaluate payload"):
        prepare(model, explained).whole()


def refusal(folder: Path) -> str:
    with pytest.raises(ModelError) as error:
        asyncio.run(load(folder))
    return str(error.value)


def test_an_absent_model_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path / FILE_NAME} cannot be read: No such file or directory"


def test_a_model_in_a_sub_folder_is_not_loaded(tmp_path: Path, model_content: bytes) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / FILE_NAME).write_bytes(model_content)

    assert "No such file" in refusal(tmp_path)


class Trap:
    """Unpickled, it leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_and_not_run(tmp_path: Path, protocol: int) -> None:
    (tmp_path / FILE_NAME).write_bytes(pickle.dumps(Trap(tmp_path / "sprung"), protocol))

    message = refusal(tmp_path)

    assert protocol < 2 or "is a pickle, which could run code: use Booster.save_model" in message
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("length", [0, 1, 2, 500, 4000])
def test_a_cut_model_is_refused_whatever_xgboost_does(
    tmp_path: Path, model_content: bytes, length: int
) -> None:
    (tmp_path / FILE_NAME).write_bytes(model_content[:length])

    assert refusal(tmp_path).startswith(f"{tmp_path / FILE_NAME} cannot be served: ")


def replace_trial(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    script = folder / "replaced.py"
    script.write_text(code)
    script.chmod(stat.S_IRUSR)
    monkeypatch.setattr(trial, "__file__", str(script))


def test_a_crash_is_named_by_its_signal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(model_content)
    replace_trial(monkeypatch, tmp_path, "import os; os.kill(os.getpid(), 11)")

    assert "ended with SIGSEGV" in refusal(tmp_path)


def test_a_trial_that_is_killed_ran_out_of_memory(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(model_content)
    replace_trial(monkeypatch, tmp_path, "import os; os.kill(os.getpid(), 9)")

    with pytest.raises(MemoryError, match="was killed"):
        asyncio.run(load(tmp_path))


def test_an_endless_trial_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, model_content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(model_content)
    replace_trial(monkeypatch, tmp_path, "import signal; signal.pause()")
    monkeypatch.setattr(booster_module, "TRIAL_SECONDS", 0.01)

    assert "it gave no score in 0.01 s" in refusal(tmp_path)
