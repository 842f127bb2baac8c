import json
import subprocess
import sys

import numpy as np
import pytest
import xgboost

from model_server.model import trial


def test_a_good_model_passes(model_content: bytes) -> None:
    trial.check(model_content)


def test_a_good_model_passes_as_json(booster: xgboost.Booster) -> None:
    trial.check(bytes(booster.save_raw("json")))


@pytest.mark.parametrize("content", [b"not a model", b'{"learner": {}}', b"{}"])
def test_what_is_no_model_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        trial.check(content)


def test_what_xgboost_cannot_even_quote_is_refused() -> None:
    with pytest.raises(ValueError, match="it is damaged"):
        trial.check(b"\xacL\t\xc2\x82\x06\xe7\xe3U\x94")


def test_several_values_a_row_are_fine() -> None:
    rows = np.arange(12, dtype=np.float32).reshape(6, 2)
    booster = xgboost.train(
        {"objective": "multi:softprob", "num_class": 3, "nthread": 1},
        xgboost.DMatrix(rows, [0, 1, 2, 0, 1, 2], nthread=1),
        num_boost_round=1,
    )

    assert trial.check(bytes(booster.save_raw("ubj"))) == bytes(booster.save_raw("ubj"))


def test_it_runs_as_a_file_that_needs_no_package(model_content: bytes) -> None:
    command = [sys.executable, "-I", trial.__file__]
    good = subprocess.run(command, input=model_content, capture_output=True, check=False)
    bad = subprocess.run(
        command, input=json.dumps({"learner": 1}).encode(), capture_output=True, check=False
    )

    assert (good.returncode, good.stderr) == (0, b"")
    assert bad.returncode == 1
    assert len(bad.stderr.splitlines()) == 1
