"""The functions' roles in deploy/app.yaml, compared both ways with what is done by their right.

What the handlers do is recorded from the SDK's own calls. What Lambda does with a function's role
is AWS's to say: the managed policies AWSLambdaBasicExecutionRole and AWSLambdaDynamoDBExecutionRole
(moto has AWS's own texts of them), the developer guide's "Capturing records of Lambda asynchronous
invocations" and "Retaining discarded batches for a DynamoDB event source" for the queue.
"""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.client
import pytest
from botocore.response import StreamingBody
from moto.iam.aws_managed_policies import aws_managed_policies_data

import etl.handler
import router.handler
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from seed.render import RENDERERS
from seed.render.request import Request

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
CONTEXT: Any = SimpleNamespace(aws_request_id="00000000-0000-0000-0000-000000000001")

Permission = tuple[str, str]
"""An action, and the ARN of what it is done to."""

Sample = Callable[..., Request]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def table(name: str) -> str:
    return arn("dynamodb", f"table/{name}")


QUEUE = arn("sqs", "riskstack-failures")


@dataclass
class Recorder:
    """Notes each call of the SDK as IAM sees it, while it is told to."""

    called: set[Permission] = field(default_factory=set)
    _is_on: bool = False

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Note what is called for a while."""
        self._is_on = True
        yield
        self._is_on = False

    def note(self, service: str, operation: str, request: Mapping[str, Any]) -> None:
        if not self._is_on:
            return
        match service, operation:
            case "dynamodb", "TransactWriteItems":
                # IAM reference of DynamoDB: a transaction needs the action of each of its parts
                for item in request["TransactItems"]:
                    ((kind, part),) = item.items()
                    action = {"ConditionCheck": "ConditionCheckItem"}.get(kind, f"{kind}Item")
                    self.called.add((f"dynamodb:{action}", table(part["TableName"])))
            case "dynamodb", _:
                self.called.add((f"dynamodb:{operation}", table(request["TableName"])))
            case "sqs", _:
                name = request["QueueUrl"].rpartition("/")[2]
                self.called.add((f"sqs:{operation}", arn("sqs", name)))
            case "sagemaker-runtime", _:
                endpoint = arn("sagemaker", f"endpoint/{request['EndpointName']}")
                self.called.add((f"sagemaker:{operation}", endpoint))
            case _:
                raise AssertionError(f"no function is to call {service} {operation}")


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Records the calls of any client; gives scores in the endpoint's place."""
    noted = Recorder()
    call = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined] # not in the stubs

    def make_api_call(client: Any, operation: str, request: Any) -> Any:  # noqa: ANN401 - botocore's own
        service = client.meta.service_model.service_name
        noted.note(service, operation, request)
        if service != "sagemaker-runtime":
            return call(client, operation, request)
        rows = request["Body"].count("\n")
        body = json.dumps({"predictions": [{"score": 0.25}] * rows}).encode()
        return {
            "Body": StreamingBody(io.BytesIO(body), len(body)),
            "ContentType": "application/json",
            "InvokedProductionVariant": "AllTraffic",
        }

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", make_api_call)
    return noted


@pytest.fixture
def app(
    aws: str,  # noqa: ARG001 - what the template imports is there
    data_resolver: Resolver,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Resolver]:
    """A resolver for deploy/app.yaml, with the functions' variables set, all of them at once."""
    pseudo = pseudo_parameters(REGION, ACCOUNT)
    template = Template.read(ROOT / "deploy" / "app.yaml")
    resolver = Resolver(template, ExistingResources(pseudo), pseudo, imports=data_resolver)
    for function in template.resources("AWS::Serverless::Function"):
        variables = resolver.resolve(function.properties["Environment"]["Variables"])
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
    for module in (etl.handler, router.handler):
        module.build.cache_clear()
    yield resolver
    for module in (etl.handler, router.handler):
        module.build.cache_clear()


def statements(resolver: Resolver, role: str) -> list[dict[str, Any]]:
    """Give the statements of a role's only policy."""
    properties = resolver.resolve(
        dict(Template.read(ROOT / "deploy" / "app.yaml").resource(role).properties)
    )
    # what AWS manages grows without anybody's doing
    assert properties.keys() == {"AssumeRolePolicyDocument", "Policies", "Tags"}
    (policy,) = properties["Policies"]
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def allowed(resolver: Resolver, role: str) -> set[Permission]:
    """Give everything that a role may, each statement once."""
    permissions = [
        (action, resource)
        for statement in statements(resolver, role)
        for action in _listed(statement["Action"])
        for resource in _listed(statement["Resource"])
    ]
    assert len(permissions) == len(set(permissions))
    assert {statement["Effect"] for statement in statements(resolver, role)} == {"Allow"}
    return set(permissions)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def managed(policy: str) -> set[str]:
    """Give the actions of a policy of AWS, without the right to create log groups.

    The template creates the log groups, so that what they keep ends.
    """
    (statement,) = json.loads(aws_managed_policies_data)[policy]["Document"]["Statement"]
    return set(statement["Action"]) - {"logs:CreateLogGroup"}


