"""What Lambda's API tells of a declared function, to boto3 and to the AWS CLI.

Every answer is checked against botocore's output shape. Facts: botocore's service model
lambda/2015-03-31; localstack/localstack tests/aws/services/lambda_/test_lambda_api.snapshot.json.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from botocore.session import get_session
from botocore.validate import ParamValidator

from riskstack.emulator.event_source_mapping.notice import mapping_id
from tests.lambda_stand import ACCOUNT, ARN, REGION, Stand, running

STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/t/stream/2026-01-01T00:00:00.000"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:records"
UUID = mapping_id("f", STREAM)
EVENT = {
    "Type": "DynamoDB",
    "Properties": {
        "Stream": STREAM,
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 10,
        "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": QUEUE}},
    },
}


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A function that declares all there is."""
    with running(
        tmp_path_factory.mktemp("code"),
        Description="Echoes.",
        Timeout=7,
        MemorySize=256,
        Architectures=["arm64"],
        Tracing="Active",
        EphemeralStorage={"Size": 1024},
        Environment={"Variables": {"KEY": "b"}},
        ReservedConcurrentExecutions=5,
        EventInvokeConfig={
            "MaximumRetryAttempts": 1,
            "MaximumEventAgeInSeconds": 60,
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": QUEUE}},
        },
        DeadLetterQueue={"Type": "SQS", "TargetArn": QUEUE},
        LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN", "LogGroup": "/own"},
        Events={"Stream": EVENT},
    ) as running_stand:
        yield running_stand


def call(stand: Stand, operation: str, **given: Any) -> Any:  # noqa: ANN401 - any answer
    """Call an operation; give its answer, which must be of botocore's shape."""
    model = get_session().get_service_model("lambda").operation_model(operation)
    answer = getattr(stand.client, stand_name(operation))(**given)
    del answer["ResponseMetadata"]
    assert model.output_shape
    report = ParamValidator().validate(answer, model.output_shape)
    assert not report.has_errors(), report.generate_report()
    return answer


