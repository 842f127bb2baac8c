"""SageMaker's protobuf message Record: named feature and label tensors of one row.

The fields and their numbers are those that the developer guide documents ("Common data formats for
training"); they are declared here with protobuf's own descriptors, so that no generated code needs
to match the installed library.
"""

from collections.abc import Mapping, MutableSequence
from typing import Protocol, cast

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass

_PACKAGE = "aialgs.data"


class Tensor(Protocol):
    """Values, dense, or sparse where `keys` give each one's place; `shape` tells their number."""

    values: MutableSequence[float]
    keys: MutableSequence[int]
    shape: MutableSequence[int]


class Value(Protocol):
    """One tensor in one of three types, or bytes."""

    float32_tensor: Tensor
    float64_tensor: Tensor
    int32_tensor: Tensor

    def WhichOneof(self, oneof_group: str) -> str | None:  # noqa: N802 - protobuf's own name
        """Give the name of the field that is set."""
        ...


class Record(Protocol):
    """One row; a vector is the feature `values`."""

    features: Mapping[str, Value]
    label: Mapping[str, Value]

    def SerializeToString(self) -> bytes:  # noqa: N802 - protobuf's own name
        """Give the message as bytes."""
        ...


def _file() -> FileDescriptorProto:
    field = FieldDescriptorProto
    file = FileDescriptorProto(name="record.proto", package=_PACKAGE, syntax="proto2")
    for name, kind in (
        ("Float32Tensor", field.TYPE_FLOAT),
        ("Float64Tensor", field.TYPE_DOUBLE),
        ("Int32Tensor", field.TYPE_INT32),
    ):
        tensor = file.message_type.add(name=name)
        for number, (part, part_kind) in enumerate(
            (("values", kind), ("keys", field.TYPE_UINT64), ("shape", field.TYPE_UINT64)), 1
        ):
            added = tensor.field.add(
                name=part, number=number, type=part_kind, label=field.LABEL_REPEATED
            )
            added.options.packed = True
    blob = file.message_type.add(name="Bytes")
    blob.field.add(name="value", number=1, type=field.TYPE_BYTES, label=field.LABEL_REPEATED)
    blob.field.add(
        name="content_type", number=2, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL
    )
    value = file.message_type.add(name="Value")
    value.oneof_decl.add(name="value")
    for name, number, kind_name in (
        ("float32_tensor", 2, "Float32Tensor"),
        ("float64_tensor", 3, "Float64Tensor"),
        ("int32_tensor", 7, "Int32Tensor"),
        ("bytes", 9, "Bytes"),
    ):
        value.field.add(
            name=name,
            number=number,
            type=field.TYPE_MESSAGE,
            type_name=f".{_PACKAGE}.{kind_name}",
            label=field.LABEL_OPTIONAL,
            oneof_index=0,
        )
    record = file.message_type.add(name="Record")
    _add_map(record, "features", 1)
    _add_map(record, "label", 2)
    for number, name in enumerate(("uid", "metadata", "configuration"), 3):
        record.field.add(
            name=name, number=number, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL
        )
    return file


def _add_map(record: DescriptorProto, name: str, number: int) -> None:
    """Add map<string, Value>: on the wire, a repeated message of a key and a value."""
    field = FieldDescriptorProto
    entry = record.nested_type.add(name=f"{name.capitalize()}Entry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    entry.field.add(
        name="value",
        number=2,
        type=field.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.Value",
        label=field.LABEL_OPTIONAL,
    )
    record.field.add(
        name=name,
        number=number,
        type=field.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.Record.{entry.name}",
        label=field.LABEL_REPEATED,
    )


_POOL = DescriptorPool()
_POOL.Add(_file())
_MESSAGE = GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.Record"))


def new() -> Record:
    """Give an empty record."""
    return cast("Record", _MESSAGE())


def parse(content: bytes) -> Record:
    """Read a record. Raises ValueError."""
    message = _MESSAGE()
    try:
        message.ParseFromString(content)
    except DecodeError as error:
        raise ValueError("not a Record message of protobuf") from error
    return cast("Record", message)
