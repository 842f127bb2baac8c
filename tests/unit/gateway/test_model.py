import pytest

from gateway.model import Model, ModelError, media_type

MODEL = Model.compile(
    {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "number"}},
    }
)


@pytest.mark.parametrize("body", ['{"a": 1}', ' {"a": 1.5, "b": null}\n'])
def test_a_body_that_fits_is_accepted(body: str) -> None:
    assert MODEL.accepts(body)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        '{"a": "1"}',
        "[]",
        "null",
        "{",
        "a=1",
        '{"a": NaN}',
        '{"a": 1} {}',
        "\ufeff{}",
        "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_a_body_that_does_not_fit_is_not(body: str) -> None:
    assert not MODEL.accepts(body)


def test_an_empty_body_counts_as_an_empty_object() -> None:
    assert Model.compile({"type": "object"}).accepts("")


def test_a_schema_that_is_not_draft_4_is_refused_with_its_place() -> None:
    with pytest.raises(ModelError, match=r"\$\.properties\.a\.required"):
        Model.compile({"properties": {"a": {"required": True}}})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("text/csv ;header=present", "text/csv"),
    ],
)
def test_the_media_type_is_without_parameters(header: str | None, expected: str) -> None:
    assert media_type(header) == expected
