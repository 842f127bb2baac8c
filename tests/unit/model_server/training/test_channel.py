from pathlib import Path

import numpy as np
import pytest

from model_server.rows import recordio
from model_server.training import channel
from model_server.training.errors import TrainingError
from model_server.training.formats import CSV, LIBSVM, RECORDIO, Format
from model_server.training.hyperparameters import Hyperparameters, parse
from model_server.training.table import Table

LOGISTIC = parse({"num_round": "1", "objective": "binary:logistic"})
RANK = parse({"num_round": "1", "objective": "rank:ndcg"})


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def read(
    folder: Path, files: dict[str, str], kind: Format = CSV, asked: Hyperparameters = LOGISTIC
) -> Table:
    return channel.read(write(folder, files), {"train": kind}, asked)["train"]


def test_rows_and_labels(tmp_path: Path) -> None:
    table = read(tmp_path, {"train/a": "1,2,\r\n0,,4\r\n"})

    expected = np.array([[2, np.nan], [np.nan, 4]], np.float32)
    assert np.array_equal(table.rows, expected, equal_nan=True)
    assert table.labels.tolist() == [1, 0]
    assert table.rows.dtype == table.labels.dtype == np.float32
    assert table.weights is None
    assert table.queries is None


def test_files_follow_their_names_and_sub_folders_count(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        {
            "train/b.csv": "1,3\n",
            "train/a.csv": "0,1\n0,2\n",
            "train/c/part": "1,4",
            "train/d": "",
            "train/_SUCCESS": "x",
            "train/.hidden": "x",
        },
    )

    assert table.rows[:, 0].tolist() == [1, 2, 3, 4]
    assert table.labels.tolist() == [0, 0, 1, 1]


def test_weights_are_taken(tmp_path: Path) -> None:
    weighted = parse({"num_round": "1", "csv_weights": "1"})

    of_csv = read(tmp_path / "csv", {"train/a": "7,0.5,1\n8,1,2\n"}, asked=weighted)
    of_libsvm = read(tmp_path / "svm", {"train/a": "1:0.5 0:1\n0 0:2\n"}, LIBSVM)

    for table in (of_csv, of_libsvm):
        assert table.weights is not None
        assert table.weights.tolist() == [0.5, 1]
        assert table.rows.tolist() == [[1], [2]]


def test_sparse_rows_are_as_wide_as_the_widest_of_all_channels(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"train/a": "1 0:1\n", "train/b": "0 1:2\n", "validation/a": "1 3:4\n"},
    )

    tables = channel.read(tmp_path, {"train": LIBSVM, "validation": LIBSVM}, LOGISTIC)

    assert {name: table.rows.shape for name, table in tables.items()} == {
        "train": (2, 4),
        "validation": (1, 4),
    }
    assert np.isnan(tables["train"].rows).sum() == 6


def test_queries_are_taken(tmp_path: Path) -> None:
    table = read(
        tmp_path, {"train/a": "1 qid:1 0:1\n0 qid:1 0:2\n", "train/b": "0 qid:2 0:1"}, LIBSVM, RANK
    )

    assert table.queries is not None
    assert table.queries.tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "the channel 'train' has no files"),
        ({"train/a": " \n"}, "the channel 'train' has no rows"),
        (
            {"train/a.csv": "label,x\n0,1\n"},
            (
                "train/a.csv: row 1, column 1: expected a finite number, found 'label'; "
                "the file must have no header line"
            ),
        ),
        ({"train/a": "0,1\n1,2,3\n"}, "train/a: row 2: expected 2 columns, found 3"),
        (
            {"train/a": "0,1\n", "train/b": "1,2\n1,x\n"},
            "train/b: row 2, column 2: expected a finite number, found 'x'",
        ),
        (
            {"train/a": "0,1\n", "train/b": "1,1\n2,1\n"},
            "train/b: row 2: binary:logistic expects 0 or 1 as the label, found 2",
        ),
        (
            {"train/a": ",1\n"},
            "train/a: row 1: binary:logistic expects 0 or 1 as the label, found none",
        ),
        ({"train/a": "1\n0\n"}, "the rows have no columns beside the label"),
    ],
)
def test_what_cannot_be_trained_on_is_named(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(TrainingError) as error:
        read(tmp_path, files)

    assert str(error.value) == message


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"train/a": "1 0:1\n0 x:1\n"}, "train/a: row 2: expected index:value, found 'x'"),
        ({"train/a": "1 0:1\n0 0:y\n"}, "train/a: row 2, index 0: expected a finite number"),
        ({"train/a": "1:-1 0:1\n"}, "train/a: row 1: expected 0 or more as the weight, found -1"),
        ({"train/a": "# nothing\n"}, "the rows have no columns beside the label"),
        ({"train/a": "1 0:1\n", "train/b": "# nothing\n"}, "train/b: no rows"),
        (
            {"train/a": "1 1234567:1\n"},
            "expected at most 100,000 columns, found 1,234,568: sparse rows are spread out in",
        ),
        (
            {"train/a": "1 qid:1 0:1\n", "train/b": "1 0:1\n"},
            "some files name queries (qid), others do not",
        ),
        (
            {"train/a": "1 qid:2 0:1\n", "train/b": "1 qid:1 0:1\n"},
            "the queries (qid) must rise from file to file",
        ),
    ],
)
def test_what_is_wrong_with_sparse_rows_is_named(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(TrainingError) as error:
        read(tmp_path, files, LIBSVM)

    assert str(error.value).startswith(message)


def test_a_wrong_record_is_named(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "a").write_bytes(recordio.frame(b"\xff\xff"))

    with pytest.raises(TrainingError, match="train/a: row 1: "):
        read(tmp_path, {}, RECORDIO)


def test_weights_in_a_column_are_of_csv(tmp_path: Path) -> None:
    weighted = parse({"num_round": "1", "csv_weights": "1"})

    with pytest.raises(TrainingError) as error:
        read(tmp_path, {"train/a": "1 0:1\n"}, LIBSVM, weighted)

    assert str(error.value) == "csv_weights: only with csv, the channel 'train' is libsvm"


def test_the_same_rows_in_two_channels_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, {"train/a": "1,2\n", "train/b": "1,2\n", "validation/c": "1,2\n"})

    channel.read(tmp_path, {"train": CSV, "validation": CSV}, LOGISTIC)

    assert [vars(each)["files"] for each in caplog.records] == [["train/a", "validation/c"]]
