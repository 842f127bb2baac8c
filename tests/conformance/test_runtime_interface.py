"""AWS's own Runtime Interface Client runs both handlers as they are, as AWS's images do.

The other side of it is a server of the Lambda runtime API. Facts: Lambda developer guide, "Using
the Lambda runtime API" and "Defined runtime environment variables".
"""

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest

from etl.core import application_id
from riskstack.contract.application import Answers, Application, Channel
from riskstack.contract.record import Tables, to_item
from riskstack.emulator.event_source_mapping import to_event_record
from riskstack.emulator.function import declaration
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from seed.render import chat, mobile, phone

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Runtime Interface Client is there for Linux only"
)

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
RUNTIME = "/2018-06-01/runtime"
PATIENCE_S = 60


@dataclass(frozen=True)
class Post:
    """What the client posted: below the runtime API's root, and its JSON."""

    path: str
    content_type: str | None
    body: Any


class RuntimeApi:
    """The runtime API: gives each event once, and keeps what is posted."""

    def __init__(self, function_arn: str, timeout_s: float) -> None:
        self._function_arn = function_arn
        self._timeout_s = timeout_s
        self._events: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self._posts: queue.Queue[Post] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._request_handler())
        self.address = f"127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["RuntimeApi"]:
        """Serve for a while."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            # lets go of who still waits for an event
            self._events.put(None)
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    def invoke(self, event: object) -> Any:  # noqa: ANN401 - any JSON
        """Give an event to the function; give what it answered."""
        request_id, post = self._invoke(event)
        assert post.path == f"/invocation/{request_id}/response", post
        assert post.content_type == "application/json"
        return post.body

    def fail(self, event: object) -> dict[str, Any]:
        """Give an event to the function that it cannot take; give the error, without its trace."""
        request_id, post = self._invoke(event)
        assert post.path == f"/invocation/{request_id}/error", post
        error: dict[str, Any] = post.body
        assert error.pop("requestId") == request_id
        assert error.pop("stackTrace")
        return error

    def _invoke(self, event: object) -> tuple[str, Post]:
        request_id = str(uuid.uuid4())
        self._events.put((request_id, json.dumps(event).encode()))
        return request_id, self._posts.get(timeout=PATIENCE_S)

    def _request_handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                assert self.path == f"{RUNTIME}/invocation/next"
                waiting = api._events.get()
                if waiting is None:
                    self.close_connection = True
                    return
                request_id, event = waiting
                deadline_ms = int((time.time() + api._timeout_s) * 1000)
                self._answer(
                    HTTPStatus.OK,
                    event,
                    {
                        "Content-Type": "application/json",
                        "Lambda-Runtime-Aws-Request-Id": request_id,
                        "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                        "Lambda-Runtime-Invoked-Function-Arn": api._function_arn,
                        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
                    },
                )

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                path = self.path.removeprefix(RUNTIME)
                self._answer(HTTPStatus.ACCEPTED, b'{"status":"OK"}\n', {})
                api._posts.put(Post(path, self.headers["Content-Type"], body))

            def _answer(self, status: HTTPStatus, body: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler


Runs = Callable[[str], AbstractContextManager[RuntimeApi]]


@pytest.fixture
def runs(aws: str, data_resolver: Resolver, nowhere: str) -> Runs:
    """Runs a function of deploy/app.yaml in an environment like Lambda's; give its runtime API."""
    pseudo = pseudo_parameters(REGION, ACCOUNT)
    template = Template.read(ROOT / "deploy" / "app.yaml")
    resolver = Resolver(template, ExistingResources(pseudo), pseudo, imports=data_resolver)

    @contextmanager
    def run(name: str) -> Iterator[RuntimeApi]:
        function = resolver.resolve(declaration(template, name))
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        with RuntimeApi(arn, function["Timeout"]).running() as api:
            process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", function["Handler"]],
                cwd=ROOT,
                # nothing of this machine but the way to its programs
                env={
                    "PATH": os.environ["PATH"],
                    "AWS_ACCESS_KEY_ID": "test",
                    "AWS_SECRET_ACCESS_KEY": "test",
                    "AWS_DEFAULT_REGION": REGION,
                    "AWS_REGION": REGION,
                    "AWS_EXECUTION_ENV": f"AWS_Lambda_{function['Runtime']}",
                    "AWS_LAMBDA_FUNCTION_NAME": name,
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function["MemorySize"]),
                    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                    "AWS_LAMBDA_RUNTIME_API": api.address,
                    "AWS_ENDPOINT_URL_DYNAMODB": aws,
                    "AWS_ENDPOINT_URL_SQS": aws,
                    "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": nowhere,
                    **function["Environment"]["Variables"],
                },
            )
            try:
                yield api
            finally:
                process.kill()
                process.wait()

    return run


