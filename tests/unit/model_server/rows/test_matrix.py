import numpy as np
import pytest

from model_server.rows import matrix


def test_values_fill_rows_of_single_precision() -> None:
    found = matrix.filled([1, 2.5, np.nan, 4], 2)

    assert found.dtype == np.float32
    assert found.shape == (2, 2)
    assert found.flags.c_contiguous
    assert matrix.infinite_cell(found) is None


def test_the_first_infinite_cell_is_found() -> None:
    assert matrix.infinite_cell(matrix.filled([1, 2, 3, -1e39, 1e39, 6], 2)) == (1, 1)


def test_a_whole_number_beyond_all_floats_is_an_error() -> None:
    with pytest.raises(OverflowError):
        matrix.filled([10**400], 1)


def test_too_large_is_where_rounding_gives_infinity() -> None:
    below = float(np.nextafter(matrix.TOO_LARGE, 0))

    assert matrix.infinite_cell(matrix.filled([matrix.TOO_LARGE], 1)) == (0, 0)
    assert matrix.infinite_cell(matrix.filled([below], 1)) is None
