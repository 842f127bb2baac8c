import pytest

from gateway.customization import (
    Customization,
    Customizations,
    ResponseTemplate,
    ResponseTemplateError,
)
from gateway.exchange import Exchange, Refusal
from gateway.gateway_response import (
    BAD_REQUEST_BODY,
    CONTENT_TOO_LONG,
    FORBIDDEN,
    INTEGRATION_TIMEOUT,
    Answer,
    GatewayResponse,
)
from gateway.mapping.parameters import request_source
from tests.gateway_stand import exchange, header

STAGE_VARIABLES = {"colour": "blue"}


def template(text: str) -> ResponseTemplate:
    return ResponseTemplate.compile(text, STAGE_VARIABLES)


def answer(
    response: GatewayResponse, made: Exchange | None = None, **by_type: Customization
) -> Answer:
    made = made or exchange()
    made.refusal = Refusal(response, "[$: bad]")
    return Customizations(by_type).answer(response, made)


def test_a_response_that_is_not_customised_is_aws_s() -> None:
    assert answer(FORBIDDEN, QUOTA_EXCEEDED=Customization(status=400)) == FORBIDDEN.answer()


def test_a_status_headers_and_a_body_are_customised() -> None:
    custom = Customization(
        456,
        (
            ("X-Static", request_source("'yes'", {})),
            ("X-Sent", request_source("method.request.header.X-Sent", {})),
            ("X-Missing", request_source("method.request.header.X-Missing", {})),
        ),
        {"application/json": template('{"type": "$context.error.responseType"}')},
    )
    made = answer(FORBIDDEN, exchange(("X-Sent", "1")), INVALID_API_KEY=custom)
    assert made == Answer(
        456,
        [
            (b"Content-Type", b"application/json"),
            (b"x-amzn-ErrorType", b"ForbiddenException"),
            (b"X-Static", b"yes"),
            (b"X-Sent", b"1"),
        ],
        b'{"type": "INVALID_API_KEY"}',
    )


def test_a_header_without_a_template_leaves_the_body() -> None:
    custom = Customization(headers=(("Content-Type", request_source("'text/x'", {})),))
    made = answer(FORBIDDEN, DEFAULT_4XX=custom)
    assert made.body == FORBIDDEN.body
    assert header(made, "content-type") == "text/x"


def test_the_defaults_stand_for_what_is_not_named() -> None:
    both = {"DEFAULT_4XX": Customization(status=418), "DEFAULT_5XX": Customization(status=599)}
    assert answer(FORBIDDEN, None, **both).status == 418
    assert answer(INTEGRATION_TIMEOUT, None, **both).status == 599
    own = Customization(status=401)
    assert answer(FORBIDDEN, None, **both, INVALID_API_KEY=own).status == 401


def test_what_aws_s_front_answers_is_not_customised() -> None:
    assert answer(CONTENT_TOO_LONG, DEFAULT_4XX=Customization(400)) == CONTENT_TOO_LONG.answer()


@pytest.mark.parametrize(
    ("accept", "body"),
    [(None, b"json"), ("text/xml;q=1", b"xml"), ("image/png", b"json"), ("*/*", b"json")],
)
def test_a_template_is_chosen_by_what_the_caller_accepts(accept: str | None, body: bytes) -> None:
    custom = Customization(
        templates={"text/xml": template("xml"), "application/json": template("json")}
    )
    sent = exchange(*([("Accept", accept)] if accept else []))
    assert answer(FORBIDDEN, sent, INVALID_API_KEY=custom).body == body


def test_without_json_the_first_template_is_the_one() -> None:
    custom = Customization(templates={"text/xml": template("xml"), "text/csv": template("csv")})
    made = answer(FORBIDDEN, INVALID_API_KEY=custom)
    assert (made.body, header(made, "content-type")) == (b"xml", "text/xml")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ('{"message":$context.error.messageString}', b'{"message":"Invalid request body"}'),
        ("$context.error.message!", b"Invalid request body!"),
        ("${context.error.validationErrorString}", b"[$: bad]"),
        ("$stageVariables.colour $stageVariables.none.", b"blue ."),
        ("$method.request.path.thing/$method.request.querystring.q", b"1/2"),
        ("$context.identity.user", b""),
        ("5 $", b"5 $"),
    ],
)
def test_variables_are_put_into_a_template(text: str, filled: bytes) -> None:
    custom = Customization(templates={"application/json": template(text)})
    made = answer(BAD_REQUEST_BODY, exchange(query=(("q", "2"),)), BAD_REQUEST_BODY=custom)
    assert made.body == filled


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$context.nothing", r"\$context\.nothing is not emulated"),
        ("$input.body", r"\$input is not emulated"),
        ("$method.request.cookie.a", "is no mapping expression"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(text: str, message: str) -> None:
    with pytest.raises(ResponseTemplateError, match=message):
        template(text)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(status: int) -> None:
    custom = Customization(status, (), {"application/json": template("{}")})
    assert answer(FORBIDDEN, INVALID_API_KEY=custom).body == b""
