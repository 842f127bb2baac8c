from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.api import Account
from gateway.api_keys import ApiKey
from gateway.declaration import StageError
from gateway.quota import Period, QuotaSettings
from gateway.stage import Stage, UsagePlan
from gateway.stage_template import Declared, read
from gateway.token_bucket import Limits

ACCOUNT = Account("eu-central-1", "123456789012")
DEPLOY = Path("deploy") / "app.yaml"

Write = Callable[..., Path]


def api(**changes: object) -> dict[str, Any]:
    properties = {
        "Name": "things",
        "StageName": {"Ref": "Stage"},
        "DefinitionBody": {"info": {"title": {"Fn::Sub": "things-${AWS::Region}"}}},
        **changes,
    }
    kept = {name: value for name, value in properties.items() if value is not None}
    return {"Type": "AWS::Serverless::Api", "Properties": kept}


def plan(**changes: object) -> dict[str, Any]:
    stages = [{"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Api.Stage"}}]
    return {
        "Type": "AWS::ApiGateway::UsagePlan",
        "Properties": {"UsagePlanName": "clients", "ApiStages": stages, **changes},
    }


def key(**changes: object) -> dict[str, Any]:
    return {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Enabled": True, **changes}}


def link(name: str, to: str = "Plan") -> dict[str, Any]:
    properties = {"KeyId": {"Ref": name}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": to}}
    return {"Type": "AWS::ApiGateway::UsagePlanKey", "Properties": properties}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(**resources: object) -> Path:
        template = {
            "Parameters": {"Stage": {"Type": "String", "Default": "v1"}},
            "Resources": {"Api": api(), **resources},
        }
        path = tmp_path / "app.yaml"
        path.write_text(yaml.safe_dump(template))
        return path

    return written


def declared(path: Path, *keys: str, stage: str = "v1") -> Declared:
    return read(path, ACCOUNT, stage, keys)


def stage_of(path: Path, *keys: str) -> Stage:
    return declared(path, *keys).stage


def test_the_project_s_own_template_declares_its_stage() -> None:
    made = read(DEPLOY, ACCOUNT, "v2", ["the-client-s-key"])
    assert made.stage.name == "v2"
    assert made.stage.limits("/applications/webform/POST") == Limits(1000, 2000)
    assert made.stage.has_metrics("/applications/webform/POST")
    (one,) = made.stage.plans
    assert one.keys == (ApiKey.of("the-client-s-key"),)
    assert one.throttle == Limits(1000, 2000)
    assert one.quota == QuotaSettings(1_000_000, Period.DAY)
    uri = made.definition["paths"]["/applications/mail"]["post"]["x-amazon-apigateway-integration"]
    assert "function:riskstack-etl/invocations" in uri["uri"]
    assert ACCOUNT.account_id in uri["uri"]


def test_a_stage_has_a_name_variables_and_a_log(write: Write) -> None:
    path = write(
        Api=api(
            Variables={"colour": "blue", "number": 1},
            AccessLogSetting={
                "DestinationArn": {"Fn::GetAtt": ["Api", "Arn"]},
                "Format": "$context.requestId",
            },
        )
    )
    made = declared(path, stage="v7")
    assert made.stage == Stage(
        "v7", {"colour": "blue", "number": "1"}, access_log="$context.requestId"
    )
    assert made.definition == {"info": {"title": "things-eu-central-1"}}


def test_methods_have_limits_and_metrics(write: Write) -> None:
    settings = [
        {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 5},
        {
            "ResourcePath": "/~1things~1{id}",
            "HttpMethod": "get",
            "ThrottlingRateLimit": 1.5,
            "ThrottlingBurstLimit": 2,
            "MetricsEnabled": True,
        },
        {"ResourcePath": "/things", "HttpMethod": "POST", "MetricsEnabled": False},
        {"ResourcePath": "/", "HttpMethod": "GET", "ThrottlingBurstLimit": 3},
    ]
    stage = stage_of(write(Api=api(MethodSettings=settings)))
    assert stage.throttles == {
        # what is left open is the account's
        "*/*": Limits(5, 5000),
        "/things/{id}/GET": Limits(1.5, 2),
        "/GET": Limits(10_000, 3),
    }
    assert stage.detailed_metrics == {"/things/{id}/GET": True, "/things/POST": False}


def test_booleans_may_be_texts(write: Write) -> None:
    settings = [
        {
            "ResourcePath": "/*",
            "HttpMethod": "*",
            "MetricsEnabled": "false",
            "DataTraceEnabled": "false",
        },
        {"ResourcePath": "/things", "HttpMethod": "POST", "MetricsEnabled": "true"},
    ]
    path = write(
        Api=api(MethodSettings=settings),
        Plan=plan(),
        Off=key(Enabled="false", Value="off"),
        On=key(Enabled="true", Value="on"),
        OffLink=link("Off"),
        OnLink=link("On"),
    )
    stage = stage_of(path)
    assert stage.detailed_metrics == {"*/*": False, "/things/POST": True}
    assert stage.plans == (UsagePlan("clients", (ApiKey.of("on"),)),)


def test_a_plan_has_limits_a_quota_and_keys(write: Write) -> None:
    stages = [
        {
            "ApiId": {"Ref": "Api"},
            "Stage": {"Ref": "Stage"},
            "Throttle": {"/things/POST": {"RateLimit": 1, "BurstLimit": 2}},
        }
    ]
    path = write(
        Plan=plan(
            ApiStages=stages,
            Throttle={"RateLimit": 3, "BurstLimit": 4},
            Quota={"Limit": 10, "Period": "WEEK", "Offset": 6},
        ),
        First=key(),
        Second=key(Value="a-value-of-its-own"),
        Third=key(),
        Disabled=key(Enabled=False, Value="disabled"),
        ByDefault={"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Value": "disabled-too"}},
        **{f"{name}Link": link(name) for name in ("First", "Second", "Third", "Disabled")},
    )
    assert stage_of(path, "one", "three").plans == (
        UsagePlan(
            "clients",
            (ApiKey.of("one"), ApiKey.of("a-value-of-its-own"), ApiKey.of("three")),
            Limits(3, 4),
            {"/things/POST": Limits(1, 2)},
            QuotaSettings(10, Period.WEEK, 6),
        ),
    )


def test_a_plan_without_limits_or_of_another_stage(write: Write) -> None:
    other = [{"ApiId": {"Ref": "Api"}, "Stage": "other"}]
    path = write(Plan=plan(), Other=plan(ApiStages=other), Key=key(), Link=link("Key", "Other"))
    assert stage_of(path, "one").plans == (UsagePlan("clients", ()),)


@pytest.mark.parametrize(
    ("resources", "keys", "message"),
    [
        ({"Second": api()}, (), "must have one AWS::Serverless::Api, not 2"),
        ({"Api": api(TracingEnabled=True)}, (), "Api.TracingEnabled: is not emulated"),
        ({"Api": api(CacheClusterEnabled=True)}, (), "Api.CacheClusterEnabled: is not emulated"),
        ({"Api": api(CanarySetting={})}, (), "Api.CanarySetting: is not emulated"),
        ({"Api": api(Auth={})}, (), "Api.Auth: is not emulated"),
        ({"Api": api(Cors="'*'")}, (), "Api.Cors: is not emulated"),
        ({"Api": api(Domain={})}, (), "Api.Domain: is not emulated"),
        ({"Api": api(StageName="v9")}, (), "Api.StageName: must be the parameter Stage"),
        (
            {"Api": api(EndpointConfiguration={"Type": "EDGE"})},
            (),
            "Api.EndpointConfiguration: only REGIONAL is emulated",
        ),
        ({"Api": api(DefinitionBody=None)}, (), "Api.DefinitionBody: is missing"),
        (
            {"Api": api(MethodSettings=[{"CachingEnabled": True}])},
            (),
            "Api.MethodSettings.CachingEnabled: is not emulated",
        ),
        (
            {"Api": api(MethodSettings=[{"LoggingLevel": "INFO"}])},
            (),
            "Api.MethodSettings: execution logs are not emulated",
        ),
        (
            {"Api": api(MethodSettings=[{"DataTraceEnabled": True}])},
            (),
            "Api.MethodSettings: execution logs are not emulated",
        ),
        (
            {"Api": api(MethodSettings=[{"ResourcePath": "/things", "HttpMethod": "*"}])},
            (),
            "/things * is not emulated, only /* with *",
        ),
        (
            {
                "Api": api(
                    MethodSettings=[
                        {"ResourcePath": "/a", "HttpMethod": "GET", "ThrottlingRateLimit": "fast"}
                    ]
                )
            },
            (),
            "rate and burst must be numbers",
        ),
        ({"Plan": plan(ProductCode="x")}, (), "Plan.ProductCode: is not emulated"),
        ({"Plan": plan(Quota={"Limit": 1, "Period": "YEAR"})}, (), "Plan.Quota: must have a Limit"),
        ({"Plan": plan(Quota={"Period": "DAY"})}, (), "Plan.Quota: must have a Limit"),
        (
            {"Plan": plan(Quota={"Limit": 1, "Period": "DAY", "Offset": 1})},
            (),
            "Plan.Quota.Offset: must be from 0 to 0",
        ),
        ({"Key": key(StageKeys=[])}, (), "Key.StageKeys: is not emulated"),
        ({"Key": key()}, (), "Key: has no Value: add one to the setting API_KEYS"),
        ({}, ("one",), "API_KEYS has 1 more than the template has keys for"),
        ({"Api": api(Name={"Fn::Join": []})}, (), "Fn::Join is not emulated"),
    ],
)
def test_what_is_not_emulated_is_refused_by_its_place(
    write: Write, resources: dict[str, Any], keys: tuple[str, ...], message: str
) -> None:
    with pytest.raises(StageError) as caught:
        declared(write(**resources), *keys)
    assert message in str(caught.value)


def test_a_template_that_is_not_there_is_told() -> None:
    with pytest.raises(StageError, match=r"nowhere\.yaml cannot be read as a template"):
        declared(Path("nowhere.yaml"))
