"""The HTTP API as deploy/app.yaml declares it: SAM's HttpApi, its definition and its one stage.

The same file makes it on AWS. Whether it is there on this machine, the setting HTTP_API_PORT says,
not the template's condition. Facts: SAM's reference of AWS::Serverless::HttpApi; CloudFormation's
of AWS::ApiGatewayV2::Stage (RouteSettings).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.api import Account
from gateway.declaration import StageError, check_members, limits, resolver
from gateway.http_api.routes import DEFAULT
from gateway.token_bucket import Limits
from riskstack.emulator.template import Template, TemplateError

_API = "AWS::Serverless::HttpApi"
_MEMBERS = {
    "DefaultRouteSettings",
    "DefinitionBody",
    "Description",
    "Name",
    "PropagateTags",
    "StageName",
    "StageVariables",
    "Tags",
}
_SETTINGS = {"DetailedMetricsEnabled", "ThrottlingBurstLimit", "ThrottlingRateLimit"}


@dataclass(frozen=True, slots=True)
class Declared:
    """An HTTP API as the template declares it."""

    definition: Mapping[str, Any]
    """The OpenAPI document, its intrinsic functions resolved."""
    variables: Mapping[str, str]
    limits: Limits
    """Of each route."""


def read(path: Path, account: Account, stage: str) -> Declared:
    """Read the HTTP API of a template; `stage` is the parameter Stage.

    Raises:
        StageError: it cannot be served.
    """
    try:
        template = Template.read(path)
        resources = list(template.resources(_API))
        if len(resources) != 1:
            raise StageError(f"{path}: must have one {_API}, not {len(resources)}")
        (resource,) = resources
        members = resolver(template, account, stage).resolve(dict(resource.properties))
    except TemplateError as error:
        raise StageError(str(error)) from None
    where = resource.logical_id
    check_members(where, members, _MEMBERS)
    if members.get("StageName", DEFAULT) != DEFAULT:
        raise StageError(f"{where}.StageName: only {DEFAULT} is emulated")
    if "DefinitionBody" not in members:
        raise StageError(f"{where}.DefinitionBody: is missing")
    settings = members.get("DefaultRouteSettings", {})
    place = f"{where}.DefaultRouteSettings"
    check_members(place, settings, _SETTINGS)
    return Declared(
        members["DefinitionBody"],
        {name: str(value) for name, value in members.get("StageVariables", {}).items()},
        limits(place, settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")),
    )
