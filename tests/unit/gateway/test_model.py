import pytest

from gateway.model import Model, ModelError

MODEL = Model.compile(
    {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "number"}},
    }
)


@pytest.mark.parametrize("body", ['{"a": 1}', ' {"a": 1.5, "b": null}\n'])
def test_a_body_that_fits_is_accepted(body: str) -> None:
    assert MODEL.fault(body) is None


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
    assert MODEL.fault(body)


def test_an_empty_body_counts_as_an_empty_object() -> None:
    assert Model.compile({"type": "object"}).fault("") is None


def test_a_schema_that_is_not_draft_4_is_refused_with_its_place() -> None:
    with pytest.raises(ModelError, match=r"\$\.properties\.a\.required"):
        Model.compile({"properties": {"a": {"required": True}}})


def test_a_fault_says_what_and_where() -> None:
    assert MODEL.fault('{"a": "1"}') == "[$.a: '1' is not of type 'number']"


@pytest.mark.parametrize("number", ["1e400", "9" * 401])
def test_a_number_that_is_too_large_to_check_does_not_fit(number: str) -> None:
    cents = Model.compile({"properties": {"a": {"multipleOf": 0.01}}})
    assert cents.fault(f'{{"a": {number}}}')


def test_a_body_that_is_too_deep_to_check_does_not_fit() -> None:
    deep = "[" * 400 + "]" * 400
    unique = Model.compile({"type": "array", "uniqueItems": True})
    assert unique.fault(f"[[{deep}], [{deep}]]")
