import json
from pathlib import Path

import numpy as np
import pytest

from model_server.training import channel
from model_server.training.errors import TrainingError

TRAIN = {
    "TrainingInputMode": "File",
    "ContentType": "text/csv",
    "S3DistributionType": "FullyReplicated",
    "RecordWrapperType": "None",
}


def write(folder: Path, **files: str) -> Path:
    train = folder / "train"
    for name, content in files.items():
        path = train / name.replace("__", "/").replace("_csv", ".csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return train


def test_rows_and_labels(tmp_path: Path) -> None:
    rows, labels = channel.read_rows(write(tmp_path, a_csv="1,2,\r\n0,,4\r\n"))

    assert np.array_equal(rows, np.array([[2, np.nan], [np.nan, 4]], np.float32), equal_nan=True)
    assert labels.tolist() == [1, 0]
    assert rows.dtype == labels.dtype == np.float32


def test_files_follow_their_names_and_sub_folders_count(tmp_path: Path) -> None:
    train = write(tmp_path, b_csv="1,3\n", a_csv="0,1\n0,2\n", c__part_csv="1,4")
    (train / "_SUCCESS").touch()
    (train / ".hidden").touch()

    rows, labels = channel.read_rows(train)

    assert rows[:, 0].tolist() == [1, 2, 3, 4]
    assert labels.tolist() == [0, 0, 1, 1]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "the channel 'train' has no files"),
        ({"notes": "1,2"}, "train/notes: only *.csv files are read"),
        (
            {"a_csv": "label,x\n0,1\n"},
            (
                "train/a.csv: row 1, column 1: expected a finite number, found 'label'; "
                "the file must have no header line"
            ),
        ),
        ({"a_csv": "0,1\n1,2,3\n"}, "train/a.csv: row 2: expected 2 columns, found 3"),
        (
            {"a_csv": "0,1\n", "b_csv": "1,2\n1,x\n"},
            "train/b.csv: row 2, column 2: expected a finite number, found 'x'",
        ),
        (
            {"a_csv": "0,1\n", "b_csv": "2,1\n"},
            "row 2 of the channel: expected the label 0 or 1 in the first column, found 2",
        ),
        (
            {"a_csv": ",1\n"},
            (
                "row 1 of the channel: expected the label 0 or 1 in the first column, "
                "found an empty cell"
            ),
        ),
        ({"a_csv": "0,1\n0,2\n"}, "no row has the label 1: there is nothing to tell apart"),
        ({"a_csv": "1,1\n"}, "no row has the label 0: there is nothing to tell apart"),
        ({"a_csv": "1\n0\n"}, "the rows have no columns beside the label"),
    ],
)
def test_what_cannot_be_trained_on_is_named(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(TrainingError) as error:
        channel.read_rows(write(tmp_path, **files))

    assert str(error.value) == message


@pytest.mark.parametrize(
    "settings", [{}, TRAIN, {"TrainingInputMode": "FastFile", "ContentType": "csv"}]
)
def test_what_is_kept_is_taken(settings: dict[str, object]) -> None:
    channel.check_channels({"train": settings})


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ({}, "inputdataconfig.json: the channel 'train' is missing"),
        ({"train": TRAIN, "validation": TRAIN}, "the channel 'validation' is not supported"),
        ({"train": "File"}, "train: expected an object"),
        (
            {"train": TRAIN | {"TrainingInputMode": "Pipe"}},
            "train: TrainingInputMode 'Pipe' is not supported, only File and FastFile",
        ),
        ({"train": TRAIN | {"ContentType": "text/libsvm"}}, "ContentType 'text/libsvm'"),
        ({"train": TRAIN | {"ContentType": ["csv"]}}, "ContentType ['csv'] is not supported"),
        ({"train": TRAIN | {"RecordWrapperType": "RecordIO"}}, "RecordWrapperType 'RecordIO'"),
        ({"train": TRAIN | {"CompressionType": "Gzip"}}, "CompressionType 'Gzip'"),
        ({"train": TRAIN | {"S3DistributionType": "ShardedByS3Key"}}, "'ShardedByS3Key'"),
    ],
)
def test_what_is_not_kept_is_refused_by_name(channels: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError) as error:
        channel.check_channels(channels)

    assert message in str(error.value)


def test_one_host_trains() -> None:
    channel.check_hosts({"current_host": "algo-1", "hosts": ["algo-1"]})


@pytest.mark.parametrize("resources", [{}, {"hosts": []}, {"hosts": ["algo-1", "algo-2"]}])
def test_several_hosts_are_refused(resources: dict[str, object]) -> None:
    with pytest.raises(TrainingError, match=r"resourceconfig\.json: expected one host, found "):
        channel.check_hosts(resources)


def test_a_configuration_is_an_object(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    with pytest.raises(TrainingError, match=r"some\.json: cannot be read: No such file"):
        channel.read_configuration(path)
    path.write_text("{")
    with pytest.raises(TrainingError, match=r"some\.json: not JSON: "):
        channel.read_configuration(path)
    path.write_text("[]")
    with pytest.raises(TrainingError, match=r"some\.json: expected an object"):
        channel.read_configuration(path)
    path.write_text(json.dumps({"a": 1}))
    assert channel.read_configuration(path) == {"a": 1}
