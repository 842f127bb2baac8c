import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.template import TemplateError

EVENT = {
    "eventName": "INSERT",
    "none": None,
    "empty": "",
    "true": True,
    "dynamodb": {
        "SizeBytes": 300,
        "ApproximateCreationDateTime": 1678831218.0,
        "NewImage": {
            "channel": {"S": "Mobile-App"},
            "amount": {"N": "42"},
            "tags": {"SS": ["new", "vip"]},
            "lines": {"L": [{"M": {"k": {"S": "a"}, "v": {"S": "1"}}}, {"M": {"k": {"S": "b"}}}]},
            "nothing": {"L": []},
        },
    },
}


def matches(rule: Any, *path: str) -> bool:  # noqa: ANN401 - any JSON
    for name in reversed(path):
        rule = {name: rule}
    return Pattern.read(json.dumps(rule)).matches(EVENT)


def image(rule: Any, *path: str) -> bool:  # noqa: ANN401 - any JSON
    return matches(rule, "dynamodb", "NewImage", *path)


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        # equals, null, empty
        (["INSERT", "MODIFY"], ["eventName"], True),
        (["MODIFY"], ["eventName"], False),
        (["insert"], ["eventName"], False),
        ([None], ["none"], True),
        ([None], ["empty"], False),
        ([None], ["missing"], False),
        ([""], ["empty"], True),
        ([""], ["none"], False),
        ([True], ["true"], True),
        ([False], ["true"], False),
        (["true"], ["true"], False),
        # numbers are compared by their text
        ([300], ["dynamodb", "SizeBytes"], True),
        ([300.0], ["dynamodb", "SizeBytes"], False),
        (["300"], ["dynamodb", "SizeBytes"], False),
        # numeric
        ([{"numeric": ["=", 300]}], ["dynamodb", "SizeBytes"], True),
        ([{"numeric": ["=", 3.0e2]}], ["dynamodb", "SizeBytes"], True),
        ([{"numeric": [">", 299, "<=", 300]}], ["dynamodb", "SizeBytes"], True),
        ([{"numeric": [">", 300]}], ["dynamodb", "SizeBytes"], False),
        ([{"numeric": [">=", 300, "<", 301]}], ["dynamodb", "SizeBytes"], True),
        ([{"numeric": ["<", 0]}], ["dynamodb", "SizeBytes"], False),
        ([{"numeric": [">", 0]}], ["dynamodb", "ApproximateCreationDateTime"], True),
        ([{"numeric": [">", 0]}], ["eventName"], False),
        ([{"numeric": [">", 0]}], ["true"], False),
        # exists is about leaves
        ([{"exists": True}], ["eventName"], True),
        ([{"exists": True}], ["none"], True),
        ([{"exists": True}], ["missing"], False),
        ([{"exists": False}], ["missing"], True),
        ([{"exists": False}], ["eventName"], False),
        ([{"exists": False}], ["dynamodb"], True),
        ([{"exists": True}], ["dynamodb"], False),
        ([{"exists": False}], ["missing", "below"], True),
        ([{"exists": True}], ["missing", "below"], False),
        ([{"exists": False}], ["eventName", "below"], True),
        # texts
        ([{"prefix": "INS"}], ["eventName"], True),
        ([{"prefix": "ins"}], ["eventName"], False),
        ([{"prefix": {"equals-ignore-case": "ins"}}], ["eventName"], True),
        ([{"suffix": "ERT"}], ["eventName"], True),
        ([{"suffix": "ert"}], ["eventName"], False),
        ([{"suffix": {"equals-ignore-case": "ert"}}], ["eventName"], True),
        ([{"prefix": "3"}], ["dynamodb", "SizeBytes"], False),
        ([{"equals-ignore-case": "inSErt"}], ["eventName"], True),
        ([{"equals-ignore-case": "inserts"}], ["eventName"], False),
        # anything-but wants a value
        ([{"anything-but": "MODIFY"}], ["eventName"], True),
        ([{"anything-but": ["MODIFY", "INSERT"]}], ["eventName"], False),
        ([{"anything-but": [1, 2]}], ["dynamodb", "SizeBytes"], True),
        ([{"anything-but": 300}], ["dynamodb", "SizeBytes"], False),
        ([{"anything-but": "x"}], ["missing"], False),
        # several are alternatives
        ([{"prefix": "x"}, "INSERT"], ["eventName"], True),
    ],
)
def test_an_operator_matches(rule: list[Any], path: list[str], expected: bool) -> None:
    assert matches(rule, *path) is expected


def test_an_array_matches_with_any_of_its_values() -> None:
    assert image(["vip"], "tags", "SS")
    assert image([{"anything-but": ["vip"]}], "tags", "SS")
    assert not image(["old"], "tags", "SS")
    assert not image([{"exists": True}], "nothing", "L")
    assert image([{"exists": False}], "nothing", "L", "M", "k")


