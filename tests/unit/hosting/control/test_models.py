"""Models: what makes no model, whole or container by container."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from hosting.control.api_errors import InvalidRequestError
from tests.unit.hosting.control.control_stand import Stand

ONE = {"Image": "one"}
NAMED = {"Image": "one", "ContainerHostname": "first"}
SOURCE = {"S3Uri": "s3://b/model/", "S3DataType": "S3Prefix", "CompressionType": "None"}


def create(folder: Path, **members: object) -> None:
    stand = Stand(folder, ExitStack(), given="http://127.0.0.1:9")
    asyncio.run(stand.call("CreateModel", **{"ModelName": "m", **members}))


def source(**changes: str) -> dict[str, Any]:
    return {**ONE, "ModelDataSource": {"S3DataSource": {**SOURCE, **changes}}}


@pytest.mark.parametrize(
    "members",
    [
        {"PrimaryContainer": ONE},
        {"PrimaryContainer": {**ONE, "ModelDataUrl": "file:///models/credit"}},
        {"PrimaryContainer": {**ONE, "Mode": "MultiModel", "ModelDataUrl": "s3://b/models/"}},
        {"PrimaryContainer": source()},
        {
            "PrimaryContainer": source(
                S3Uri="s3://b/m.tar.gz", S3DataType="S3Object", CompressionType="Gzip"
            )
        },
        {"Containers": [ONE, ONE]},
        {"Containers": [NAMED], "InferenceExecutionConfig": {"Mode": "Direct"}},
        {"ModelName": "given", "PrimaryContainer": {}},
    ],
)
def test_these_are_models(tmp_path: Path, members: dict[str, Any]) -> None:
    create(tmp_path, **members)
    with pytest.raises(InvalidRequestError, match="Cannot create already existing model"):
        create(tmp_path, **members)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"PrimaryContainer": ONE, "Containers": [ONE]}, "either a PrimaryContainer or Containers"),
        ({"Containers": []}, "either a PrimaryContainer or Containers"),
        (
            {"PrimaryContainer": ONE, "InferenceExecutionConfig": {"Mode": "Serial"}},
            "InferenceExecutionConfig is for a model with Containers",
        ),
        ({"Containers": [NAMED, ONE]}, "Give every one of the Containers a ContainerHostname"),
        ({"Containers": [NAMED, NAMED]}, "Containers has a ContainerHostname twice: first, first"),
        (
            {"Containers": [ONE], "InferenceExecutionConfig": {"Mode": "Direct"}},
            "in Direct mode it is the address",
        ),
        ({"Containers": [ONE, {}]}, r"Containers\[1\].Image is missing"),
        (
            {"PrimaryContainer": {**ONE, "Environment": {f"A{n}": "x" * 1024 for n in range(33)}}},
            "Environment has 33881 bytes: a model's can have up to 32768",
        ),
        (
            {"PrimaryContainer": {**source(), "ModelDataUrl": "s3://b/m.tar.gz"}},
            "PrimaryContainer has both ModelDataUrl and ModelDataSource",
        ),
        (
            {"Containers": [ONE, {**ONE, "Mode": "MultiModel", "ModelDataUrl": "s3://b/m/"}]},
            r"Containers\[1\].Mode MultiModel is not supported in this stack beside other",
        ),
        (
            {"PrimaryContainer": {**ONE, "Mode": "MultiModel"}},
            "ModelDataUrl of a MultiModel container is s3://bucket/prefix/",
        ),
        (
            {"PrimaryContainer": {**ONE, "ModelDataUrl": "https://s3/m.tar.gz"}},
            "ModelDataUrl https://s3/m.tar.gz is neither",
        ),
        ({"PrimaryContainer": source(S3Uri="s3://b/model")}, "s3://b/model is no prefix"),
        (
            {"PrimaryContainer": source(S3DataType="S3Object", CompressionType="Gzip")},
            r"S3Uri s3://b/model/ is not s3://bucket/key\.tar\.gz",
        ),
        (
            {"PrimaryContainer": source(CompressionType="Gzip")},
            "does not support S3DataType S3Prefix with CompressionType Gzip",
        ),
        (
            {"PrimaryContainer": ONE, "Tags": [{"Key": "a", "Value": ""}] * 2},
            "Tags has a key twice: a, a",
        ),
    ],
)
def test_these_are_none(tmp_path: Path, members: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        create(tmp_path, **members)
