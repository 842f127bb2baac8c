"""Rows from application/x-parquet: columns of numbers, null as a missing value.

The names of the columns say nothing: the first is the label, as in AWS's image.
"""

from io import BytesIO
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from arro3.core import ChunkedArray, DataType, Table
from arro3.io import read_parquet

from model_server.rows.errors import UnreadableRowsError, not_a_number, wrong_column_count
from model_server.rows.matrix import infinite_cell

Floats: TypeAlias = npt.NDArray[np.float32]
MAGIC = b"PAR1"


def column_count(body: bytes) -> int:
    """Count the columns, the label included. Raises UnreadableRowsError."""
    return _table(body).num_columns


def read(body: bytes, columns: int) -> Floats:
    """Give all cells, shape (rows, columns), null as NaN.

    Raises UnreadableRowsError, which names a column or a cell, and WrongColumnCountError.
    """
    table = _table(body)
    if table.num_columns != columns:
        raise wrong_column_count(1, columns, table.num_columns)
    numbers = np.empty((table.num_rows, columns), np.float32)
    with np.errstate(over="ignore"):
        for index, name in enumerate(table.column_names):
            numbers[:, index] = _column(table.column(index), index + 1, name)
    if cell := infinite_cell(numbers):
        row, column = cell
        found = table.column(column).slice(row, 1).to_pylist()[0]
        raise not_a_number(row + 1, column + 1, str(found))
    return numbers


def _column(column: ChunkedArray, number: int, name: str) -> npt.ArrayLike:
    if not (DataType.is_numeric(column.type) or DataType.is_boolean(column.type)):
        kind = str(column.type).strip().removeprefix("arro3.core.DataType<").removesuffix(">")
        raise UnreadableRowsError(
            f"row 1, column {number} ({name[:40]}): expected numbers, found {kind}"
        )
    if column.null_count:
        return [np.nan if value is None else value for value in column.to_pylist()]
    return column.to_numpy()


def _table(body: bytes) -> Table:
    # the reader does not report a file that is none, it panics and prints where
    if len(body) < 3 * len(MAGIC) or not (body.startswith(MAGIC) and body.endswith(MAGIC)):
        raise UnreadableRowsError("not a whole Parquet file: it begins and ends with PAR1")
    try:
        return read_parquet(BytesIO(body)).read_all()
    except BaseException as error:
        # a panic is no Exception; what else is none, such as a stop, is not ours to catch
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise UnreadableRowsError(f"not a Parquet file that can be read: {error}") from error
