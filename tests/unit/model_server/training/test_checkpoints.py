from pathlib import Path

import numpy as np
import pytest
import xgboost

from model_server.training.checkpoints import UPLOADED, UPLOADING, Checkpoints
from model_server.training.errors import TrainingError

DATA = xgboost.DMatrix(np.arange(8.0).reshape(-1, 1), np.arange(8.0), nthread=1)
PARAMETERS: dict[str, object] = {"nthread": 1, "min_child_weight": 0}


def rounds(checkpoints: Checkpoints, number: int) -> xgboost.Booster:
    booster = checkpoints.newest(PARAMETERS, [DATA]) or xgboost.Booster(PARAMETERS, [DATA])
    for _ in range(number):
        booster.update(DATA, booster.num_boosted_rounds())
        checkpoints.save(booster)
    return booster


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_stay_and_the_job_goes_on(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path / "checkpoints")

    assert checkpoints.newest(PARAMETERS, [DATA]) is None
    rounds(checkpoints, 12)

    assert names(checkpoints.folder) == [
        f"xgboost-checkpoint.{number}" for number in (10, 11, 7, 8, 9)
    ]
    newest = checkpoints.newest(PARAMETERS, [DATA])
    assert newest is not None
    assert newest.num_boosted_rounds() == 12
    assert rounds(checkpoints, 2).num_boosted_rounds() == 14


def test_what_is_being_uploaded_is_left(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    rounds(checkpoints, 2)
    for number in (0, 1):
        (tmp_path / f"xgboost-checkpoint.{number}{UPLOADING}").touch()
    (tmp_path / f"xgboost-checkpoint.1{UPLOADED}").touch()

    rounds(checkpoints, 6)

    kept = [path.name for path in tmp_path.iterdir() if "sagemaker" not in path.name]
    assert sorted(kept) == [f"xgboost-checkpoint.{number}" for number in (0, 3, 4, 5, 6, 7)]


def test_one_that_is_damaged_is_passed_over(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    rounds(checkpoints, 3)
    (tmp_path / "xgboost-checkpoint.2").write_bytes(b"no model")

    newest = checkpoints.newest(PARAMETERS, [DATA])

    assert newest is not None
    assert newest.num_boosted_rounds() == 2


def test_folds_have_folders_of_their_own(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path).fold(3) == Checkpoints(tmp_path / "model-3")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(TrainingError, match=r"^checkpointconfig\.json: LocalPath: .*/below cannot"):
        rounds(Checkpoints(tmp_path / "file" / "below"), 1)
