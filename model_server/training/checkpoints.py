"""Checkpoints: the model after each round, from which a job that was interrupted goes on.

Files are called `xgboost-checkpoint.N`, N the round counted from 0; the newest five stay. One that
SageMaker is uploading, which a file beside it says, is left until the next round.
(aws/sagemaker-xgboost-container checkpointing.py)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import xgboost

from model_server.training.errors import TrainingError
from model_server.training.output import write

NAME = "xgboost-checkpoint"
KEPT = 5
UPLOADING, UPLOADED = ".sagemaker-uploading", ".sagemaker-uploaded"


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The folder of one booster's checkpoints."""

    folder: Path

    def fold(self, number: int) -> "Checkpoints":
        """Give the folder of one booster of a cross-validation."""
        return Checkpoints(self.folder / f"model-{number}")

    def newest(
        self, parameters: dict[str, object], cache: Sequence[xgboost.DMatrix]
    ) -> xgboost.Booster | None:
        """Load the newest checkpoint that is whole; None where there is none to go on from."""
        for path in reversed(self._paths()):
            booster = xgboost.Booster(parameters, cache)
            try:
                booster.load_model(bytearray(path.read_bytes()))
            except xgboost.core.XGBoostError:
                continue
            return booster
        return None

    def save(self, booster: xgboost.Booster) -> None:
        """Keep the booster after a round. Raises TrainingError where nothing can be written."""
        number = booster.num_boosted_rounds() - 1
        try:
            write(self.folder / f"{NAME}.{number}", bytes(booster.save_raw("ubj")))
            for path in self._paths()[:-KEPT]:
                if not _is_uploading(path):
                    path.unlink()
        except OSError as error:
            raise TrainingError(
                f"checkpointconfig.json: LocalPath: {self.folder} cannot be written: "
                f"{error.strerror}"
            ) from error

    def _paths(self) -> list[Path]:
        found = [
            path
            for path in (self.folder.iterdir() if self.folder.is_dir() else ())
            if re.fullmatch(rf"{NAME}\.\d+", path.name)
        ]
        return sorted(found, key=lambda path: int(path.suffix[1:]))


def _is_uploading(path: Path) -> bool:
    return (
        path.with_name(f"{path.name}{UPLOADING}").exists()
        and not path.with_name(f"{path.name}{UPLOADED}").exists()
    )