def test_one_element_of_an_array_has_to_fit_alone() -> None:
    together = {"k": {"S": ["a"]}, "v": {"S": ["1"]}}
    apart = {"k": {"S": ["b"]}, "v": {"S": ["1"]}}
    assert image(together, "lines", "L", "M")
    assert not image(apart, "lines", "L", "M")


def test_fields_are_joined_by_and() -> None:
    assert matches({"eventName": ["INSERT"], "true": [True]})
    assert not matches({"eventName": ["INSERT"], "true": [False]})


def test_or_joins_alternatives_and_nests() -> None:
    assert matches({"$or": [{"eventName": ["X"]}, {"true": [True]}]})
    assert not matches({"$or": [{"eventName": ["X"]}, {"true": [False]}]})
    assert matches(
        {"true": [True], "$or": [{"empty": ["x"]}, {"$or": [{"none": [None]}, {"x": [1]}]}]}
    )
    assert matches({"dynamodb": {"$or": [{"SizeBytes": [300]}, {"SizeBytes": [1]}]}})


def test_or_may_be_the_name_of_a_field() -> None:
    pattern = Pattern.read('{"$or": {"a": [1]}}')
    assert pattern.matches({"$or": {"a": 1}})
    assert not pattern.matches({"a": 1})


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("single-string", "It is not JSON"),
        ('[{"eventName": ["INSERT"=123}]', "It is not JSON"),
        ("[]", "it is not an object"),
        ("{}", "an object is empty"),
        ('{"a": {}}', "an object is empty"),
        ('{"a": []}', 'the array of "a" is empty'),
        ('{"a": "INSERT"}', '"a" must be an object or an array'),
        ('{"a": [[1]]}', "an array is inside an array"),
        ('{"a": [{"prefix": "a", "suffix": "b"}]}', "an operation has one operator"),
        ('{"a": [{}]}', "an operation has one operator"),
        ('{"$or": [{"a": [1]}]}', "a is no operator of Lambda's filters"),
        ('{"$or": [{"prefix": "a"}, {"numeric": 1}]}', "numeric is no array of comparisons"),
        ('{"a": [{"wildcard": "a*"}]}', "wildcard is no operator of Lambda's filters; they have"),
        ('{"a": [{"cidr": "10.0.0.0/8"}]}', "cidr is no operator of Lambda's filters"),
        (
            '{"a": [{"anything-but": {"prefix": "a"}}]}',
            "anything-but takes values; prefix inside it works on event buses alone",
        ),
        ('{"a": [{"anything-but": ["a", 1]}]}', "anything-but takes either texts or numbers"),
        ('{"a": [{"anything-but": []}]}', "anything-but takes either texts or numbers"),
        ('{"a": [{"anything-but": true}]}', "anything-but takes either texts or numbers"),
        ('{"a": [{"exists": "yes"}]}', "exists is neither true nor false"),
        ('{"a": [{"prefix": 1}]}', "prefix takes a text"),
        ('{"a": [{"suffix": {"prefix": "a"}}]}', "suffix takes a text, or equals-ignore-case"),
        ('{"a": [{"equals-ignore-case": ["a"]}]}', "equals-ignore-case takes a text"),
        ('{"a": [{"numeric": []}]}', "numeric takes =, one bound, or a lower and then an upper"),
        ('{"a": [{"numeric": ["="]}]}', "numeric takes =, one bound"),
        ('{"a": [{"numeric": ["<", 1, ">", 0]}]}', "a lower and then an upper bound"),
        ('{"a": [{"numeric": ["!=", 1]}]}', "numeric takes =, one bound"),
        ('{"a": [{"numeric": [">", "1"]}]}', "numeric compares with numbers"),
        ('{"a": [{"numeric": [">", 2, "<", 1]}]}', "the lower bound of numeric is not below"),
    ],
)
def test_a_bad_pattern_is_refused_in_the_words_of_lambda(text: str, cause: str) -> None:
    with pytest.raises(TemplateError) as refused:
        Pattern.read(text)
    assert str(refused.value).startswith("Invalid filter pattern definition. ")
    assert cause in str(refused.value)


def test_patterns_are_equal_by_their_text() -> None:
    text = '{"a": [1]}'
    assert Pattern.read(text) == Pattern.read(text)
    assert hash(Pattern.read(text)) == hash(Pattern.read(text))
    assert Pattern.read(text) != Pattern.read('{"a": [2]}')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner),
    max_leaves=8,
)


@given(JSON, st.sampled_from([[1], [{"exists": False}], [{"numeric": [">", 0]}]]))
def test_any_event_can_be_asked(event: Any, rule: list[Any]) -> None:  # noqa: ANN401 - any JSON
    pattern = Pattern.read(json.dumps({"a": {"b": rule}, "$or": [{"a": rule}, {"b": rule}]}))
    assert pattern.matches({"a": event}) in {True, False}
