import json
from dataclasses import replace

import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import BAD_MAPPING
from gateway.mapping.template import Template, TemplateSyntaxError
from tests.gateway_stand import API, exchange, refusal

VARIABLES = {"colour": "blue"}


def render(source: str, body: str = "", made: Exchange | None = None) -> str:
    return Template.compile(source, VARIABLES).render(made or exchange(), body)


def test_a_template_in_which_nothing_varies_is_a_constant() -> None:
    assert Template.compile('{"statusCode": 200}', {}).constant == '{"statusCode": 200}'
    for varying in ("$context.stage", "#set($a = 1)", "\\$"):
        assert Template.compile(varying, {}).constant is None


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ("$input.body", '{"a": {"b": [1, 2]}, "text": "x"}'),
        ("$input.json('$.a')", '{"b":[1,2]}'),
        ("$input.json('$.text')", '"x"'),
        ("$input.json('$.none')", '""'),
        ("$input.path('$.a.b')", "[1,2]"),
        ("$input.path('$.a')", "{b=[1,2]}"),
        ("$input.path('$.a').b[1]", "2"),
        ("$input.path('$.none')", ""),
        ("$input.path('$').size()", "2"),
        ("$input.params('thing') $input.params('q') $input.params('X-A')", "1 2 3"),
        ("$input.params('none')", ""),
        ("$input.params().querystring.q", "2"),
        ("$input.params().get('header').get('X-A')", "3"),
        ("$context.stage $context.identity.sourceIp", "v1 192.0.2.7"),
        ("$context.requestOverride.header", "{}"),
        ("$stageVariables.colour $stageVariables['colour'] ${stageVariables.colour}", "blue " * 3),
        ("$util.urlEncode('a b&c') $util.urlDecode('a+b%26c')", "a+b%26c a b&c"),
        ("$util.base64Encode('ü') $util.base64Decode('w7w=')", "w7w= ü"),
        ('$util.escapeJavaScript("it\'s")', "it\\'s"),
        ('$util.parseJson(\'{"k": {"arr": [1]}}\').k.arr[0]', "1"),
        ("#foreach($n in $input.path('$.a.b'))$n#if($foreach.hasNext),#end#end", "1,2"),
        ("#if($input.path('$.none') == $null)yes#{else}no#end", "yes"),
        ("$missing!", "!"),
    ],
)
def test_aws_s_variables_are_there(source: str, rendered: str) -> None:
    made = exchange(("X-A", "3"), query=(("q", "2"),))
    body = '{"a": {"b": [1, 2]}, "text": "x"}'
    assert render(source, body, made).strip() == rendered.strip()


def test_an_empty_body_reads_as_an_empty_object_and_holds_nothing() -> None:
    assert render("$input.body $input.json('$') $input.path('$.a')") == '{} "" '


@pytest.mark.parametrize("body", ["{", "a=1", "[" * 100_000])
def test_a_body_that_is_not_json_holds_nothing(body: str) -> None:
    assert render("$input.json('$.a')-$input.path('$.a')", body) == '""-'


def test_overrides_are_kept_for_the_answer() -> None:
    made = exchange()
    render(
        "#set($context.responseOverride.status = 444)"
        '#set($context.responseOverride.header.foo = "bar")'
        '#set($context["requestOverride"].path["id"] = "7")',
        made=made,
    )
    assert made.overrides is not None
    assert made.overrides.status() == 444
    assert made.overrides.headers() == {"foo": "bar"}
    assert made.overrides.parameters("path") == {"id": "7"}
    assert render("$context.responseOverride.status", made=made) == "444"


def test_a_template_sees_the_stage_that_was_called() -> None:
    assert render("$context.stage", made=exchange(api=replace(API, stage="v2"))) == "v2"


def test_what_a_template_makes_of_a_list_is_json() -> None:
    source = "$input.path('$.items')"
    items = [{"a": "ü", "b": None}, [True]]
    assert json.loads(render(source, json.dumps({"items": items}))) == items


@pytest.mark.parametrize(
    "source",
    [
        "$input.path('$.a[')",
        "$util.parseJson('{')",
        "$util.base64Decode('*')",
        "#foreach($a in 5)$a#end",
    ],
)
def test_a_template_that_fails_is_an_internal_error(source: str) -> None:
    with refusal(BAD_MAPPING):
        render(source, "{}")


@pytest.mark.parametrize("source", ["#if(true)", "#foreach($a in $b)", "${open"])
def test_a_template_that_cannot_be_parsed_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError):
        Template.compile(source, {})


def test_a_template_has_no_more_than_300_kb() -> None:
    Template.compile("x" * 300 * 1024, {})
    with pytest.raises(TemplateSyntaxError, match="is over 300 KB"):
        Template.compile("x" * (300 * 1024 + 1), {})
