from pathlib import Path
from typing import Any

import pytest

from riskstack.emulator.function import Function, declaration, read
from riskstack.emulator.function.declared import AsyncConfig, Logging
from riskstack.emulator.function.targets import Target
from riskstack.emulator.template import Template, TemplateError

REGION, ACCOUNT = "eu-central-1", "123456789012"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:q"


def declared(**properties: object) -> Function:
    return read({"FunctionName": "f", "Handler": "a.b", **properties}, REGION, ACCOUNT)


def test_a_function_has_awss_defaults() -> None:
    function = declared()
    assert function == Function(
        name="f",
        arn="arn:aws:lambda:eu-central-1:123456789012:function:f",
        handler="a.b",
        timeout=3,
        memory=128,
    )
    assert function.region == REGION
    assert function.asynchronous == AsyncConfig()
    assert function.logging == Logging()


def test_a_function_as_it_is_declared() -> None:
    there = {"Type": "SQS", "Destination": QUEUE}
    function = declared(
        Timeout=10,
        MemorySize="512",
        ReservedConcurrentExecutions=0,
        Environment={"Variables": {"KEY": 1}},
        EventInvokeConfig={
            "MaximumRetryAttempts": 0,
            "MaximumEventAgeInSeconds": 60,
            "DestinationConfig": {"OnSuccess": there, "OnFailure": there},
        },
        DeadLetterQueue={"Type": "SQS", "TargetArn": QUEUE},
        LoggingConfig={
            "LogFormat": "JSON",
            "ApplicationLogLevel": "DEBUG",
            "SystemLogLevel": "WARN",
            "LogGroup": "/own",
        },
    )
    assert (function.timeout, function.memory, function.reserved_concurrency) == (10, 512, 0)
    assert function.variables == {"KEY": "1"}
    queue = Target("sqs", QUEUE)
    assert function.asynchronous == AsyncConfig(
        declared=True,
        max_retries=0,
        max_age=60,
        on_success=queue,
        on_failure=queue,
        dead_letters=queue,
    )
    assert function.logging == Logging(
        json=True, application_level="DEBUG", system_level="WARN", group="/own"
    )


@pytest.mark.parametrize(
    ("properties", "cause"),
    [
        ({"Timeout": 901}, r"f: Timeout must be 1 to 900, not 901"),
        ({"MemorySize": 64}, r"f: MemorySize must be 128 to 10,240, not 64"),
        (
            {"ReservedConcurrentExecutions": "many"},
            r"f: ReservedConcurrentExecutions must be 0 to 1,000, not 'many'",
        ),
        (
            {"EventInvokeConfig": {"MaximumRetryAttempts": 3}},
            r"f: EventInvokeConfig: MaximumRetryAttempts must be 0 to 2, not 3",
        ),
        (
            {"EventInvokeConfig": {"MaximumEventAgeInSeconds": 59}},
            r"MaximumEventAgeInSeconds must be 60 to 21,600, not 59",
        ),
        ({"EventInvokeConfig": {"Other": 1}}, r"f: EventInvokeConfig: not emulated: Other"),
        ({"LoggingConfig": {"Other": 1}}, r"f: LoggingConfig: not emulated: Other"),
        ({"LoggingConfig": {"LogFormat": "XML"}}, r"LogFormat must be Text or JSON, not XML"),
        (
            {"LoggingConfig": {"SystemLogLevel": "INFO"}},
            r"f: LoggingConfig: SystemLogLevel needs LogFormat: JSON",
        ),
        (
            {"LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "LOUD"}},
            r"ApplicationLogLevel must be one of TRACE, DEBUG, INFO, WARN, ERROR, FATAL, not LOUD",
        ),
    ],
)
def test_what_aws_refuses_is_refused(properties: dict[str, Any], cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        declared(**properties)


def test_a_declaration_is_found_by_function_name(tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(
        "Resources:\n"
        "  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {FunctionName: f, Handler: a.b, Policies: [], Tags: {a: b}}\n"
        "  G: {Type: 'AWS::Serverless::Function', Properties: {FunctionName: g, Layers: []}}\n"
        "  H: {Type: 'AWS::Serverless::Function', Properties: "
        "{FunctionName: h, AutoPublishAlias: live}}\n"
    )
    template = Template.read(file)
    assert declaration(template, "f") == {"FunctionName": "f", "Handler": "a.b"}
    with pytest.raises(TemplateError, match="g: not emulated: Layers; remove it"):
        declaration(template, "g")
    with pytest.raises(TemplateError, match="h: not emulated: AutoPublishAlias; remove it"):
        declaration(template, "h")
    with pytest.raises(TemplateError, match="no function i"):
        declaration(template, "i")
