from io import BytesIO

import numpy as np
import pytest
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from model_server.training.formats import (
    CSV,
    LIBSVM,
    PARQUET,
    RECORDIO,
    WEIGHTED_CSV,
    Format,
    format_of,
)


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/csv", CSV),
        ("CSV", CSV),
        ("text/csv; label_size=1; charset=utf8", CSV),
        ("text/csv;label_size=2", None),
        ("libsvm", LIBSVM),
        ("text/x-libsvm ;charset=utf8", LIBSVM),
        ("application/x-parquet", PARQUET),
        ("application/x-recordio-protobuf", RECORDIO),
        ("application/json", None),
        ("", None),
    ],
)
def test_a_content_type_has_its_format(content_type: str, expected: Format | None) -> None:
    assert format_of(content_type) is expected


def test_weights_may_stand_behind_the_labels() -> None:
    body = b"1,0.5,7\n0,2,8\n"

    (plain,) = CSV.read(body, 2)
    (weighted,) = WEIGHTED_CSV.read(body, 1)

    assert (CSV.columns(body), WEIGHTED_CSV.columns(body)) == (2, 1)
    assert plain.rows.tolist() == [[0.5, 7], [2, 8]]
    assert plain.weights.tolist() == [1, 1]
    assert weighted.rows.tolist() == [[7], [8]]
    assert weighted.weights.tolist() == [0.5, 2]
    assert np.array_equal(plain.labels, weighted.labels)


def test_parquet_has_its_labels_in_the_first_column() -> None:
    columns = [Array(values, type=DataType.float32()) for values in ([1, 0], [0.5, None])]
    file = BytesIO()
    write_parquet(Table.from_arrays(columns, names=["a", "b"]), file)

    (part,) = PARQUET.read(file.getvalue(), PARQUET.columns(file.getvalue()))

    assert part.labels.tolist() == [1, 0]
    assert np.array_equal(part.rows, [[0.5], [np.nan]], equal_nan=True)
    assert part.weights.tolist() == [1, 1]
