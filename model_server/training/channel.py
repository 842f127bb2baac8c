"""The files of a channel as rows with labels: every cell that cannot be read is named.

As in AWS's image, sub-folders count and names that begin with `.` or `_` are not data; the names
of files say nothing of their format.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError
from model_server.training import objectives, queries
from model_server.training.errors import TrainingError
from model_server.training.formats import CSV, LIBSVM, WEIGHTED_CSV, Format
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.table import Floats32, Table, joined

MOST_COLUMNS = 100_000
"""A mistyped index must not end a job for want of memory, which leaves no reason."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    body: bytes
    format: Format


def read(
    folder: Path, formats: Mapping[str, Format], hyperparameters: Hyperparameters
) -> dict[str, Table]:
    """Read each channel below input/data, its files in the order of their names.

    All channels get the same columns: sparse rows may leave out the last ones. Raises
    TrainingError.
    """
    channels = {
        name: _files(folder / name, _weighted(name, kind) if hyperparameters.csv_weights else kind)
        for name, kind in formats.items()
    }
    _warn_of_copies(channels)
    columns = max(map(_columns, channels.values()))
    if columns < 1:
        raise TrainingError("the rows have no columns beside the label")
    if columns > MOST_COLUMNS:
        raise TrainingError(
            f"expected at most {MOST_COLUMNS:,} columns, found {columns:,}: sparse rows are spread "
            "out in memory here"
        )
    return {
        name: _joined([_table(file, columns, hyperparameters) for file in files])
        for name, files in channels.items()
    }


def _weighted(channel: str, kind: Format) -> Format:
    if kind is not CSV:
        raise TrainingError(f"csv_weights: only with csv, the channel {channel!r} is {kind.name}")
    return WEIGHTED_CSV


def _warn_of_copies(channels: Mapping[str, Sequence[_File]]) -> None:
    """Warn, as AWS's image does, where two channels hold the same: measures would be too good."""
    seen: dict[bytes, str] = {}
    for file in (file for files in channels.values() for file in files):
        first = seen.setdefault(file.body, file.name)
        if first.partition("/")[0] != file.name.partition("/")[0]:
            logger.warning("the same rows in two channels", extra={"files": [first, file.name]})


def _files(folder: Path, kind: Format) -> list[_File]:
    paths = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name[0] not in "._"
    )
    files = [
        _File(path.relative_to(folder.parent).as_posix(), path.read_bytes(), kind) for path in paths
    ]
    # a writer of many parts leaves empty ones
    filled = [file for file in files if file.body.strip()]
    if not filled:
        raise TrainingError(f"the channel {folder.name!r} has no {'rows' if files else 'files'}")
    return filled


def _columns(files: Sequence[_File]) -> int:
    """Count the columns: of dense rows the first file says it, of sparse ones the widest."""
    widest = 0
    for file in files if files[0].format.sparse else files[:1]:
        try:
            widest = max(widest, file.format.columns(file.body))
        except UnreadableRowsError as error:
            raise TrainingError(f"{file.name}: {error}") from error
    return widest


def _table(file: _File, columns: int, hyperparameters: Hyperparameters) -> Table:
    try:
        parts = list(file.format.read(file.body, columns))
        ids = queries.read(file.body) if file.format is LIBSVM else None
    except (UnreadableRowsError, WrongColumnCountError) as error:
        header = file.format.name == CSV.name and "row 1," in str(error)
        hint = "; the file must have no header line" if header else ""
        raise TrainingError(f"{file.name}: {error}{hint}") from error
    if not parts:
        raise TrainingError(f"{file.name}: no rows")
    rows = _array([part.rows for part in parts])
    labels = _array([part.labels for part in parts])
    weights = _array([part.weights for part in parts])
    _check_labels(file.name, labels, hyperparameters)
    _check_weights(file.name, weights)
    return Table(rows, labels, None if (weights == 1).all() else weights, ids)


def _array(parts: Sequence[Floats32]) -> Floats32:
    return np.ascontiguousarray(np.concatenate(parts), np.float32)


def _check_labels(name: str, labels: Floats32, hyperparameters: Hyperparameters) -> None:
    objective = hyperparameters.objective
    wrong = objectives.wrong_label(objective, hyperparameters.num_class, labels)
    if wrong:
        row, expected = wrong
        raise TrainingError(
            f"{name}: row {row + 1}: {objective} expects {expected} as the label, "
            f"found {_shown(labels[row])}"
        )


def _check_weights(name: str, weights: Floats32) -> None:
    wrong = np.flatnonzero(~(weights >= 0))
    if len(wrong):
        raise TrainingError(
            f"{name}: row {wrong[0] + 1}: expected 0 or more as the weight, "
            f"found {_shown(weights[wrong[0]])}"
        )


def _shown(value: np.float32) -> str:
    return "none" if np.isnan(value) else f"{value:g}"


def _joined(tables: Sequence[Table]) -> Table:
    if len({table.queries is None for table in tables}) > 1:
        raise TrainingError("some files name queries (qid), others do not")
    table = joined(tables)
    if table.queries is not None and (np.diff(table.queries.astype(np.int64)) < 0).any():
        raise TrainingError("the queries (qid) must rise from file to file")
    return table
