"""What a training job is given: SageMaker's configuration files and the `train` channel's rows.

A setting that is not kept here is refused by name: other channels, Pipe mode, several hosts.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from model_server.rows import from_csv
from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError
from model_server.training.errors import TrainingError

Floats32: TypeAlias = npt.NDArray[np.float32]
CHANNEL = "train"
_SUPPORTED: Mapping[str, tuple[str, ...]] = {
    "TrainingInputMode": ("File", "FastFile"),
    "ContentType": ("text/csv", "csv"),
    "CompressionType": ("None",),
    "RecordWrapperType": ("None",),
    "S3DistributionType": ("FullyReplicated",),
}


def read_configuration(path: Path) -> dict[str, object]:
    """Read a file of input/config. Raises TrainingError."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise TrainingError(f"{path.name}: cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise TrainingError(f"{path.name}: not JSON: {error}") from error
    if not isinstance(document, dict):
        raise TrainingError(f"{path.name}: expected an object")
    return document


def check_channels(channels: Mapping[str, object]) -> None:
    """Check inputdataconfig.json. Raises TrainingError."""
    if CHANNEL not in channels:
        raise TrainingError(f"inputdataconfig.json: the channel {CHANNEL!r} is missing")
    for name, settings in channels.items():
        if name != CHANNEL:
            raise TrainingError(f"inputdataconfig.json: the channel {name!r} is not supported")
        if not isinstance(settings, dict):
            raise TrainingError(f"inputdataconfig.json: {name}: expected an object")
        for key, allowed in _SUPPORTED.items():
            if key in settings and settings[key] not in allowed:
                raise TrainingError(
                    f"inputdataconfig.json: {name}: {key} {settings[key]!r} is not supported, "
                    f"only {' and '.join(allowed)}"
                )


def check_hosts(resources: Mapping[str, object]) -> None:
    """Check resourceconfig.json. Raises TrainingError."""
    hosts = resources.get("hosts")
    if not isinstance(hosts, list) or len(hosts) != 1:
        raise TrainingError(f"resourceconfig.json: expected one host, found {hosts!r}")


def read_rows(folder: Path) -> tuple[Floats32, Floats32]:
    """Read every file of a channel, sub-folders included, in the order of their names.

    Gives rows of shape (n, columns) and labels of shape (n,): the label is the first cell. As in
    AWS's image, names that begin with `.` or `_` are not data. Raises TrainingError.
    """
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.name[0] not in "._"
    )
    if not files:
        raise TrainingError(f"the channel {folder.name!r} has no files")
    parts: list[Floats32] = []
    columns = 0
    for path in files:
        if path.suffix != ".csv":
            raise TrainingError(f"{_name(path, folder)}: only *.csv files are read")
        body = path.read_bytes()
        columns = columns or from_csv.column_count(body)
        try:
            parts.extend(from_csv.read(body, columns))
        except (UnreadableRowsError, WrongColumnCountError) as error:
            hint = "; the file must have no header line" if "row 1," in str(error) else ""
            raise TrainingError(f"{_name(path, folder)}: {error}{hint}") from error
    table = np.concatenate(parts)
    _check_labels(table[:, 0])
    if columns == 1:
        raise TrainingError("the rows have no columns beside the label")
    return np.ascontiguousarray(table[:, 1:]), np.ascontiguousarray(table[:, 0])


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder.parent).as_posix()


def _check_labels(labels: Floats32) -> None:
    wrong = np.flatnonzero(~np.isin(labels, (0.0, 1.0)))
    if len(wrong):
        value = labels[wrong[0]]
        found = "an empty cell" if np.isnan(value) else f"{value:g}"
        raise TrainingError(
            f"row {wrong[0] + 1} of the channel: expected the label 0 or 1 in the first column, "
            f"found {found}"
        )
    for label in (0, 1):
        if label not in labels:
            raise TrainingError(f"no row has the label {label}: there is nothing to tell apart")
