from dataclasses import replace

import pytest

from gateway.api_keys import ApiKey
from gateway.context import UnknownVariableError, request_context, variable
from gateway.exchange import Exchange, Grant, Refusal
from gateway.gateway_response import FORBIDDEN, INTEGRATION_TIMEOUT
from tests.gateway_stand import IDS, exchange


def full() -> Exchange:
    made = exchange(("Host", "abc.example.com"), ("User-Agent", "curl/8"))
    made.api_key = ApiKey("the-key", "key-id")
    made.grant = Grant({"principalId": "user", "tier": "gold"}, None, 12)
    made.refusal = Refusal(FORBIDDEN, "[$: bad]")
    made.integration_ms, made.backend_status, made.integration_status = 12.6, 200, 404
    made.status, made.length, made.latency_ms = 403, 23, 15.4
    return made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("accountId", "123456789012"),
        ("apiId", "fe92dfe331"),
        ("authorizer.principalId", "user"),
        ("authorizer.tier", "gold"),
        ("authorizer.other", None),
        ("authorizer.integrationLatency", 12),
        ("authorizer.latency", 12),
        ("deploymentId", "36ee36"),
        ("domainName", "abc.example.com"),
        ("domainPrefix", "abc"),
        ("endpointType", "REGIONAL"),
        ("error.message", "Forbidden"),
        ("error.messageString", '"Forbidden"'),
        ("error.responseType", "INVALID_API_KEY"),
        ("error.validationErrorString", "[$: bad]"),
        ("extendedRequestId", "ext="),
        ("httpMethod", "POST"),
        ("identity.apiKey", "the-key"),
        ("identity.apiKeyId", "key-id"),
        ("identity.sourceIp", "192.0.2.7"),
        ("identity.userAgent", "curl/8"),
        ("identity.user", None),
        ("identity.clientCert.subjectDN", None),
        ("integration.integrationStatus", 200),
        ("integration.latency", 13),
        ("integration.status", 404),
        ("integrationErrorMessage", "Forbidden"),
        ("integrationLatency", 13),
        ("integrationStatus", 200),
        ("path", "/v1/things/1"),
        ("protocol", "HTTP/1.1"),
        ("requestId", "id-1"),
        ("requestTime", "04/Mar/2026:19:15:17 +0000"),
        ("requestTimeEpoch", 1772651717135),
        ("resourceId", "abc123"),
        ("resourcePath", "/things/{thing}"),
        ("responseLatency", 15),
        ("responseLength", 23),
        ("stage", "v1"),
        ("status", 403),
        ("waf.status", None),
        ("xrayTraceId", IDS.trace),
    ],
)
def test_every_variable_has_its_value(name: str, value: object) -> None:
    assert variable(name)(full()) == value


@pytest.mark.parametrize(
    "name",
    [
        "authorizer.principalId",
        "authorizer.latency",
        "error.message",
        "error.messageString",
        "error.responseType",
        "error.validationErrorString",
        "identity.apiKey",
        "identity.apiKeyId",
        "identity.userAgent",
        "integration.error",
        "integration.latency",
        "resourceId",
        "resourcePath",
        "status",
    ],
)
def test_what_a_request_does_not_have_is_nothing(name: str) -> None:
    assert variable(name)(exchange(route=None)) is None


def test_an_integration_s_error_is_one_that_came_after_it_was_asked() -> None:
    made = exchange()
    made.refusal = Refusal(INTEGRATION_TIMEOUT, None)
    assert variable("integration.error")(made) is None
    made.integration_ms = 29_000.0
    assert variable("integration.error")(made) == "Endpoint request timed out"


@pytest.mark.parametrize("name", ["", "nothing", "authorizer.claims.sub", "identity.name", "Stage"])
def test_another_name_is_refused(name: str) -> None:
    with pytest.raises(UnknownVariableError, match=rf"\$context\.{name}"):
        variable(name)


def test_the_context_of_an_event_tells_the_authorizer_s_own() -> None:
    assert request_context(full()).get("authorizer") == {
        "principalId": "user",
        "tier": "gold",
        "integrationLatency": 12,
    }
    assert "authorizer" not in request_context(exchange())


def test_the_context_is_of_the_stage_that_was_called() -> None:
    made = exchange(api=replace(exchange().api, stage="v2"), path="/v2//things/1/")
    context = request_context(made)
    assert (context["stage"], context["path"]) == ("v2", "/v2//things/1/")
