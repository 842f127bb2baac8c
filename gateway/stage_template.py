"""The stage as deploy/app.yaml declares it: SAM's API, the usage plans and API keys beside it.

The same file makes the stage on AWS. What it asks for and the gateway does not do is refused by
its place in the template. Facts: SAM's reference of AWS::Serverless::Api; CloudFormation's of
AWS::ApiGateway::Stage (MethodSetting), UsagePlan, ApiKey and UsagePlanKey.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.api import Account
from gateway.api_keys import ApiKey
from gateway.declaration import StageError, check_members, limits, resolver
from gateway.quota import LARGEST_OFFSET, Period, QuotaSettings
from gateway.stage import EVERY_METHOD, Stage, UsagePlan
from riskstack.emulator.template import Resource, Template, TemplateError

_API = "AWS::Serverless::Api"
_KEY = "AWS::ApiGateway::ApiKey"
_PLAN = "AWS::ApiGateway::UsagePlan"
_PLAN_KEY = "AWS::ApiGateway::UsagePlanKey"

_API_MEMBERS = {
    "AccessLogSetting",
    "DefinitionBody",
    "Description",
    "EndpointConfiguration",
    "MethodSettings",
    "Name",
    "OpenApiVersion",
    "StageName",
    "Tags",
    "Variables",
}
_SETTING_MEMBERS = {
    "DataTraceEnabled",
    "HttpMethod",
    "LoggingLevel",
    "MetricsEnabled",
    "ResourcePath",
    "ThrottlingBurstLimit",
    "ThrottlingRateLimit",
}
_PLAN_MEMBERS = {"ApiStages", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"}
_KEY_MEMBERS = {"Description", "Enabled", "Name", "Tags", "Value"}
_EVERY_RESOURCE = "/*"
_REGIONAL = {"Type": "REGIONAL"}


@dataclass(frozen=True, slots=True)
class Declared:
    """An API as the template declares it."""

    stage: Stage
    definition: Mapping[str, Any]
    """The OpenAPI document, its intrinsic functions resolved."""


def read(path: Path, account: Account, stage: str, api_keys: Sequence[str]) -> Declared:
    """Read the API of a template.

    `stage` is the parameter Stage; `api_keys` are the values of the keys that the template
    declares without one, in their order.

    Raises:
        StageError: it cannot be served.
    """
    try:
        return _Reader(Template.read(path), account, stage, api_keys).declared()
    except TemplateError as error:
        raise StageError(str(error)) from None


class _Reader:
    def __init__(
        self, template: Template, account: Account, stage: str, api_keys: Sequence[str]
    ) -> None:
        self._resolver = resolver(template, account, stage)
        self._template = template
        self._stage = stage
        self._api_keys = api_keys

    def declared(self) -> Declared:
        apis = list(self._resources(_API))
        if len(apis) != 1:
            raise StageError(f"{self._template.path}: must have one {_API}, not {len(apis)}")
        api, members = apis[0]
        where = api.logical_id
        check_members(where, members, _API_MEMBERS)
        if members.get("StageName") != self._stage:
            raise StageError(f"{where}.StageName: must be the parameter Stage")
        if members.get("EndpointConfiguration", _REGIONAL) != _REGIONAL:
            raise StageError(f"{where}.EndpointConfiguration: only REGIONAL is emulated")
        if "DefinitionBody" not in members:
            raise StageError(f"{where}.DefinitionBody: is missing")
        settings = dict(self._settings(where, members.get("MethodSettings", ())))
        stage = Stage(
            self._stage,
            {name: str(value) for name, value in members.get("Variables", {}).items()},
            {
                key: limits(
                    f"{where}.MethodSettings",
                    one.get("ThrottlingRateLimit"),
                    one.get("ThrottlingBurstLimit"),
                )
                for key, one in settings.items()
                if one.keys() & {"ThrottlingRateLimit", "ThrottlingBurstLimit"}
            },
            {
                key: _is_true(one["MetricsEnabled"])
                for key, one in settings.items()
                if "MetricsEnabled" in one
            },
            members.get("AccessLogSetting", {}).get("Format"),
            tuple(self._plans(api)),
        )
        return Declared(stage, members["DefinitionBody"])

    def _resources(self, kind: str) -> Iterator[tuple[Resource, Mapping[str, Any]]]:
        for resource in self._template.resources(kind):
            if self._resolver.stands(resource):
                yield resource, self._resolver.resolve(dict(resource.properties))

    def _settings(
        self, where: str, nodes: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Give the settings by route, such as `/applications/mail/POST` or `*/*`."""
        for node in nodes:
            place = f"{where}.MethodSettings"
            check_members(place, node, _SETTING_MEMBERS)
            if node.get("LoggingLevel", "OFF") != "OFF" or _is_true(node.get("DataTraceEnabled")):
                raise StageError(
                    f"{place}: execution logs are not emulated; the gateway tells causes itself"
                )
            path, method = str(node.get("ResourcePath")), str(node.get("HttpMethod")).upper()
            if (path, method) == (_EVERY_RESOURCE, "*"):
                yield EVERY_METHOD, node
            elif "*" in path or "*" in method:
                raise StageError(f"{place}: {path} {method} is not emulated, only /* with *")
            else:
                # CloudFormation writes ~1 for a slash within a path
                yield f"/{path[1:].replace('~1', '/').strip('/')}/{method}".replace("//", "/"), node

    def _plans(self, api: Resource) -> Iterator[UsagePlan]:
        keys = self._keys()
        members_of = [members for _, members in self._resources(_PLAN_KEY)]
        for resource, members in self._resources(_PLAN):
            where = resource.logical_id
            check_members(where, members, _PLAN_MEMBERS)
            stages = [
                one
                for one in members.get("ApiStages", ())
                if (one.get("ApiId"), one.get("Stage")) == (api.logical_id, self._stage)
            ]
            if not stages:
                continue
            methods = {
                route: limits(f"{where}.ApiStages", one.get("RateLimit"), one.get("BurstLimit"))
                for route, one in stages[0].get("Throttle", {}).items()
            }
            throttle = members.get("Throttle")
            yield UsagePlan(
                str(members.get("UsagePlanName", where)),
                tuple(
                    keys[one["KeyId"]]
                    for one in members_of
                    if one["UsagePlanId"] == where and one["KeyId"] in keys
                ),
                throttle
                and limits(
                    f"{where}.Throttle", throttle.get("RateLimit"), throttle.get("BurstLimit")
                ),
                methods,
                _quota(f"{where}.Quota", members.get("Quota")),
            )

    def _keys(self) -> dict[str, ApiKey]:
        """Give the keys that are enabled, by their logical ids."""
        given = list(self._api_keys)
        keys = {}
        for resource, members in self._resources(_KEY):
            check_members(resource.logical_id, members, _KEY_MEMBERS)
            value = members.get("Value")
            if value is None:
                if not given:
                    raise StageError(
                        f"{resource.logical_id}: has no Value: add one to the setting API_KEYS"
                    )
                value = given.pop(0)
            # CloudFormation makes a key that is not enabled, unless it is told to
            if _is_true(members.get("Enabled")):
                keys[resource.logical_id] = ApiKey.of(str(value))
        if given:
            raise StageError(f"API_KEYS has {len(given)} more than the template has keys for")
        return keys


def _is_true(value: object) -> bool:
    """Read a boolean, which CloudFormation takes as a text too."""
    return str(value).lower() == "true"


def _quota(where: str, node: Mapping[str, Any] | None) -> QuotaSettings | None:
    if node is None:
        return None
    try:
        period = Period(str(node.get("Period")))
        limit, offset = int(node["Limit"]), int(node.get("Offset", 0))
    except (KeyError, ValueError):
        raise StageError(
            f"{where}: must have a Limit, and a Period of DAY, WEEK or MONTH"
        ) from None
    if not 0 <= offset <= LARGEST_OFFSET[period]:
        raise StageError(f"{where}.Offset: must be from 0 to {LARGEST_OFFSET[period]}")
    return QuotaSettings(limit, period, offset)
