import numpy as np
import pytest

from model_server.rows import instance
from model_server.rows.errors import (
    UnreadableRowsError,
    WrongColumnCountError,
    WrongNamesError,
)

nan = np.nan


def test_a_tensor_may_be_dense_or_sparse() -> None:
    instances = [
        {"data": {"features": {"values": [1.5, 16, 14]}}},
        {"data": {"features": {"keys": [2, 0], "shape": [3], "values": [4, 1]}}},
        {"features": {"keys": [1], "values": [7]}},
        {"features": {"keys": [], "shape": [3], "values": []}},
    ]

    found = instance.numbers(instances, 1, 3, ())

    expected = [[1.5, 16, 14], [1, nan, 4], [nan, 7, nan], [nan, nan, nan]]
    assert np.array_equal(found, np.array(expected, np.float32), equal_nan=True)


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        ({"values": [1], "uid": 3}, "row 5: expected values, keys and shape, found 'uid'"),
        ({"values": 1}, "row 5: expected lists as values, keys and shape"),
        ({"values": [1, 2], "keys": [0]}, "row 5: expected a value for each key, found 2 for 1 "),
        ({"values": [1, 2], "keys": [0, 0]}, "row 5: the key 0 stands twice"),
        ({"values": [1], "keys": [True]}, "row 5: expected whole numbers as keys"),
        ({"values": [1, True, 2]}, "row 5, column 2: expected a finite number, found 'true'"),
        ({"values": [10**400], "keys": [1]}, "row 5, column 2: expected a finite number"),
    ],
)
def test_a_broken_tensor_is_refused(tensor: dict[str, object], message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        instance.numbers([{"features": tensor}], 5, 3, ())

    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("tensor", "message"),
    [
        ({"values": [1, 2]}, "row 5: expected 3 columns, found 2"),
        ({"values": [1, 2, 3], "shape": [4]}, r"row 5: expected the shape \[3\], found \[4\]"),
        ({"values": [1], "keys": [3]}, "row 5: expected keys from 0 to 2, found 3"),
        ({"values": [1], "keys": [-1]}, "row 5: expected keys from 0 to 2, found -1"),
    ],
)
def test_a_tensor_of_another_length_is_refused(tensor: dict[str, object], message: str) -> None:
    with pytest.raises(WrongColumnCountError, match=f"^{message}$"):
        instance.numbers([{"features": tensor}], 5, 3, ())


def test_configuration_of_an_instance_is_refused() -> None:
    with pytest.raises(WrongNamesError, match="unknown 'data', 'configuration'"):
        instance.numbers([{"data": {"features": [1]}, "configuration": {}}], 1, 1, ("age",))


def test_a_model_may_call_its_feature_features() -> None:
    assert instance.numbers([{"features": 3}], 1, 1, ("features",)).tolist() == [[3]]


def test_what_is_too_deep_to_be_written_is_shown_by_its_kind() -> None:
    deep: list[object] = []
    for _ in range(200_000):
        deep = [deep]

    assert instance.shown(deep) == "list"
    assert instance.shown({"a": [None, True]}) == '{"a": [null, true]}'
