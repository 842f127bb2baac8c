import json

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_server.rows import from_json
from model_server.rows.errors import (
    UnreadableRowsError,
    WrongColumnCountError,
    WrongNamesError,
)

nan = np.nan


def read(
    body: bytes, columns: int = 2, names: tuple[str, ...] = ("age", "debt")
) -> npt.NDArray[np.float32]:
    return np.concatenate(list(from_json.read(body, columns, names)))


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b'{"instances": [[1, 2], [3.5, null]]}', [[1, 2], [3.5, nan]]),
        (b'{"instances": [1, 2]}', [[1, 2]]),
        (b"[[1, 2], [null, 4]]", [[1, 2], [nan, 4]]),
        (b"[1, null]", [[1, nan]]),
        (b"[null, null]", [[nan, nan]]),
        (b"\xef\xbb\xbf[1, 2]", [[1, 2]]),
        (b'{"instances": [{"features": [1, null]}, [3, 4]]}', [[1, nan], [3, 4]]),
        (b'{"instances": [{"debt": 2, "age": 1}, {"age": 3, "debt": null}]}', [[1, 2], [3, nan]]),
        (b'[{"debt": 2, "age": 1}]', [[1, 2]]),
        (b'{"debt": 2, "age": 1}', [[1, 2]]),
        (b'{"features": [1, 2]}', [[1, 2]]),
    ],
)
def test_rows(body: bytes, rows: list[list[float]]) -> None:
    found = read(body)

    assert found.dtype == np.float32
    assert np.array_equal(found, np.array(rows, np.float32), equal_nan=True)


@pytest.mark.parametrize("body", [b"[]", b'{"instances": []}'])
def test_no_rows_are_no_error(body: bytes) -> None:
    assert list(from_json.read(body, 2)) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[1, 2", "not JSON: "),
        (b"\xff\xff", "not JSON: "),
        (b"[" * 100_000, "not JSON: "),
        (b"[1, NaN]", "not JSON: NaN is no JSON, a missing value is null"),
        (b"[1, -Infinity]", "not JSON: -Infinity is no JSON"),
        (b"3", 'expected {"instances": [[...], ...]}, a list of rows or one row, found 3'),
        (b'{"instances": "x"}', 'found "x"'),
        (b'{"instances": null}', "found null"),
        (b'{"instances": [], "rows": []}', "found the key 'rows'"),
        (b'["age"]', "row 1: expected a list of numbers and nulls, or an object of features"),
        (b"[[1, 2], 3]", "row 2: expected a list of numbers and nulls, or an object of features"),
        (b'{"age": 1, "debt": "2"}', "row 1, column 2: expected a finite number, found '\"2\"'"),
        (b'[[1, 2], [3, "4"]]', "row 2, column 2: expected a finite number, found '\"4\"'"),
        (b"[[1, true]]", "row 1, column 2: expected a finite number, found 'true'"),
        (b"[[1, [2]]]", "row 1, column 2: expected a finite number, found '[2]'"),
        (b"[[1, 2], [1e39, 2]]", "row 2, column 1: expected a finite number, found '1e+39'"),
        (b"[[1, 1e999]]", "row 1, column 2: expected a finite number, found 'inf'"),
        (b"[[null, 1" + b"0" * 400 + b"]]", "row 1, column 2: expected a finite number, found '10"),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        read(body)

    assert message in str(error.value)
    assert len(str(error.value)) < 200


def test_lists_within_lists_have_an_end() -> None:
    with pytest.raises(UnreadableRowsError, match="not JSON: lists within lists"):
        read(b"[" * 200_000)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{}", "row 1: missing 'age', 'debt'"),
        (b'[{"age": 1, "debt": 2}, {"age": 1}]', "row 2: missing 'debt'"),
        (b'[{"age": 1, "debts": 2}]', "row 1: unknown 'debts'; missing 'debt'"),
        (b'[{"age": 1, "debt": 2, "\\ud800": 3}]', "row 1: unknown '\\ud800'"),
        (b'{"Instances": [[1, 2]]}', "row 1: unknown 'Instances'; missing 'age', 'debt'"),
        (b'{"features": 3}', "row 1: unknown 'features'; missing 'age', 'debt'"),
    ],
)
def test_names_that_are_not_the_models_are_told(body: bytes, message: str) -> None:
    with pytest.raises(WrongNamesError) as error:
        read(body)

    assert str(error.value) == message
    assert str(error.value).encode()


