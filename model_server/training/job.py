"""A training job from its input files to its output files, as SageMaker runs one.

The same input gives the same bytes in every file: no file holds a time or a random name.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import xgboost

from model_server.model import FILE_NAME
from model_server.settings import Settings
from model_server.training import fit
from model_server.training.channel import (
    CHANNEL,
    Floats32,
    check_channels,
    check_hosts,
    read_configuration,
    read_rows,
)
from model_server.training.errors import TrainingError
from model_server.training.evaluation import Evaluation, cross_validate
from model_server.training.hyperparameters import Hyperparameters, parse
from model_server.training.metrics import METRICS
from model_server.training.report import Findings, page

DIGITS = 6
"""Of a measure in metrics.json and on stdout: the last digits differ between processors."""

logger = logging.getLogger(__name__)


def run(settings: Settings) -> int:
    """Train; give the exit code: 0, or 1 with the reason in output/failure.

    SIGTERM, which arrives as SystemExit, also leaves a reason before it ends the process.
    """
    failure = settings.output / "failure"
    failure.unlink(missing_ok=True)
    try:
        _train(settings)
    except TrainingError as error:
        _fail(failure, str(error))
    except SystemExit:
        _fail(failure, "stopped by SIGTERM before the model was finished")
        raise
    except Exception as error:
        logger.exception("an unforeseen error")
        _fail(failure, f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
    else:
        return 0
    return 1


def _fail(path: Path, reason: str) -> None:
    logger.error("training failed", extra={"reason": reason.partition("\n")[0]})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{reason}\n", encoding="utf-8")


def _train(settings: Settings) -> None:
    configuration = settings.input / "config"
    hyperparameters = parse(read_configuration(configuration / "hyperparameters.json"))
    check_channels(read_configuration(configuration / "inputdataconfig.json"))
    check_hosts(read_configuration(configuration / "resourceconfig.json"))
    rows, labels = read_rows(settings.input / "data" / CHANNEL)
    _check(hyperparameters, rows, labels)
    logger.info("training", extra={"rows": len(rows), "columns": rows.shape[1]})

    evaluations = cross_validate(rows, labels, hyperparameters)
    booster = fit.fit(rows, labels, hyperparameters)
    findings = _findings(booster, rows, labels, hyperparameters, evaluations)
    metrics = _metrics(findings)

    _write(settings.output / "data" / "report.html", page(findings).encode())
    text = json.dumps(metrics, indent=2, sort_keys=True, allow_nan=False) + "\n"
    _write(settings.model / "metadata" / "metrics.json", text.encode())
    _write(settings.model / FILE_NAME, bytes(booster.save_raw("ubj")))
    for name, value in _flat(metrics):
        sys.stdout.write(f"{name}={value};\n")
    sys.stdout.flush()
    logger.info("trained")


def _check(hyperparameters: Hyperparameters, rows: Floats32, labels: Floats32) -> None:
    """Check what was asked for against the data. Raises TrainingError."""
    columns = rows.shape[1]
    for name, length in (
        ("monotone_constraints", len(hyperparameters.monotone_constraints)),
        ("feature_names", len(hyperparameters.feature_names)),
    ):
        if length not in (0, columns):
            raise TrainingError(f"{name}: expected {columns}, one for each column, found {length}")
    rarer = int(min(labels.sum(), len(labels) - labels.sum()))
    if hyperparameters.kfold > rarer:
        raise TrainingError(
            f"kfold: expected at most {rarer}, the rows of the rarer label, "
            f"found {hyperparameters.kfold}"
        )


def _findings(
    booster: xgboost.Booster,
    rows: Floats32,
    labels: Floats32,
    hyperparameters: Hyperparameters,
    evaluations: Mapping[str, Evaluation],
) -> Findings:
    happened = labels.astype(np.float64)
    predicted = fit.predict(booster, rows, hyperparameters)
    return Findings(
        happened=happened,
        evaluations=evaluations,
        training={name: METRICS[name](happened, predicted) for name in hyperparameters.eval_metric},
        features=hyperparameters.feature_names
        or tuple(f"f{column}" for column in range(rows.shape[1])),
        importance=fit.importance(booster, rows, hyperparameters),
        hyperparameters=hyperparameters,
    )


def _metrics(findings: Findings) -> dict[str, object]:
    """Give the content of metrics.json."""
    kfold = {
        name: {
            metric: {"mean": round(measure.mean, DIGITS), "std": round(measure.std, DIGITS)}
            for metric, measure in evaluation.measures.items()
        }
        for name, evaluation in findings.evaluations.items()
    }
    settings = asdict(findings.hyperparameters)
    settings["lambda"] = settings.pop("lambda_")
    return {
        "rows": len(findings.happened),
        "positives": int(findings.happened.sum()),
        "hyperparameters": settings,
        "importance": {
            name: round(weight, DIGITS)
            for name, weight in zip(findings.features, findings.importance, strict=True)
        },
        "kfold": kfold,
        "train": {name: round(value, DIGITS) for name, value in findings.training.items()},
    }


def _flat(metrics: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    """Give the measures as names and numbers, such as kfold_model_auc_mean."""
    for name, value in metrics.items():
        if isinstance(value, dict):
            if prefix or name in ("kfold", "train"):
                yield from _flat(value, f"{prefix}{name}_")
        elif prefix:
            yield f"{prefix}{name}", value


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