def logs(function: str) -> set[Permission]:
    group = arn("logs", f"log-group:/aws/lambda/{function}:*")
    return {(action, group) for action in managed("AWSLambdaBasicExecutionRole")}


def stream(stream_arn: str) -> set[Permission]:
    """Give what the event source mapping needs; ListStreams is asked of a table's streams.

    Resources: SAM's policy template DynamoDBStreamReadPolicy.
    """
    actions = {
        action
        for action in managed("AWSLambdaDynamoDBExecutionRole")
        if action.startswith("dynamodb:")
    }
    of_table = stream_arn.rpartition("/")[0] + "/*"
    return {
        (action, of_table if action == "dynamodb:ListStreams" else stream_arn) for action in actions
    }


def proxy_event(request: Request) -> dict[str, Any]:
    channel = request.path.rpartition("/")[2]
    text = (Path(__file__).parent / "channel_events" / "rest_proxy.json").read_text()
    event: dict[str, Any] = json.loads(text.replace("{channel}", channel))
    headers = dict(request.headers)
    return event | {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "body": request.body.decode(),
    }


def test_the_etl_function_may_do_what_it_does_and_nothing_else(
    app: Resolver, recorder: Recorder, sample: Sample
) -> None:
    with recorder.recording():
        for channel in RENDERERS:
            answer = etl.handler.handler(proxy_event(sample(channel)), CONTEXT)
            assert answer["statusCode"] == 202, answer
        # an application that is sent again with the answer that was missing is changed
        for changes in ({"seniority": None}, {}):
            again = sample("mail_scan", reference="scan-1", **changes)
            assert etl.handler.handler(proxy_event(again), CONTEXT)["statusCode"] == 202
        status = proxy_event(sample()) | {
            "httpMethod": "GET",
            "resource": "/applications/{application_id}",
            "pathParameters": {"application_id": "app-nobody"},
        }
        assert etl.handler.handler(status, CONTEXT)["statusCode"] == 404

    of_lambda = logs("riskstack-etl") | {("sqs:SendMessage", QUEUE)}
    assert recorder.called.isdisjoint(of_lambda)
    assert allowed(app, "EtlRole") == recorder.called | of_lambda


def test_the_router_function_may_do_what_it_does_and_nothing_else(
    app: Resolver, recorder: Recorder, sample: Sample
) -> None:
    for request in (sample(), sample(age=16)):
        etl.handler.handler(proxy_event(request), CONTEXT)
    items = boto3.client("dynamodb").scan(TableName="riskstack-applications")["Items"]
    poison: Any = {"application_id": {"S": "app-poison"}, "status": {"S": "received"}}
    records = [
        {
            "eventID": str(number),
            "eventName": "INSERT",
            "eventSourceARN": "arn",
            "dynamodb": {
                "SequenceNumber": str(number),
                "Keys": {"application_id": item["application_id"]},
                "NewImage": item,
            },
        }
        for number, item in enumerate([*items, poison])
    ]
    with recorder.recording():
        answer = router.handler.handler({"Records": records}, CONTEXT)
    assert answer == {"batchItemFailures": []}

    described = boto3.client("dynamodb").describe_table(TableName="riskstack-applications")
    of_lambda = logs("riskstack-router") | stream(described["Table"]["LatestStreamArn"])
    assert recorder.called.isdisjoint(of_lambda)
    # the mapping's own notices of failures go where the function's do
    assert ("sqs:SendMessage", QUEUE) in recorder.called
    assert allowed(app, "RouterRole") == recorder.called | of_lambda


def test_the_role_for_the_apis_logs_is_what_aws_checks_for(app: Resolver) -> None:
    (statement,) = json.loads(aws_managed_policies_data)["AmazonAPIGatewayPushToCloudWatchLogs"][
        "Document"
    ]["Statement"]
    assert allowed(app, "ApiGatewayLogRole") == {(action, "*") for action in statement["Action"]}


@pytest.mark.parametrize(
    ("role", "service"),
    [
        ("EtlRole", "lambda.amazonaws.com"),
        ("RouterRole", "lambda.amazonaws.com"),
        ("ApiGatewayLogRole", "apigateway.amazonaws.com"),
    ],
)
def test_a_role_is_assumed_by_its_service_alone(role: str, service: str) -> None:
    template = Template.read(ROOT / "deploy" / "app.yaml")
    (statement,) = template.resource(role).properties["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": service}


def test_no_other_role_is_made() -> None:
    template = Template.read(ROOT / "deploy" / "app.yaml")
    roles = {one.logical_id for one in template.resources("AWS::IAM::Role")}
    assert roles == {"EtlRole", "RouterRole", "ApiGatewayLogRole"}
    functions = template.resources("AWS::Serverless::Function")
    assert all("Policies" not in one.properties and "Role" in one.properties for one in functions)
