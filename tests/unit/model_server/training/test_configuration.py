import json
from pathlib import Path

import pytest

from model_server.training import configuration
from model_server.training.errors import TrainingError
from model_server.training.formats import CSV, LIBSVM, PARQUET

TRAIN = {
    "TrainingInputMode": "File",
    "ContentType": "text/csv",
    "S3DistributionType": "FullyReplicated",
    "RecordWrapperType": "None",
}


def test_what_is_kept_is_taken() -> None:
    assert configuration.channels({"train": {}}) == {"train": LIBSVM}
    assert configuration.channels(
        {
            "train": TRAIN,
            "validation": {
                "TrainingInputMode": "FastFile",
                "ContentType": "parquet",
                "S3DistributionType": "ShardedByS3Key",
            },
        }
    ) == {"train": CSV, "validation": PARQUET}


@pytest.mark.parametrize(
    ("channels", "message"),
    [
        ({}, "inputdataconfig.json: the channel 'train' is missing"),
        (
            {"train": TRAIN, "test": TRAIN},
            (
                "the channel 'test' is not supported: AWS's algorithm has none; "
                "ask the endpoint, or a batch transform"
            ),
        ),
        (
            {"train": TRAIN, "code": TRAIN},
            "the channel 'code' is not supported, nor is script mode",
        ),
        (
            {"train": TRAIN, "x": TRAIN},
            "the channel 'x' is not supported, only train and validation",
        ),
        ({"train": "File"}, "train: expected an object"),
        (
            {"train": TRAIN | {"TrainingInputMode": "Pipe"}},
            "train: TrainingInputMode 'Pipe' is not supported, only File and FastFile",
        ),
        (
            {"train": TRAIN | {"ContentType": "application/json"}},
            "train: ContentType 'application/json' is not supported, only csv, text/csv, libsvm, ",
        ),
        ({"train": TRAIN | {"ContentType": ["csv"]}}, "ContentType ['csv'] is not supported"),
        ({"train": TRAIN | {"RecordWrapperType": "RecordIO"}}, "RecordWrapperType 'RecordIO'"),
        ({"train": TRAIN | {"CompressionType": "Gzip"}}, "CompressionType 'Gzip'"),
    ],
)
def test_what_is_not_kept_is_refused_by_name(channels: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError) as error:
        configuration.channels(channels)

    assert message in str(error.value)


def test_one_host_trains() -> None:
    configuration.check_hosts({"current_host": "algo-1", "hosts": ["algo-1"]})


@pytest.mark.parametrize("resources", [{}, {"hosts": []}, {"hosts": ["algo-1", "algo-2"]}])
def test_several_hosts_are_refused(resources: dict[str, object]) -> None:
    with pytest.raises(TrainingError, match=r"resourceconfig\.json: expected one host, found "):
        configuration.check_hosts(resources)


def test_a_configuration_is_an_object(tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    with pytest.raises(TrainingError, match=r"some\.json: cannot be read: No such file"):
        configuration.read(path)
    path.write_text("{")
    with pytest.raises(TrainingError, match=r"some\.json: not JSON: "):
        configuration.read(path)
    path.write_text("[]")
    with pytest.raises(TrainingError, match=r"some\.json: expected an object"):
        configuration.read(path)
    path.write_text(json.dumps({"a": 1}))
    assert configuration.read(path) == {"a": 1}


def test_checkpoints_lie_where_the_container_has_them(tmp_path: Path) -> None:
    path = tmp_path / "checkpointconfig.json"

    def folder(document: dict[str, object]) -> Path | None:
        path.write_text(json.dumps(document))
        return configuration.checkpoint_folder(path, Path("/base"))

    assert configuration.checkpoint_folder(path, Path("/base")) is None
    assert folder({}) is None
    assert folder({"LocalPath": "/opt/ml/checkpoints"}) == Path("/base/checkpoints")
    assert folder({"LocalPath": "/kept"}) == Path("/kept")
    for wrong in ("kept", 3):
        with pytest.raises(TrainingError, match=r"checkpointconfig\.json: LocalPath: expected"):
            folder({"LocalPath": wrong})
