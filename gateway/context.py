"""`$context`: what API Gateway knows of a request, whole for events and one by one by name.

Names and meanings: API Gateway developer guide, "API Gateway mapping template and access logging
variable reference".
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias, TypedDict

from gateway.exchange import Exchange

Variable: TypeAlias = Callable[[Exchange], str | int | None]
"""What gives a variable's value; `None` where a request has none."""


class UnknownVariableError(ValueError):
    """No variable of `$context` has that name: use one that the text of the caller names."""


class Identity(TypedDict, total=False):
    """Who called; all of IAM's and Cognito's members are null, the key's are there if needed."""

    accessKey: str | None
    accountId: str | None
    apiKey: str
    apiKeyId: str
    caller: str | None
    cognitoAuthenticationProvider: str | None
    cognitoAuthenticationType: str | None
    cognitoIdentityId: str | None
    cognitoIdentityPoolId: str | None
    principalOrgId: str | None
    sourceIp: str
    user: str | None
    userAgent: str | None
    userArn: str | None


class RequestContext(TypedDict, total=False):
    """What a function is told of a request."""

    accountId: str
    apiId: str
    authorizer: dict[str, str | int]
    deploymentId: str
    domainName: str
    domainPrefix: str
    extendedRequestId: str
    httpMethod: str
    identity: Identity
    path: str
    protocol: str
    requestId: str
    requestTime: str
    requestTimeEpoch: int
    resourceId: str
    resourcePath: str
    stage: str


def request_context(exchange: Exchange) -> RequestContext:
    """Give `$context` of a request that found its route, as an event holds it."""
    request, api, route = exchange.request, exchange.api, exchange.route
    assert route is not None  # noqa: S101 - there is no event without a route
    host = _host(exchange)
    context: RequestContext = {
        "accountId": api.account.account_id,
        "apiId": api.api_id,
        "deploymentId": api.deployment_id,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": exchange.ids.extended,
        "httpMethod": request.method,
        "identity": _identity(exchange),
        "path": request.path,
        "protocol": f"HTTP/{request.http_version}",
        "requestId": exchange.ids.request,
        "requestTime": _request_time(exchange),
        "requestTimeEpoch": _request_time_epoch(exchange),
        "resourceId": route.resource_id,
        "resourcePath": route.resource,
        "stage": api.stage,
    }
    if exchange.grant:
        context["authorizer"] = {
            **exchange.grant.context,
            "integrationLatency": exchange.grant.latency_ms,
        }
    return context


def variable(name: str) -> Variable:
    """Give what gives a variable of `$context`, such as `identity.sourceIp`.

    Raises:
        UnknownVariableError: there is none of that name.
    """
    if name in _ABSENT:
        return _nothing
    if name in _VARIABLES:
        return _VARIABLES[name]
    scope, _, key = name.partition(".")
    if scope == "authorizer" and key and "." not in key:
        return lambda one: one.grant.context.get(key) if one.grant else None
    raise UnknownVariableError(f"$context.{name}")


def _identity(exchange: Exchange) -> Identity:
    identity: Identity = {
        "accessKey": None,
        "accountId": None,
        "caller": None,
        "cognitoAuthenticationProvider": None,
        "cognitoAuthenticationType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "principalOrgId": None,
        "sourceIp": exchange.request.client,
        "user": None,
        "userAgent": exchange.request.header("user-agent"),
        "userArn": None,
    }
    if exchange.api_key:
        identity["apiKey"] = exchange.api_key.value
        identity["apiKeyId"] = exchange.api_key.key_id
    return identity


def _host(exchange: Exchange) -> str:
    return exchange.request.header("host") or ""


def _request_time(exchange: Exchange) -> str:
    return _time_of(int(exchange.arrived))


