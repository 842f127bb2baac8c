import pytest

from model_server.serving.accept import writer
from model_server.serving.answers.as_csv import SCORES, SELECTED, SELECTED_BATCH
from model_server.serving.answers.as_json import DOCUMENT, DOCUMENT_BATCH, LINES
from model_server.serving.answers.as_recordio import RECORDS
from model_server.serving.answers.writer import Writer
from model_server.serving.errors import NotAcceptableError
from model_server.serving.formats import Formats


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", SCORES),
        (" , ", SCORES),
        ("*/*", SCORES),
        ("*", SCORES),
        ("text/*", SCORES),
        ("text/csv; charset=utf-8", SCORES),
        ("application/json", DOCUMENT),
        ("APPLICATION/JSON", DOCUMENT),
        ("application/jsonlines", LINES),
        ("application/x-recordio-protobuf", RECORDS),
        ("application/*", DOCUMENT),
        ("application/*, application/json;q=0", LINES),
        ("application/json, text/csv", DOCUMENT),
        ("text/csv, application/json", SCORES),
        ("application/json;q=0.5, text/csv;q=0.9", SCORES),
        ("text/csv;q=0.1, */*;q=0.2", DOCUMENT),
        ("text/csv;q=0, */*", DOCUMENT),
        ("text/csv;q=high, application/json;q=0.1", DOCUMENT),
        ("text/html, application/json; q=0.9, */*; q=0.8", DOCUMENT),
        ("image/png, text/csv", SCORES),
    ],
)
def test_the_best_format_is_written(accept: str, expected: Writer) -> None:
    assert writer(accept) is expected


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "*/*;q=0", "csv"])
def test_nothing_acceptable_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptableError) as error:
        writer(accept)

    assert str(error.value) == (
        f"Accept {accept!r}: the answers are text/csv, application/json, application/jsonlines "
        "and application/x-recordio-protobuf"
    )


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("", LINES), ("*/*", LINES), ("application/*", LINES), ("text/*", SCORES)],
)
def test_the_default_is_a_setting(accept: str, expected: Writer) -> None:
    assert writer(accept, Formats(default_accept="Application/JSONLines")) is expected


@pytest.mark.parametrize(
    ("accept", "selected", "batch", "expected"),
    [
        ("text/csv", (), True, SCORES),
        ("text/csv", ("labels",), False, SELECTED),
        ("text/csv", ("labels",), True, SELECTED_BATCH),
        ("application/json", (), True, DOCUMENT_BATCH),
        ("application/json", ("labels",), False, DOCUMENT),
        ("application/jsonlines", ("labels",), True, LINES),
        ("application/x-recordio-protobuf", ("labels",), True, RECORDS),
    ],
)
def test_settings_change_the_shape(
    accept: str, selected: tuple[str, ...], batch: bool, expected: Writer
) -> None:
    assert writer(accept, Formats("", selected, batch)) is expected


def test_the_same_header_has_its_writer_at_hand() -> None:
    before = writer.cache_info().hits

    assert writer("text/csv", Formats()) is writer("text/csv", Formats())
    assert writer.cache_info().hits > before
