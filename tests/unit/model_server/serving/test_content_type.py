import pytest

from model_server.rows import from_csv, from_json
from model_server.serving.content_type import Reader, reader
from model_server.serving.errors import UnsupportedContentTypeError


@pytest.mark.parametrize(
    ("content_type", "expected"),
    [
        ("text/csv", from_csv.read),
        ("csv", from_csv.read),
        ("Text/CSV; charset=UTF-8", from_csv.read),
        ('text/csv;charset="us-ascii";header=absent', from_csv.read),
        ("application/json", from_json.read),
        ("application/json;charset=utf-8", from_json.read),
    ],
)
def test_a_known_type_has_its_reader(content_type: str, expected: Reader) -> None:
    assert reader(content_type) is expected


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        ("", "Content-Type '': expected text/csv or application/json"),
        ("text/libsvm", "expected text/csv or application/json"),
        ("text/csv; header=present", "the parameter 'header=present' is not supported"),
        ("text/csv; charset=utf-16", "the parameter 'charset=utf-16' is not supported"),
    ],
)
def test_another_type_or_parameter_is_refused(content_type: str, reason: str) -> None:
    with pytest.raises(UnsupportedContentTypeError) as error:
        reader(content_type)

    assert reason in str(error.value)
