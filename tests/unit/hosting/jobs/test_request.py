"""Structures of requests: what they declare is emulated, and read as it was sent."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import botocore.session
import pytest
from botocore.model import ListShape, OperationModel, Shape, StructureShape
from pydantic import Field

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.location import Location
from hosting.jobs.request import Structure, members, read, read_location
from hosting.jobs.training.request import CreateTrainingJob
from hosting.jobs.transform.request import CreateTransformJob


class Inner(Structure):
    """A structure in another."""

    Kept: str
    Only: Literal["a", "b"] = "a"


class Outer(Structure):
    """A structure with others in it."""

    Name: str
    One: Inner | None = None
    Many: Sequence[Inner] = ()
    Map: Mapping[str, str] = Field(default_factory=dict)
    Flag: Literal[False] = False


def test_what_is_declared_is_emulated() -> None:
    found = members(Outer)
    assert found.emulated == {"Name", "One.Kept", "Many.Kept", "Map"}
    assert found.only == {
        "One.Only": ("a", "b"),
        "Many.Only": ("a", "b"),
        "Flag": (False,),
    }


def test_a_request_is_read() -> None:
    request = {"Name": "n", "Many": [{"Kept": "k"}], "Map": {"x": "y"}}
    outer = read(Outer, request)
    assert outer.Many[0].Kept == "k"
    assert outer.Map == {"x": "y"}
    assert outer.One is None


def test_what_is_not_declared_is_told() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        read(Outer, {"Name": "n", "Many": [{"Other": 1, "Kept": "k"}], "Flag": True})
    assert "Many.0.Other" in caught.value.message
    assert "Flag" in caught.value.message


def test_a_place_is_told_by_its_member() -> None:
    assert read_location("Output", "s3://a/b") == Location("a", "b")
    with pytest.raises(InvalidRequestError, match="Output: 'https://a/b'"):
        read_location("Output", "https://a/b")


@pytest.mark.parametrize(
    ("structure", "operation"),
    [(CreateTrainingJob, "CreateTrainingJob"), (CreateTransformJob, "CreateTransformJob")],
)
def test_the_members_of_requests_are_the_service_model_s(
    structure: type[Structure], operation: str
) -> None:
    model = botocore.session.get_session().get_service_model("sagemaker")
    found = members(structure)
    for path in (*found.emulated, *found.only):
        shape = shape_at(model.operation_model(operation), path)
        for value in found.only.get(path, ()):
            assert value in shape.metadata.get("enum", [value]), path


def shape_at(operation: OperationModel, path: str) -> Shape:
    shape: Any = operation.input_shape
    for name in path.split("."):
        if isinstance(shape, ListShape):
            shape = shape.member
        assert isinstance(shape, StructureShape)
        assert name in shape.members, path
        shape = shape.members[name]
    assert isinstance(shape, Shape)
    return shape
