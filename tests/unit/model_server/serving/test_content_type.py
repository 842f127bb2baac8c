from functools import partial

import pytest

from model_server.rows import from_csv, from_json, from_jsonlines, from_libsvm, from_recordio
from model_server.rows.errors import UnreadableRowsError
from model_server.rows.from_csv import Dialect
from model_server.serving.content_type import Reader, reader
from model_server.serving.errors import UnsupportedContentTypeError


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/csv", from_csv.read),
        ("csv", from_csv.read),
        ("text/csv;", from_csv.read),
        ("text/libsvm ;charset=utf8", from_libsvm.read),
        ("text/x-libsvm", from_libsvm.read),
        ("libsvm", from_libsvm.read),
        ("application/x-recordio-protobuf", from_recordio.read),
        ("recordio-protobuf", from_recordio.read),
        ("application/json", from_json.read),
        ("application/json;charset=utf-8", from_json.read),
        ("application/jsonlines", from_jsonlines.read),
    ],
)
def test_a_known_type_has_its_reader(content_type: str, expected: Reader) -> None:
    assert reader(content_type) is expected


def test_without_a_type_it_is_libsvm_and_an_error_says_so() -> None:
    assert next(reader("")(b"1 0:5 1:6", 2, ())).tolist() == [[5, 6]]
    with pytest.raises(UnreadableRowsError) as error:
        list(reader("")(b"1,2", 2, ()))

    assert str(error.value) == (
        "row 1, the label: expected a finite number, found '1,2'; "
        "a body without a Content-Type is read as libsvm"
    )


@pytest.mark.parametrize(
    ("content_type", "dialect"),
    [
        ('text/csv;charset="us-ascii";header=absent', Dialect(charset="ascii")),
        ("csv; charset=ISO-8859-1; header=Present", Dialect(header=True, charset="latin-1")),
        ("text/csv;label_size = 1", Dialect(label=True)),
        ("text/csv; label_size=1; charset=utf8", Dialect(label=True)),
    ],
)
def test_parameters_of_csv_are_its_dialect(content_type: str, dialect: Dialect) -> None:
    found = reader(content_type)

    assert isinstance(found, partial)
    assert found.func is from_csv.read
    assert found.keywords == {"dialect": dialect}


def test_what_is_said_anyway_changes_nothing() -> None:
    assert reader("Text/CSV; charset=UTF-8; header=absent") is from_csv.read


@pytest.mark.parametrize(
    "content_type", ["image/png", "text/parquet", "label_size=1; text/csv", ";"]
)
def test_another_type_is_refused(content_type: str) -> None:
    with pytest.raises(UnsupportedContentTypeError) as error:
        reader(content_type)

    assert str(error.value) == (
        f"Content-Type {content_type!r}: expected one of text/csv, csv, text/libsvm, "
        "text/x-libsvm, libsvm, application/x-recordio-protobuf, recordio-protobuf, "
        "application/json, application/jsonlines"
    )


@pytest.mark.parametrize(
    ("content_type", "parameter"),
    [
        ("text/csv; charset=utf-16", "charset=utf-16"),
        ("text/csv; header=maybe", "header=maybe"),
        ("text/csv; label_size=5", "label_size=5"),
        ("text/csv; label_size=1=1", "label_size=1=1"),
        ("text/csv; label_size=1; label_size=1", "label_size=1"),
        ("text/csv; delimiter=tab", "delimiter=tab"),
        ("text/libsvm; header=present", "header=present"),
        ("application/json; charset=latin-1", "charset=latin-1"),
    ],
)
def test_another_parameter_is_refused(content_type: str, parameter: str) -> None:
    with pytest.raises(UnsupportedContentTypeError) as error:
        reader(content_type)

    assert str(error.value) == (
        f"Content-Type {content_type!r}: the parameter {parameter!r} is not supported"
    )