@lru_cache(maxsize=2)
def _time_of(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def _request_time_epoch(exchange: Exchange) -> int:
    return round(exchange.arrived * 1000)


def _nothing(_: Exchange) -> None:
    return None


def _rounded(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds)


def _message(exchange: Exchange) -> str | None:
    return exchange.refusal.response.message if exchange.refusal else None


def _quoted_message(exchange: Exchange) -> str | None:
    # for a customisation's template: there is always a refusal
    return json.dumps(_message(exchange), ensure_ascii=False) if exchange.refusal else None


def _response_type(exchange: Exchange) -> str | None:
    return exchange.refusal.response.response_type if exchange.refusal else None


def _integration_error(exchange: Exchange) -> str | None:
    return _message(exchange) if exchange.integration_ms is not None else None


_VARIABLES: dict[str, Variable] = {
    "accountId": lambda exchange: exchange.api.account.account_id,
    "apiId": lambda exchange: exchange.api.api_id,
    "authorizer.integrationLatency": lambda one: one.grant.latency_ms if one.grant else None,
    "authorizer.latency": lambda one: one.grant.latency_ms if one.grant else None,
    "deploymentId": lambda exchange: exchange.api.deployment_id,
    "domainName": _host,
    "domainPrefix": lambda exchange: _host(exchange).partition(".")[0],
    "endpointType": lambda _: "REGIONAL",
    "error.message": _message,
    "error.messageString": _quoted_message,
    "error.responseType": _response_type,
    "error.validationErrorString": lambda one: one.refusal.validation if one.refusal else None,
    "extendedRequestId": lambda exchange: exchange.ids.extended,
    "httpMethod": lambda exchange: exchange.request.method,
    "identity.apiKey": lambda one: one.api_key.value if one.api_key else None,
    "identity.apiKeyId": lambda one: one.api_key.key_id if one.api_key else None,
    "identity.sourceIp": lambda exchange: exchange.request.client,
    "identity.userAgent": lambda exchange: exchange.request.header("user-agent"),
    "integration.error": _integration_error,
    "integration.integrationStatus": lambda exchange: exchange.backend_status,
    "integration.latency": lambda exchange: _rounded(exchange.integration_ms),
    "integration.status": lambda exchange: exchange.integration_status,
    "integrationErrorMessage": _integration_error,
    "integrationLatency": lambda exchange: _rounded(exchange.integration_ms),
    "integrationStatus": lambda exchange: exchange.backend_status,
    "path": lambda exchange: exchange.request.path,
    "protocol": lambda exchange: f"HTTP/{exchange.request.http_version}",
    "requestId": lambda exchange: exchange.ids.request,
    "requestTime": _request_time,
    "requestTimeEpoch": _request_time_epoch,
    "resourceId": lambda one: one.route.resource_id if one.route else None,
    "resourcePath": lambda one: one.route.resource if one.route else None,
    "responseLatency": lambda exchange: round(exchange.latency_ms),
    "responseLength": lambda exchange: exchange.length,
    "stage": lambda exchange: exchange.api.stage,
    "status": lambda exchange: exchange.status or None,
    "xrayTraceId": lambda exchange: exchange.ids.trace,
}

_ABSENT = frozenset(
    {
        # there is no IAM, Cognito, WAF, client certificate or custom domain here, as on an AWS
        # that has none of them switched on
        *(
            f"{scope}.{key}"
            for scope in ("authorize", "authenticate", "waf")
            for key in (
                "error",
                "latency",
                "status",
            )
        ),
        *(f"authorizer.{key}" for key in ("error", "integrationStatus", "requestId", "status")),
        *(
            f"identity.{key}"
            for key in (
                "accessKey",
                "accountId",
                "caller",
                "cognitoAuthenticationProvider",
                "cognitoAuthenticationType",
                "cognitoIdentityId",
                "cognitoIdentityPoolId",
                "principalOrgId",
                "user",
                "userArn",
                "vpcId",
                "vpceId",
            )
        ),
        *(
            f"identity.clientCert.{key}"
            for key in (
                "clientCertPem",
                "issuerDN",
                "serialNumber",
                "subjectDN",
                "validity.notAfter",
                "validity.notBefore",
            )
        ),
        "awsEndpointRequestId",
        "customDomain.basePathMatched",
        "integration.requestId",
        "isCanaryRequest",
        "wafResponseCode",
        "webaclArn",
    }
)


def tree(exchange: Exchange) -> dict[str, Any]:
    """Give `$context` as a mapping template sees it."""
    return {**request_context(exchange)}
