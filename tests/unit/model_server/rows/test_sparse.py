import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows.errors import UnreadableRowsError, WrongColumnCountError
from model_server.rows.sparse import spread


@given(st.dictionaries(st.integers(0, 5), st.floats(allow_nan=False)))
def test_each_value_has_its_place(cells: dict[int, float]) -> None:
    found = spread(list(cells.values()), list(cells), 1, 6)

    assert len(found) == 6
    assert {at: value for at, value in enumerate(found) if not np.isnan(value)} == cells


@pytest.mark.parametrize(
    ("keys", "error"),
    [([0], UnreadableRowsError), ([1, 1], UnreadableRowsError), ([0, 2], WrongColumnCountError)],
)
def test_keys_that_do_not_fit_are_refused(keys: list[int], error: type[ValueError]) -> None:
    with pytest.raises(error, match=r"^row 3: "):
        spread([1, 2], keys, 3, 2)
