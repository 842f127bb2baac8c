import pytest

from model_server.serving.accept import writer
from model_server.serving.answers import CSV, JSON, Writer
from model_server.serving.errors import NotAcceptableError


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", CSV),
        (" , ", CSV),
        ("*/*", CSV),
        ("*", CSV),
        ("text/*", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("application/json", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/*", JSON),
        ("application/json, text/csv", JSON),
        ("text/csv, application/json", CSV),
        ("application/json;q=0.5, text/csv;q=0.9", CSV),
        ("text/csv;q=0.1, */*;q=0.2", JSON),
        ("text/csv;q=0, */*", JSON),
        ("text/csv;q=high, application/json;q=0.1", JSON),
        ("text/html, application/json; q=0.9, */*; q=0.8", JSON),
        ("image/png, text/csv", CSV),
    ],
)
def test_the_best_format_is_written(accept: str, expected: Writer) -> None:
    assert writer(accept) is expected


@pytest.mark.parametrize(
    "accept", ["image/png", "text/csv;q=0", "*/*;q=0", "application/jsonlines"]
)
def test_nothing_acceptable_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptableError) as error:
        writer(accept)

    assert str(error.value) == f"Accept {accept!r}: the answers are text/csv and application/json"
