"""The integration request: the event that a function gets of a Lambda proxy integration.

Keys and their values: API Gateway developer guide, "Input format of a Lambda function for proxy
integration", and localstack's AWS-validated test_lambda_aws_proxy_integration.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from gateway.api_keys import ApiKey
from gateway.method_request import Admitted
from gateway.request import Request
from gateway.request_ids import RequestIds

_DROPPED = frozenset(
    {
        "connection",
        "content-length",
        "content-md5",
        "expect",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "www-authenticate",
        # these the gateway sets itself
        "x-amzn-trace-id",
        "x-forwarded-for",
        "x-forwarded-port",
        "x-forwarded-proto",
    }
)
"""Headers that do not reach a function as they were sent (localstack `header_utils`)."""

_RENAMED = {"authorization": "Authorization", "user-agent": "User-Agent"}
"""Headers that a function sees in one case, however they were sent (the same test)."""


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


class RequestContext(TypedDict):
    """What API Gateway knows of a request."""

    accountId: str
    apiId: str
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


class ProxyEvent(TypedDict):
    """The event of a Lambda proxy integration (REST API, payload 1.0)."""

    resource: str
    path: str
    httpMethod: str
    headers: dict[str, str]
    multiValueHeaders: dict[str, list[str]]
    queryStringParameters: dict[str, str] | None
    multiValueQueryStringParameters: dict[str, list[str]] | None
    pathParameters: dict[str, str] | None
    stageVariables: dict[str, str] | None
    requestContext: RequestContext
    body: str | None
    isBase64Encoded: bool


@dataclass(frozen=True, slots=True)
class Api:
    """What is the same in every event of an API."""

    account_id: str
    api_id: str
    deployment_id: str
    stage: str


def decode(body: bytes) -> str:
    """Give a body as the text that AWS makes of it where an API has no binary media types.

    What is not UTF-8 becomes replacement characters (developer guide, "Content type conversions").
    """
    return body.decode("utf-8", "replace")


def proxy_event(
    admitted: Admitted, api: Api, ids: RequestIds, at: datetime, body: str
) -> ProxyEvent:
    """Build the event of an admitted request; `at` is when it came, in UTC."""
    request = admitted.request
    multi_headers = _headers(request, ids)
    multi_query: dict[str, list[str]] = {}
    for name, value in admitted.query:
        multi_query.setdefault(name, []).append(value)
    return {
        "resource": admitted.route.resource,
        "path": request.resource_path,
        "httpMethod": request.method,
        # where there are several values, the last is the one
        "headers": {name: values[-1] for name, values in multi_headers.items()},
        "multiValueHeaders": multi_headers,
        "queryStringParameters": dict(admitted.query) or None,
        "multiValueQueryStringParameters": multi_query or None,
        "pathParameters": admitted.path_parameters or None,
        "stageVariables": None,
        "requestContext": _context(admitted, api, ids, at),
        "body": body or None,
        "isBase64Encoded": False,
    }


def _headers(request: Request, ids: RequestIds) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    forwarded = []
    for sent, value in request.headers:
        lower = sent.lower()
        if lower == "x-forwarded-for":
            forwarded.append(value)
        if lower not in _DROPPED:
            headers.setdefault(_RENAMED.get(lower, sent), []).append(value)
    headers["X-Amzn-Trace-Id"] = [ids.trace]
    headers["X-Forwarded-For"] = [", ".join([*forwarded, request.client])]
    headers["X-Forwarded-Port"] = [str(request.port)]
    headers["X-Forwarded-Proto"] = [request.scheme]
    return headers


def _context(admitted: Admitted, api: Api, ids: RequestIds, at: datetime) -> RequestContext:
    request = admitted.request
    host = request.header("host") or ""
    return {
        "accountId": api.account_id,
        "apiId": api.api_id,
        "deploymentId": api.deployment_id,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": ids.extended,
        "httpMethod": request.method,
        "identity": _identity(request, admitted.api_key),
        "path": request.path,
        "protocol": f"HTTP/{request.http_version}",
        "requestId": ids.request,
        "requestTime": at.strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "requestTimeEpoch": int(at.timestamp() * 1000),
        "resourceId": admitted.route.resource_id,
        "resourcePath": admitted.route.resource,
        "stage": api.stage,
    }


def _identity(request: Request, api_key: ApiKey | None) -> Identity:
    identity: Identity = {
        "accessKey": None,
        "accountId": None,
        "caller": None,
        "cognitoAuthenticationProvider": None,
        "cognitoAuthenticationType": None,
        "cognitoIdentityId": None,
        "cognitoIdentityPoolId": None,
        "principalOrgId": None,
        "sourceIp": request.client,
        "user": None,
        "userAgent": request.header("user-agent"),
        "userArn": None,
    }
    if api_key:
        identity["apiKey"] = api_key.value
        identity["apiKeyId"] = api_key.key_id
    return identity