def stand_name(operation: str) -> str:
    """Give the name of an operation's method."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in operation).lstrip("_")


def configuration(arn: str = ARN) -> dict[str, Any]:
    """Give the configuration that the function declares."""
    return {
        "FunctionName": "f",
        "FunctionArn": arn,
        "Runtime": "python3.13",
        "Handler": "code.handler",
        "Description": "Echoes.",
        "Timeout": 7,
        "MemorySize": 256,
        "Version": "$LATEST",
        "Environment": {"Variables": {"KEY": "b"}},
        "DeadLetterConfig": {"TargetArn": QUEUE},
        "TracingConfig": {"Mode": "Active"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["arm64"],
        "EphemeralStorage": {"Size": 1024},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {
            "LogFormat": "JSON",
            "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "WARN",
            "LogGroup": "/own",
        },
    }


def without_time(document: dict[str, Any]) -> dict[str, Any]:
    """Give a document without when it was made."""
    assert document.pop("LastModified")
    return document


@pytest.mark.parametrize("name", ["f", ARN, f"{ARN}:$LATEST"])
def test_get_function(stand: Stand, name: str) -> None:
    # test_function_lifecycle
    answer = call(stand, "GetFunction", FunctionName=name)
    without_time(answer["Configuration"])
    assert answer == {
        "Configuration": configuration(),
        "Concurrency": {"ReservedConcurrentExecutions": 5},
    }


def test_get_function_configuration(stand: Stand) -> None:
    answer = call(stand, "GetFunctionConfiguration", FunctionName="f", Qualifier="$LATEST")
    assert without_time(answer) == configuration()


def test_list_functions_and_versions(stand: Stand) -> None:
    # test_list_functions: every version has its own ARN
    (only,) = call(stand, "ListFunctions")["Functions"]
    assert without_time(only) == configuration()
    for versions in (
        call(stand, "ListFunctions", FunctionVersion="ALL")["Functions"],
        call(stand, "ListVersionsByFunction", FunctionName="f")["Versions"],
    ):
        (version,) = versions
        assert without_time(version) == configuration(f"{ARN}:$LATEST")
    assert call(stand, "ListAliases", FunctionName="f") == {"Aliases": []}


def test_get_function_concurrency(stand: Stand) -> None:
    # test_function_concurrency
    answer = call(stand, "GetFunctionConcurrency", FunctionName="f")
    assert answer == {"ReservedConcurrentExecutions": 5}


def test_event_invoke_config(stand: Stand) -> None:
    # test_lambda_eventinvokeconfig_lifecycle
    expected = {
        "FunctionArn": f"{ARN}:$LATEST",
        "MaximumRetryAttempts": 1,
        "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {"Destination": QUEUE}},
    }
    answer = call(stand, "GetFunctionEventInvokeConfig", FunctionName="f")
    assert without_time(answer) == expected
    (listed,) = call(stand, "ListFunctionEventInvokeConfigs", FunctionName="f")[
        "FunctionEventInvokeConfigs"
    ]
    assert without_time(listed) == expected


def test_event_source_mappings(stand: Stand) -> None:
    expected = {
        "UUID": UUID,
        "EventSourceArn": STREAM,
        "EventSourceMappingArn": f"{ARN.removesuffix('function:f')}event-source-mapping:{UUID}",
        "FunctionArn": ARN,
        "State": "Enabled",
        "StateTransitionReason": "User action",
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "ParallelizationFactor": 1,
        "MaximumRecordAgeInSeconds": -1,
        "BisectBatchOnFunctionError": False,
        "MaximumRetryAttempts": -1,
        "TumblingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "DestinationConfig": {"OnFailure": {"Destination": QUEUE}},
    }
    for given in ({}, {"FunctionName": "f"}, {"EventSourceArn": STREAM}):
        (listed,) = call(stand, "ListEventSourceMappings", **given)["EventSourceMappings"]
        assert without_time(listed) == expected
    assert without_time(call(stand, "GetEventSourceMapping", UUID=UUID)) == expected
    none = call(stand, "ListEventSourceMappings", EventSourceArn=f"{STREAM}1")
    assert none == {"EventSourceMappings": []}


def test_a_function_that_declares_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as bare:
        assert "Concurrency" not in call(bare, "GetFunction", FunctionName="f")
        assert call(bare, "GetFunctionConcurrency", FunctionName="f") == {}
        assert call(bare, "ListEventSourceMappings") == {"EventSourceMappings": []}
        configs = call(bare, "ListFunctionEventInvokeConfigs", FunctionName="f")
        assert configs == {"FunctionEventInvokeConfigs": []}
        logging = call(bare, "GetFunctionConfiguration", FunctionName="f")["LoggingConfig"]
        assert logging == {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"}
        refusal = refused(bare, "GetFunctionEventInvokeConfig", FunctionName="f")
    # test_ops_on_nonexisting_fn
    assert refusal == {
        "Type": "User",
        "Message": f"The function {ARN}:$LATEST doesn't have an EventInvokeConfig",
    }


def refused(stand: Stand, operation: str, **given: Any) -> dict[str, Any]:  # noqa: ANN401 - any
    """Call an operation that is refused because something is not there; give the body."""
    with pytest.raises(ClientError) as refusal:
        getattr(stand.client, stand_name(operation))(**given)
    answer: Any = refusal.value.response
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 404
    assert answer.pop("Error")["Code"] == "ResourceNotFoundException"
    return dict(answer)


@pytest.mark.parametrize(
    ("name", "shown"), [("other", f"{ARN[:-1]}other"), ("f:1221", f"{ARN}:1221")]
)
@pytest.mark.parametrize("operation", ["GetFunction", "GetFunctionConfiguration"])
def test_what_is_not_there(stand: Stand, operation: str, name: str, shown: str) -> None:
    # test_ops_on_nonexisting_fn, test_ops_on_nonexisting_version
    assert refused(stand, operation, FunctionName=name) == {
        "Type": "User",
        "Message": f"Function not found: {shown}",
    }


def test_a_mapping_that_is_not_there(stand: Stand) -> None:
    assert refused(stand, "GetEventSourceMapping", UUID="0" * 36) == {
        "Type": "User",
        "Message": "The resource you requested does not exist.",
    }
    assert refused(stand, "ListEventSourceMappings", FunctionName="other") == {
        "Type": "User",
        "Message": f"Function not found: {ARN[:-1]}other",
    }


READ_ONLY = {
    "GetEventSourceMapping",
    "GetFunction",
    "GetFunctionConcurrency",
    "GetFunctionConfiguration",
    "GetFunctionEventInvokeConfig",
    "Invoke",
    "ListAliases",
    "ListEventSourceMappings",
    "ListFunctionEventInvokeConfigs",
    "ListFunctions",
    "ListVersionsByFunction",
}
OTHERS = sorted(set(get_session().get_service_model("lambda").operation_names) - READ_ONLY)


@pytest.mark.parametrize("operation", OTHERS)
def test_everything_else_is_refused_by_name(stand: Stand, operation: str) -> None:
    model = get_session().get_service_model("lambda").operation_model(operation)
    path = model.http["requestUri"]
    for member in ("{FunctionName}", "{Resource}", "{UUID}"):
        path = path.replace(member, "f")
    answer = requests.request(model.http["method"], f"{stand.url}{path}", timeout=30)
    assert answer.status_code == 501
    assert answer.headers["x-amzn-errortype"] == "NotImplementedException"
    assert answer.json() == {
        "Type": "User",
        "message": f"{operation} is not emulated: functions are declared in deploy/app.yaml",
    }


def test_the_aws_cli_lists_functions(stand: Stand) -> None:
    run = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("aws")), "lambda", "list-functions"),
            *("--endpoint-url", stand.url, "--region", REGION),
        ],
        env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        capture_output=True,
        check=True,
    )
    (only,) = json.loads(run.stdout)["Functions"]
    assert without_time(only) == configuration()