@pytest.fixture
def nowhere() -> Iterator[str]:
    """The address of a port that is taken and answers nobody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def proxy_event(answers: Answers, reference: str) -> dict[str, Any]:
    """Make the whole event that API Gateway sends for the mobile app's request."""
    request = mobile.render(answers, reference)
    text = (Path(__file__).parent / "channel_events" / "rest_proxy.json").read_text()
    event: dict[str, Any] = json.loads(text.replace("{channel}", "mobile"))
    return event | {
        "headers": dict(request.headers),
        "multiValueHeaders": {name: [value] for name, value in request.headers.items()},
        "body": request.body.decode(),
    }


def test_the_etl_function_answers_api_gateway_lex_and_connect(runs: Runs, answers: Answers) -> None:
    ids = {channel: application_id(channel, "ref-1") for channel in Channel}
    ids[Channel.CHAT] = application_id(Channel.CHAT, "session-ref-1/ref-1")
    lex_event = chat.event(answers, "ref-1")
    with runs("riskstack-etl") as api:
        proxy = api.invoke(proxy_event(answers, "ref-1"))
        lex = api.invoke(lex_event)
        connect = api.invoke(phone.event(answers, "ref-1"))
    assert json.loads(proxy.pop("body")) == {
        "application_id": ids[Channel.MOBILE],
        "status": "received",
        "open_questions": [],
    }
    assert proxy == {
        "statusCode": 202,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "isBase64Encoded": False,
    }
    assert lex == {
        "sessionState": {
            "dialogAction": {"type": "Close"},
            "intent": {
                "name": "ApplyForLoan",
                "slots": lex_event["sessionState"]["intent"]["slots"],
                "state": "Fulfilled",
            },
            "sessionAttributes": {
                "application_id": ids[Channel.CHAT],
                "application_status": "received",
            },
        },
        "messages": [
            {
                "contentType": "PlainText",
                "content": f"Thank you, application {ids[Channel.CHAT]} is received.",
            }
        ],
    }
    assert connect == {
        "status": "received",
        "application_id": ids[Channel.PHONE],
        "open_questions": "",
    }


def test_an_event_that_no_function_serves_is_an_error_and_no_end(
    runs: Runs, answers: Answers
) -> None:
    with runs("riskstack-etl") as api:
        assert api.fail({"Records": []}) == {
            "errorType": "UnsupportedEventError",
            "errorMessage": (
                "expected a proxy event of API Gateway, a Lex V2 event or a Connect event"
            ),
        }
        assert api.invoke(proxy_event(answers, "ref-1"))["statusCode"] == 202


def test_the_router_answers_a_batch_of_the_stream(
    runs: Runs, application: Application, tables: Tables
) -> None:
    minor = replace(
        application, application_id="app-minor", answers=replace(application.answers, age=16)
    )
    poison = {"application_id": "app-poison", "status": "received", "version": "not a number"}
    table = boto3.resource("dynamodb").Table(tables.applications)
    for item in (poison, to_item(application), to_item(minor)):
        table.put_item(Item=item)
    bad, eligible, _ = records = stream_records(tables.applications)

    with runs("riskstack-router") as api:
        answer = api.invoke({"Records": records})
    # the endpoint gives no score: that one comes again
    number = eligible["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": number}]}

    statuses = {item["application_id"]: item["status"] for item in table.scan()["Items"]}
    assert statuses == {
        "app-poison": "received",
        application.application_id: "received",
        "app-minor": "rejected",
    }
    assert failure_notices() == [
        {
            "cause": "not an application: 'channel' is missing",
            "eventID": bad["eventID"],
            "eventSourceARN": bad["eventSourceARN"],
            "sequenceNumber": bad["dynamodb"]["SequenceNumber"],
            "keys": {"application_id": {"S": "app-poison"}},
        }
    ]


def stream_records(table: str) -> list[Any]:
    """Read a table's stream from its start, as a function receives the records."""
    client = boto3.client("dynamodbstreams")
    arn = client.list_streams(TableName=table)["Streams"][0]["StreamArn"]
    (shard,) = client.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = client.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    records = client.get_records(ShardIterator=iterator)["Records"]
    return [to_event_record(record, arn) for record in records]


def failure_notices() -> list[Any]:
    """Read what is in the failure queue."""
    client = boto3.client("sqs")
    url = client.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]
    messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]
