from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.api import Account
from gateway.declaration import StageError
from gateway.http_api.stage_template import Declared, read
from gateway.token_bucket import ACCOUNT as ACCOUNT_LIMITS
from gateway.token_bucket import Limits

ACCOUNT = Account("eu-central-1", "123456789012")
DEPLOY = Path("deploy") / "app.yaml"

Write = Callable[..., Path]


def api(**changes: object) -> dict[str, Any]:
    uri = {"Fn::Sub": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:f"}
    properties = {"DefinitionBody": {"uri": uri}, **changes}
    kept = {name: value for name, value in properties.items() if value is not None}
    return {"Type": "AWS::Serverless::HttpApi", "Properties": kept}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(**resources: object) -> Path:
        template = {
            "Parameters": {"Stage": {"Type": "String", "Default": "v1"}},
            "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
            "Resources": resources,
        }
        path = tmp_path / "app.yaml"
        path.write_text(yaml.safe_dump(template))
        return path

    return written


def test_the_deployed_http_api_is_read() -> None:
    declared = read(DEPLOY, ACCOUNT, "v1")
    assert declared.limits == Limits(1000.0, 2000)
    assert "/applications/webform" in declared.definition["paths"]


def test_an_http_api_is_read_whatever_its_condition(write: Write) -> None:
    settings = {"ThrottlingRateLimit": 1.5, "DetailedMetricsEnabled": True}
    declared = api(
        StageName="$default", StageVariables={"a": 1}, DefaultRouteSettings=settings, Tags={}
    )
    assert read(write(Api=declared | {"Condition": "Never"}), ACCOUNT, "v1") == Declared(
        {"uri": "arn:aws:lambda:eu-central-1:123456789012:function:f"},
        {"a": "1"},
        Limits(1.5, ACCOUNT_LIMITS.burst),
    )


@pytest.mark.parametrize(
    ("resources", "text"),
    [
        ({}, "must have one AWS::Serverless::HttpApi, not 0"),
        ({"A": api(), "B": api()}, "must have one AWS::Serverless::HttpApi, not 2"),
        ({"A": api(Auth={})}, "A.Auth: is not emulated"),
        ({"A": api(CorsConfiguration=True)}, "A.CorsConfiguration: is not emulated"),
        ({"A": api(RouteSettings={})}, "A.RouteSettings: is not emulated"),
        (
            {"A": api(DefaultRouteSettings={"LoggingLevel": "INFO"})},
            "A.DefaultRouteSettings.LoggingLevel: is not emulated",
        ),
        (
            {"A": api(DefaultRouteSettings={"ThrottlingRateLimit": "many"})},
            "A.DefaultRouteSettings: rate and burst must be numbers",
        ),
        ({"A": api(StageName="v1")}, "A.StageName: only $default is emulated"),
        ({"A": api(DefinitionBody=None)}, "A.DefinitionBody: is missing"),
        ({"A": api(Description={"Fn::Join": ["", []]})}, "Fn::Join is not emulated"),
    ],
)
def test_what_is_not_emulated_is_refused(write: Write, resources: Any, text: str) -> None:  # noqa: ANN401 - a template's
    with pytest.raises(StageError) as caught:
        read(write(**resources), ACCOUNT, "v1")
    assert text in str(caught.value)
