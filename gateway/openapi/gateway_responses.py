"""The gateway responses that a definition customises."""

from collections.abc import Mapping

from gateway.customization import (
    Customization,
    Customizations,
    ResponseTemplate,
    ResponseTemplateError,
)
from gateway.header import is_sendable
from gateway.mapping.parameters import MappingError, Source, request_source
from gateway.openapi.document import GATEWAY_RESPONSES, DefinitionError, Node, known, texts

_TYPES = frozenset(
    {
        "ACCESS_DENIED",
        "API_CONFIGURATION_ERROR",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "AUTHORIZER_FAILURE",
        "BAD_REQUEST_BODY",
        "BAD_REQUEST_PARAMETERS",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "EXPIRED_TOKEN",
        "INTEGRATION_FAILURE",
        "INTEGRATION_TIMEOUT",
        "INVALID_API_KEY",
        "INVALID_SIGNATURE",
        "MISSING_AUTHENTICATION_TOKEN",
        "QUOTA_EXCEEDED",
        "RESOURCE_NOT_FOUND",
        "THROTTLED",
        "UNAUTHORIZED",
        "UNSUPPORTED_MEDIA_TYPE",
        "WAF_FILTERED",
    }
)
"""botocore, GatewayResponseType, without REQUEST_TOO_LARGE: AWS does not customise that
(developer guide, "Important notes")."""
_MEMBERS = {"statusCode", "responseParameters", "responseTemplates"}
_HEADER = "gatewayresponse.header."
_OWN_HEADERS = frozenset(
    {"connection", "content-length", "transfer-encoding", "x-amz-apigw-id", "x-amzn-requestid"}
)
"""Headers that the gateway sets itself: twice they would spoil the answer."""
_STATUSES = range(200, 600)


def customizations(
    document: Mapping[str, Node], stage_variables: Mapping[str, str]
) -> Customizations:
    """Read the customised responses.

    Raises:
        DefinitionError: one cannot be given.
    """
    declared = known(GATEWAY_RESPONSES, document.get(GATEWAY_RESPONSES, {}), _TYPES)
    return Customizations(
        {
            name: _customization(f"{GATEWAY_RESPONSES}.{name}", node, stage_variables)
            for name, node in declared.items()
        }
    )


def _customization(where: str, node: Node, stage_variables: Mapping[str, str]) -> Customization:
    members = known(where, node, _MEMBERS)
    return Customization(
        _status(where, members.get("statusCode")),
        tuple(
            _header(f"{where}.responseParameters.{name}", name, expression, stage_variables)
            for name, expression in texts(
                f"{where}.responseParameters", members.get("responseParameters")
            ).items()
        ),
        {
            name.lower(): _template(f"{where}.responseTemplates.{name}", text, stage_variables)
            for name, text in texts(
                f"{where}.responseTemplates", members.get("responseTemplates")
            ).items()
        },
    )


def _status(where: str, value: Node) -> int | None:
    if value is None:
        return None
    status = int(value) if str(value).isdecimal() else 0
    if status not in _STATUSES:
        raise DefinitionError(f"{where}.statusCode: must be from 200 to 599")
    return status


def _header(
    where: str, name: str, expression: str, stage_variables: Mapping[str, str]
) -> tuple[str, Source]:
    if not name.startswith(_HEADER):
        raise DefinitionError(f"{where}: only {_HEADER}<name> is emulated")
    header = name.removeprefix(_HEADER)
    if header.lower() in _OWN_HEADERS or not is_sendable(header, ""):
        raise DefinitionError(f"{where}: the header {header!r} cannot be set")
    if expression.startswith("method.request.body"):
        raise DefinitionError(f"{where}: the body of a refused request is not mapped")
    try:
        return header, request_source(expression, stage_variables)
    except MappingError as error:
        raise DefinitionError(f"{where}: {error}") from None


def _template(where: str, text: str, stage_variables: Mapping[str, str]) -> ResponseTemplate:
    try:
        return ResponseTemplate.compile(text, stage_variables)
    except ResponseTemplateError as error:
        raise DefinitionError(f"{where}: {error}") from None
