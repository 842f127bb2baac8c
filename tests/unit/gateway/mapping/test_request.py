import pytest

from gateway.exchange import Exchange
from gateway.gateway_response import API_CONFIGURATION_ERROR, UNSUPPORTED_MEDIA_TYPE
from gateway.mapping.content import ContentHandling
from gateway.mapping.parameters import request_source
from gateway.mapping.request import Parameter, Passthrough, RequestMapping
from gateway.mapping.template import Template
from gateway.media_type import BinaryMediaTypes
from tests.gateway_stand import exchange, refusal

TRANSFORMED, AS_IS, REJECTED = "transformed", "as it is", "rejected"


def sent(content_type: str | None, body: bytes = b"as it is") -> Exchange:
    return exchange(*([("Content-Type", content_type)] if content_type else []), body=body)


def template(text: str) -> Template:
    return Template.compile(text, {})


@pytest.mark.parametrize("of", ["application/json", "application/xml"])
@pytest.mark.parametrize("passthrough", Passthrough)
@pytest.mark.parametrize(
    "content_type", [None, "application/json", "application/xml; charset=utf-8", "text/plain"]
)
def test_a_body_passes_as_aws_s_table_says(
    of: str, passthrough: Passthrough, content_type: str | None
) -> None:
    """API Gateway developer guide, "Integration passthrough behaviors", examples 1 and 2."""
    mapping = RequestMapping({of: template("transformed")}, passthrough)
    if (content_type or "application/json").startswith(of):
        assert mapping.body(sent(content_type)) == TRANSFORMED
    elif passthrough is Passthrough.WHEN_NO_MATCH:
        assert mapping.body(sent(content_type)) == AS_IS
    else:
        with refusal(UNSUPPORTED_MEDIA_TYPE):
            mapping.body(sent(content_type))


@pytest.mark.parametrize("passthrough", [Passthrough.WHEN_NO_MATCH, Passthrough.WHEN_NO_TEMPLATES])
def test_without_templates_every_body_passes(passthrough: Passthrough) -> None:
    assert RequestMapping(passthrough=passthrough).body(sent("text/plain")) == AS_IS


def test_without_templates_never_is_never() -> None:
    with refusal(UNSUPPORTED_MEDIA_TYPE):
        RequestMapping(passthrough=Passthrough.NEVER).body(sent(None))


def test_a_binary_body_stays_bytes_and_no_template_reads_it() -> None:
    binary = BinaryMediaTypes(["image/png"])
    image = sent("image/png", b"\x89PNG")
    assert RequestMapping(binary=binary).body(image) == b"\x89PNG"
    reading = {"image/png": template("$input.body")}
    with refusal(API_CONFIGURATION_ERROR):
        RequestMapping(reading, binary=binary).body(image)
    as_text = ContentHandling.CONVERT_TO_TEXT
    mapping = RequestMapping(reading, content_handling=as_text, binary=binary)
    assert mapping.body(image) == "iVBORw=="


def test_parameters_are_mapped_by_place_and_overridden_by_templates() -> None:
    mapping = RequestMapping(
        {"application/json": template('#set($context.requestOverride.header["X"] = "override")')},
        parameters=(
            Parameter("header", "X", request_source("'mapped'", {})),
            Parameter("header", "Y", request_source("'y'", {})),
            Parameter("header", "Empty", request_source("method.request.header.None", {})),
            Parameter("querystring", "q", request_source("'1'", {})),
        ),
    )
    made = sent(None)
    assert mapping.mapped(made, "header") == {"X": "mapped", "Y": "y"}
    mapping.body(made)
    assert mapping.mapped(made, "header") == {"X": "override", "Y": "y"}
    assert mapping.mapped(made, "querystring") == {"q": "1"}
    assert mapping.mapped(made, "path") == {}
