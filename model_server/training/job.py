"""A training job from its input files to its output files, as SageMaker runs one.

The same input gives the same bytes in every file: no file holds a time or a random name.
"""

import json
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import xgboost

from model_server.model.folder import FILE_NAME
from model_server.settings import Settings
from model_server.training import (
    channel,
    configuration,
    cross_validation,
    demands,
    evaluation,
    failure,
    fit,
    hyperparameters,
    summary,
)
from model_server.training.checkpoints import Checkpoints
from model_server.training.configuration import TRAIN, VALIDATION
from model_server.training.errors import TrainingError
from model_server.training.fit import Surroundings
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.measuring import Measuring
from model_server.training.output import write
from model_server.training.report import Findings, page
from model_server.training.table import Table, joined

STOPPED = "stopped by SIGTERM before the model was finished"

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Progress:
    """What a stop finds: whether to leave the models so far, and the models."""

    wanted: bool = False
    folds: bool = False
    boosters: list[xgboost.Booster] = field(default_factory=list)


def run(settings: Settings) -> int:
    """Train; give the exit code: 0, or 1 with the reason in output/failure.

    SIGTERM, which arrives as SystemExit, leaves the model so far where save_model_on_termination
    asks for it, and 0; else a reason, before it ends the process.
    """
    reason = settings.output / "failure"
    reason.unlink(missing_ok=True)
    progress = _Progress()
    try:
        _train(settings, progress)
    except TrainingError as error:
        failure.leave(reason, str(error))
        return 1
    except SystemExit:
        begun = [each for each in progress.boosters if each.num_boosted_rounds()]
        if not (progress.wanted and begun):
            failure.leave(reason, STOPPED)
            raise
        _write_models(settings, begun, folds=progress.folds)
        logger.info("stopped by SIGTERM, the model so far is left")
    except Exception as error:
        logger.exception("an unforeseen error")
        failure.leave(reason, failure.unforeseen(error))
        return 1
    return 0


def _train(settings: Settings, progress: _Progress) -> None:
    folder = settings.input / "config"
    asked = hyperparameters.parse(configuration.read(folder / "hyperparameters.json"))
    formats = configuration.channels(configuration.read(folder / "inputdataconfig.json"))
    configuration.check_hosts(configuration.read(folder / "resourceconfig.json"))
    kept = configuration.checkpoint_folder(folder / "checkpointconfig.json", settings.base)
    _check_watched(asked, formats)
    tables = channel.read(settings.input / "data", formats, asked)
    demands.check(tables[TRAIN], asked)
    rows = {name: len(table) for name, table in tables.items()}
    logger.info("training", extra={"rows": rows, "columns": tables[TRAIN].columns})

    progress.wanted = asked.save_model_on_termination
    progress.folds = asked.cross_validation is not None
    checkpoints = None if kept is None else Checkpoints(kept)
    around = Surroundings(_say, checkpoints, progress.boosters)
    if asked.cross_validation:
        _cross_validate(settings, tables, asked, around)
    else:
        _fit(settings, tables, asked, around)
    logger.info("trained")


def _check_watched(asked: Hyperparameters, channels: Mapping[str, object]) -> None:
    """Check that what is to be watched is there. Raises TrainingError."""
    if VALIDATION in channels or asked.cross_validation:
        return
    for name in ("early_stopping_rounds", "_tuning_objective_metric"):
        if name in asked.set:
            raise TrainingError(f"{name}: only with the channel {VALIDATION}, which is missing")


def _fit(
    settings: Settings, tables: Mapping[str, Table], asked: Hyperparameters, around: Surroundings
) -> None:
    train, validation = tables[TRAIN], tables.get(VALIDATION)
    parts = evaluation.folds(asked, train, validation)
    data = fit.matrices(tables, asked)
    booster = fit.fit(data, asked, around)
    unseen = None
    if parts:
        # as many rounds as the model has: the folds have nothing to watch
        rounds = replace(asked, num_round=booster.num_boosted_rounds(), early_stopping_rounds=None)
        unseen = evaluation.cross_validate(train, rounds, parts)
    elif validation and evaluation.is_compared(asked):
        unseen = evaluation.on_validation(booster, data, tables)
    findings = Findings(
        table=train,
        unseen=unseen,
        scores=Measuring.asked_for(asked).scores(booster, data),
        importance=fit.importance(booster, data[TRAIN]),
        rounds=booster.num_boosted_rounds(),
        hyperparameters=asked,
    )
    write(settings.output / "data" / "report.html", page(findings).encode())
    _write_metrics(settings, summary.of_model(findings))
    _write_models(settings, [booster], folds=False)


def _cross_validate(
    settings: Settings, tables: Mapping[str, Table], asked: Hyperparameters, around: Surroundings
) -> None:
    # AWS's image joins both channels for this
    table = joined(list(tables.values()))
    result = cross_validation.cross_validate(table, asked, around)
    text = cross_validation.predictions_csv(table, result.predictions, asked)
    write(settings.output / "data" / "predictions.csv", text.encode())
    _write_metrics(settings, summary.of_folds(table, result, asked))
    _write_models(settings, result.boosters, folds=True)


def _write_metrics(settings: Settings, metrics: Mapping[str, object]) -> None:
    text = json.dumps(metrics, indent=2, sort_keys=True, allow_nan=False) + "\n"
    write(settings.model / "metadata" / "metrics.json", text.encode())
    for name, value in summary.flat(metrics):
        _say(f"{name}={value};")


def _write_models(settings: Settings, boosters: list[xgboost.Booster], *, folds: bool) -> None:
    for number, booster in enumerate(boosters):
        name = f"{FILE_NAME}-{number}" if folds else FILE_NAME
        write(settings.model / name, bytes(booster.save_raw("ubj")))


def _say(line: str) -> None:
    """Print a line at once: SageMaker reads metrics from what is printed."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