def test_names_need_a_model_that_has_some() -> None:
    with pytest.raises(WrongNamesError, match=r"^row 1: the model has no names for its features"):
        read(b'{"age": 1, "debt": 2}', 2, ())


def test_a_row_of_another_length_is_named() -> None:
    with pytest.raises(WrongColumnCountError, match="row 2: expected 2 columns, found 1"):
        read(b"[[1, 2], [3]]")


def test_a_long_list_comes_in_slices_and_keeps_its_row_numbers() -> None:
    rows = [[number, None] for number in range(2_000)]

    slices = list(from_json.read(json.dumps(rows).encode(), 2))

    assert len(slices) > 3
    assert np.concatenate(slices)[:, 0].tolist() == list(range(2_000))
    with pytest.raises(WrongColumnCountError, match=r"^row 2001: "):
        read(json.dumps([*rows, []]).encode())


values = st.none() | st.integers(-(2**70), 2**70) | st.floats(width=32, allow_infinity=False)


@given(st.lists(st.lists(values, min_size=2, max_size=2), min_size=1))
def test_what_is_written_is_read(rows: list[list[float | None]]) -> None:
    clean = [[None if value != value else value for value in row] for row in rows]  # noqa: PLR0124 - only NaN differs from itself

    found = read(json.dumps(clean).encode())

    assert np.array_equal(found, np.array(clean, dtype=np.float32), equal_nan=True)


@given(st.lists(st.lists(values, min_size=2, max_size=2), min_size=1), st.permutations([0, 1]))
def test_names_may_come_in_any_order(rows: list[list[float | None]], order: list[int]) -> None:
    clean = [[None if value != value else value for value in row] for row in rows]  # noqa: PLR0124 - only NaN differs from itself
    named = [{("age", "debt")[at]: row[at] for at in order} for row in clean]

    found = read(json.dumps({"instances": named}).encode())

    assert np.array_equal(found, np.array(clean, dtype=np.float32), equal_nan=True)


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["instances", "features", "data", "values", "keys", "shape", "age"])
            | st.text(max_size=3),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(
    st.binary(max_size=100) | documents.map(lambda document: json.dumps(document).encode()),
    st.integers(1, 3),
    st.booleans(),
)
def test_any_bytes_give_rows_or_a_reason(body: bytes, columns: int, named: bool) -> None:
    names = ("age", "debt", "home")[:columns] if named else ()
    try:
        slices = list(from_json.read(body, columns, names))
    except (UnreadableRowsError, WrongColumnCountError, WrongNamesError) as error:
        assert str(error).encode()  # noqa: PT017 - both outcomes are right
    else:
        assert all(found.shape[1] == columns for found in slices)
        assert not any(np.isinf(found).any() for found in slices)


@pytest.mark.parametrize("opening", ["[", '{"instances":[', ' { "instances" : [ '])
def test_a_long_list_is_read_as_a_short_one(monkeypatch: pytest.MonkeyPatch, opening: str) -> None:
    closing = "]}" if "{" in opening else "]"
    rows = [[number, None, 0.5] for number in range(1_200)]
    body = (opening + ", ".join(map(json.dumps, rows)) + closing).encode()
    short = list(from_json.read(body, 3))
    monkeypatch.setattr(from_json, "LONG_BYTES", 0)

    long = list(from_json.read(body, 3))

    assert [len(found) for found in long] == [512, 512, 176]
    assert all(np.array_equal(*pair, equal_nan=True) for pair in zip(short, long, strict=True))


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[[1,2,3],[4,5,6]", "something else stands at character 16"),
        (b"[[1,2,3] [4,5,6]]", "something else stands at character 8"),
        (b'{"instances":[[1,2,3]],"more":1}', "something else stands at character 21"),
        (b"[[1,2,3],", "not JSON: "),
        (b"[[1,2,NaN]]", "NaN is no JSON"),
        (b"[" * 100_000, "too many of them"),
        (b"\xff[[1]]", "not JSON: "),
    ],
)
def test_a_long_document_that_is_wrong_says_where(
    monkeypatch: pytest.MonkeyPatch, body: bytes, says: str
) -> None:
    monkeypatch.setattr(from_json, "LONG_BYTES", 0)

    with pytest.raises(UnreadableRowsError, match=says):
        list(from_json.read(body, 3))
