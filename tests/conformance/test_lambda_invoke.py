"""Invoke as a stock client sees it: boto3 and the AWS CLI against the service.

Facts: botocore's service model lambda/2015-03-31; answers recorded on AWS in localstack/localstack
tests/aws/services/lambda_ (test_lambda.snapshot.json, test_lambda_api.snapshot.json), named beside
each; Lambda developer guide.
"""

import base64
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from tests.lambda_stand import ARN, ECHO, REGION, Stand, running

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PATTERN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
    r"(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)

TELLING = """
    import logging
    import os
    import subprocess
    import sys
    import threading
    import time
    from decimal import Decimal

    calls = 0

    def handler(event, context):
        global calls
        calls += 1
        match event:
            case {"raise": text}:
                raise ValueError(text)
            case {"exit": code}:
                sys.exit(code)
            case {"abort": _}:
                os.abort()
            case {"sleep": seconds}:
                time.sleep(seconds)
            case {"large": size}:
                return "x" * size
            case {"print": lines}:
                for line in lines:
                    print(line)
                thread = threading.Thread(target=print, args=("of a thread",))
                thread.start()
                thread.join()
                subprocess.run([sys.executable, "-c", "print('of a process')"], check=True)
                logging.getLogger().warning("of the logger")
            case {"context": _}:
                client = context.client_context
                return {
                    "aws_request_id": context.aws_request_id,
                    "function_name": context.function_name,
                    "function_version": context.function_version,
                    "invoked_function_arn": context.invoked_function_arn,
                    "memory_limit_in_mb": context.memory_limit_in_mb,
                    "log_group_name": context.log_group_name,
                    "client": client and {
                        "title": client.client.app_title,
                        "custom": client.custom,
                        "env": client.env,
                    },
                    "trace": os.environ["_X_AMZN_TRACE_ID"],
                }
            case {"unmarshal": _}:
                return object()
            case {"decimal": text}:
                return Decimal(text)
        return {"calls": calls, "event": event}
"""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """The function of this module, with a timeout of one second."""
    with running(tmp_path_factory.mktemp("code"), TELLING, Timeout=1) as running_stand:
        yield running_stand


def invoke(stand: Stand, event: object = None, **given: Any) -> Any:  # noqa: ANN401 - any JSON
    """Invoke with an event; give the whole answer, its payload read."""
    payload = b"" if event is None else json.dumps(event).encode()
    answer: Any = stand.client.invoke(**{"FunctionName": "f", "Payload": payload, **given})
    answer["Payload"] = answer["Payload"].read()
    return answer


def test_an_answer(stand: Stand) -> None:
    # test_invocation_type_request_response
    answer = invoke(stand, {"a": 1})
    meta = answer.pop("ResponseMetadata")
    assert json.loads(answer.pop("Payload"))["event"] == {"a": 1}
    assert answer == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    assert re.fullmatch(UUID, meta["RequestId"])
    assert meta["HTTPHeaders"]["x-amzn-trace-id"].startswith("Root=1-")


@pytest.mark.parametrize(
    ("kind", "status"), [("Event", 202), ("DryRun", 204)], ids=["event", "dry run"]
)
def test_the_other_types_answer_without_a_payload(stand: Stand, kind: str, status: int) -> None:
    # test_invocation_type_event, test_invocation_type_dry_run
    answer = invoke(stand, {}, InvocationType=kind)
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == status
    assert answer == {"StatusCode": status, "Payload": b""}


def test_a_dry_run_does_not_invoke(tmp_path: Path) -> None:
    with running(tmp_path, TELLING) as own:
        invoke(own, {}, InvocationType="DryRun")
        assert json.loads(invoke(own)["Payload"]) == {"calls": 1, "event": {}}


def test_an_error_of_the_function(stand: Stand) -> None:
    # test_lambda_handler_error
    answer = invoke(stand, {"raise": "no good"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    payload = json.loads(answer["Payload"])
    trace = payload.pop("stackTrace")
    assert payload == {
        "errorMessage": "no good",
        "errorType": "ValueError",
        "requestId": answer["ResponseMetadata"]["RequestId"],
    }
    assert len(trace) == 1
    assert re.fullmatch(
        r'  File ".*/code\.py", line \d+, in handler\n    raise ValueError\(text\)\n', trace[0]
    )


@pytest.mark.parametrize(
    ("event", "kind", "text"),
    [
        # test_lambda_invoke_with_timeout
        ({"sleep": 60}, "Sandbox.Timedout", "Task timed out after 1.00 seconds"),
        # test_lambda_handler_exit, test_lambda_runtime_wrapper_not_found
        ({"exit": 0}, "Runtime.ExitError", "Runtime exited without providing a reason"),
        ({"exit": 127}, "Runtime.ExitError", "Runtime exited with error: exit status 127"),
        ({"abort": 1}, "Runtime.ExitError", "Runtime exited with error: signal: aborted"),
    ],
)
def test_a_function_that_does_not_answer(stand: Stand, event: object, kind: str, text: str) -> None:
    answer = invoke(stand, event)
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert json.loads(answer["Payload"]) == {
        "errorType": kind,
        "errorMessage": f"RequestId: {request_id} Error: {text}",
    }
    # the next invocation has an environment of its own (test_lambda_invoke_timed_out_...reuse)
    assert json.loads(invoke(stand, {})["Payload"])["calls"] == 1


def test_an_answer_beyond_six_megabytes(stand: Stand) -> None:
    # test_lambda_too_large_response
    answer = invoke(stand, {"large": 6_291_556})
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"]) == {
        "errorMessage": (
            "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
        ),
        "errorType": "Function.ResponseSizeTooLarge",
    }
    assert len(invoke(stand, {"large": 6_291_554})["Payload"]) == 6_291_556


def test_an_answer_that_is_no_json(stand: Stand) -> None:
    # awslambdaric, lambda_runtime_marshaller.py
    payload = json.loads(invoke(stand, {"unmarshal": 1})["Payload"])
    assert payload["errorType"] == "Runtime.MarshalError"
    assert payload["errorMessage"] == (
        "Unable to marshal response: Object of type object is not JSON serializable"
    )


def test_the_tail_of_the_log(stand: Stand) -> None:
    # test_invocation_with_logs, test_request_id_invoke
    invoke(stand, {})
    answer = invoke(stand, {"print": ["first", "é"]}, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    log = base64.b64decode(answer["LogResult"]).decode()
    assert re.fullmatch(
        f"START RequestId: {request_id} Version: \\$LATEST\n"
        "first\né\nof a thread\nof a process\n"
        rf"\[WARNING\]\t\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request_id}\tof the logger"
        f"\nEND RequestId: {request_id}\n"
        rf"REPORT RequestId: {request_id}\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\t"
        "\n",
        log,
    ), log
    # the service's own log has all of it too
    assert log in stand.log.text
    assert "LogResult" not in invoke(stand, {})


def test_the_tail_is_the_last_four_kilobytes(stand: Stand) -> None:
    answer = invoke(stand, {"print": ["x" * 10_000]}, LogType="Tail")
    log = base64.b64decode(answer["LogResult"])
    assert len(log) == 4096
    assert log.startswith(b"xxx")
    # a first invocation tells how long the start took, too
    assert log.endswith((b" MB\t\n", b" ms\t\n"))


def test_the_log_of_an_error(stand: Stand) -> None:
    # test_invocation_type_event_error
    answer = invoke(stand, {"raise": "no good"}, LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    assert re.search(
        "\n\\[ERROR\\] ValueError: no good\nTraceback \\(most recent call last\\):\n"
        '\u00a0\u00a0File ".*/code.py", line \\d+, in handler\n'
        "\u00a0\u00a0\u00a0\u00a0raise ValueError\\(text\\)\nEND",
        log,
    ), log


def test_the_log_of_a_timeout(stand: Stand) -> None:
    answer = invoke(stand, {"sleep": 60}, LogType="Tail")
    request_id = answer["ResponseMetadata"]["RequestId"]
    log = base64.b64decode(answer["LogResult"]).decode()
    assert f"Z {request_id} Task timed out after 1.00 seconds\n\nEND" in log
    assert "\tDuration: 1000.00 ms\t" in log
    assert "\tStatus: timeout\t\n" in log


def test_the_context(stand: Stand) -> None:
    # its members and memory as text: test_invocation_with_qualifier and test_lambda_with_context
    given = {
        "client": {"installation_id": "i-1", "app_title": "t"},
        "custom": {"foo": "bar"},
        "env": {"fizz": "buzz"},
    }
    context = base64.b64encode(json.dumps(given).encode()).decode()
    answer = invoke(stand, {"context": 1}, ClientContext=context)
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert json.loads(answer["Payload"]) == {
        "aws_request_id": answer["ResponseMetadata"]["RequestId"],
        "function_name": "f",
        "function_version": "$LATEST",
        "invoked_function_arn": ARN,
        "memory_limit_in_mb": "128",
        "log_group_name": "/aws/lambda/f",
        "client": {"title": "t", "custom": {"foo": "bar"}, "env": {"fizz": "buzz"}},
        "trace": headers["x-amzn-trace-id"],
    }


def test_a_trace_that_is_given_is_the_functions(stand: Stand) -> None:
    trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"
    answer = requests.post(
        f"{stand.url}/2015-03-31/functions/f/invocations",
        data=b'{"context": 1}',
        headers={"X-Amzn-Trace-Id": trace},
        timeout=30,
    )
    assert answer.json()["trace"] == answer.headers["X-Amzn-Trace-Id"] == trace


@pytest.mark.parametrize(
    ("payload", "answered"),
    [
        # what AWS's runtime for Python makes of numbers (awslambdaric, simplejson)
        (b"1.10", b"1.1"),
        (b"1e3", b"1000.0"),
        (b"12345678901234567890123", b"12345678901234567890123"),
        ('"é😀"'.encode(), '"é😀"'.encode()),
        (b'{"decimal": "1.10"}', b"1.10"),
        (b'{"decimal": "1E+3"}', b"1E+3"),
        (b"null", b"null"),
    ],
)
def test_digits_and_characters(tmp_path: Path, payload: bytes, answered: bytes) -> None:
    source = """
        from decimal import Decimal

        def handler(event, context):
            return Decimal(event["decimal"]) if isinstance(event, dict) else event
    """
    with running(tmp_path, source) as own:
        answer = own.client.invoke(FunctionName="f", Payload=payload)
    assert answer["Payload"].read() == answered


@pytest.mark.parametrize(
    "name", ["f", ARN, "f:$LATEST", f"{ARN}:$LATEST", "123456789012:function:f", "function:f"]
)
def test_the_ways_to_name_a_function(stand: Stand, name: str) -> None:
    # botocore, NamespacedFunctionName
    assert invoke(stand, {}, FunctionName=name)["StatusCode"] == 200
    assert invoke(stand, {}, FunctionName=name, Qualifier="$LATEST")["StatusCode"] == 200


def post(stand: Stand, name: str = "f", body: bytes = b"{}", **headers: str) -> Any:  # noqa: ANN401 - a response
    """Call Invoke without the SDK, which would refuse some of it itself."""
    sent = {key.replace("_", "-"): value for key, value in headers.items()}
    path, mark, query = name.partition("?")
    url = f"{stand.url}/2015-03-31/functions/{path}/invocations{mark}{query}"
    return requests.post(url, data=body, headers=sent, timeout=30)


def constraint(value: str, member: str, rest: str) -> str:
    """Give the text about one malformed parameter."""
    return f"Value '{value}' at '{member}' failed to satisfy constraint: Member must {rest}"


def one_error(text: str) -> dict[str, str]:
    """Give the body about one malformed parameter."""
    return {"message": f"1 validation error detected: {text}"}


ELSEWHERE = ARN.replace(REGION, "us-east-1")


@pytest.mark.parametrize(
    ("name", "status", "kind", "body"),
    [
        # test_invoke_exceptions
        (
            "doesnotexist",
            404,
            "ResourceNotFoundException",
            {
                "Type": "User",
                "Message": f"Function not found: {ARN[:-1]}doesnotexist:$LATEST",
            },
        ),
        (
            "f:3",
            404,
            "ResourceNotFoundException",
            {"Type": "User", "Message": f"Function not found: {ARN}:3"},
        ),
        (
            "f?Qualifier=prod",
            404,
            "ResourceNotFoundException",
            {"Type": "User", "Message": f"Function not found: {ARN}:prod"},
        ),
        # test_get_function_wrong_region
        (
            ELSEWHERE,
            404,
            "ResourceNotFoundException",
            {
                "Type": "User",
                "Message": (
                    "Functions from 'us-east-1' are not reachable in this region ('eu-central-1')"
                ),
            },
        ),
        # test_function_name_and_qualifier_validation
        (
            "f:$LATEST?Qualifier=1",
            400,
            "InvalidParameterValueException",
            {
                "Type": "User",
                "message": (
                    "The derived qualifier from the function name does not match the specified "
                    "qualifier."
                ),
            },
        ),
        (
            "my-function!",
            400,
            "ValidationException",
            one_error(
                constraint(
                    "my-function!",
                    "functionName",
                    f"satisfy regular expression pattern: {PATTERN}",
                )
            ),
        ),
        (
            "f?Qualifier=invalid!",
            400,
            "ValidationException",
            one_error(
                constraint(
                    "invalid!",
                    "qualifier",
                    "satisfy regular expression pattern: "
                    r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+",
                )
            ),
        ),
        (
            f"f?Qualifier={'a' * 129}",
            400,
            "ValidationException",
            one_error(constraint("a" * 129, "qualifier", "have length less than or equal to 128")),
        ),
    ],
)
def test_names_that_are_refused(
    stand: Stand, name: str, status: int, kind: str, body: dict[str, str]
) -> None:
    answer = post(stand, name)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, kind)
    assert answer.json() == body
    assert re.fullmatch(UUID, answer.headers["x-amzn-requestid"])


def test_two_malformed_parameters_are_told_together(stand: Stand) -> None:
    answer = post(stand, f"!?Qualifier={'a' * 129}")
    assert answer.json()["message"].startswith("2 validation errors detected: Value 'aaa")


@pytest.mark.parametrize(
    ("body", "headers", "status", "kind", "answered"),
    [
        (
            b"",
            {"X_Amz_Invocation_Type": "Later"},
            400,
            "ValidationException",
            one_error(
                constraint(
                    "Later",
                    "invocationType",
                    "satisfy enum value set: [Event, RequestResponse, DryRun]",
                )
            ),
        ),
        (
            b"",
            {"X_Amz_Log_Type": "Head"},
            400,
            "ValidationException",
            one_error(constraint("Head", "logType", "satisfy enum value set: [None, Tail]")),
        ),
        # what AWS said to an upload of 10 MB in 2026
        (
            b'"' + b"x" * 6_291_455 + b'"',
            {},
            413,
            "RequestEntityTooLargeException",
            {
                "Message": (
                    "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
                )
            },
        ),
        (
            b'"' + b"x" * 1_048_575 + b'"',
            {"X_Amz_Invocation_Type": "Event"},
            413,
            "RequestEntityTooLargeException",
            {
                "Message": (
                    "1048577 byte payload is too large for the Event invocation type "
                    "(limit 1048576 bytes)"
                )
            },
        ),
        (
            b"{}",
            {"X_Amz_Client_Context": "%"},
            400,
            "InvalidRequestContentException",
            {
                "Type": None,
                "message": "Client context must be a valid Base64-encoded JSON object.",
            },
        ),
        (
            b"{}",
            {"X_Amz_Client_Context": "MQ=="},
            400,
            "InvalidRequestContentException",
            {
                "Type": None,
                "message": "Client context must be a valid Base64-encoded JSON object.",
            },
        ),
        (
            b"{}",
            {"X_Amz_Client_Context": base64.b64encode(b"{%s}" % (b" " * 2686)).decode()},
            400,
            "InvalidRequestContentException",
            {"Type": None, "message": "Client context must be at most 3583 bytes, not 3584."},
        ),
    ],
    ids=["type", "log type", "too large", "event too large", "no base64", "no object", "long"],
)
def test_calls_that_are_refused(
    stand: Stand,
    body: bytes,
    headers: dict[str, str],
    status: int,
    kind: str,
    answered: dict[str, object],
) -> None:
    answer = post(stand, body=body, **headers)
    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (status, kind)
    assert answer.json() == answered


@pytest.mark.parametrize("body", [b"{", b"\xff", b"NaN", b"[" * 100_000])
@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_a_payload_that_is_no_json(stand: Stand, body: bytes, kind: str) -> None:
    # test_lambda_invoke_payload_encoding_error; the reason behind the colon is Python's
    answer = post(stand, body=body, X_Amz_Invocation_Type=kind)
    assert answer.status_code == 400
    assert answer.headers["x-amzn-errortype"] == "InvalidRequestContentException"
    document = answer.json()
    assert document.pop("message").startswith(
        "Could not parse request body into json: Could not parse payload into json: "
    )
    assert document == {"Type": "User"}


WAITING = """
    import pathlib
    import time

    def handler(event, context):
        folder = pathlib.Path(__file__).parent
        (folder / "begun").touch()
        while not (folder / "go").exists():
            time.sleep(0.01)
"""


def test_reserved_concurrency(tmp_path: Path) -> None:
    # test_reserved_concurrency_async_queue
    with running(tmp_path, WAITING, ReservedConcurrentExecutions=1, Timeout=60) as own:
        first = threading.Thread(target=invoke, args=(own,))
        first.start()
        while not (tmp_path / "begun").exists():
            first.join(0.01)
        with pytest.raises(own.client.exceptions.TooManyRequestsException) as refusal:
            invoke(own)
        (tmp_path / "go").touch()
        first.join()
        assert invoke(own)["StatusCode"] == 200
    answer: Any = refusal.value.response
    assert answer.pop("ResponseMetadata")["HTTPStatusCode"] == 429
    assert answer == {
        "Error": {"Code": "TooManyRequestsException", "Message": "Rate Exceeded."},
        "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
        "Type": "User",
        "message": "Rate Exceeded.",
    }


def test_no_concurrency_at_all(tmp_path: Path) -> None:
    # test_reserved_concurrency
    with (
        running(tmp_path, ReservedConcurrentExecutions=0) as own,
        pytest.raises(own.client.exceptions.TooManyRequestsException),
    ):
        invoke(own)


@pytest.mark.parametrize(
    ("source", "handler", "kind", "message"),
    [
        # awslambdaric, bootstrap.py
        (
            "import nowhere",
            "code.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'code': No module named 'nowhere'",
        ),
        (
            ECHO,
            "code.other",
            "Runtime.HandlerNotFound",
            "Handler 'other' missing on module 'code'",
        ),
        (
            "def handler(:",
            "code.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'code': invalid syntax (code.py, line 1)",
        ),
        (
            ECHO,
            "handler",
            "Runtime.MalformedHandlerName",
            "Bad handler 'handler': not enough values to unpack (expected 2, got 1)",
        ),
        # test_lambda_runtime_error
        ("raise Exception('startup fails')", "code.handler", "Exception", "startup fails"),
    ],
)
def test_a_function_that_cannot_be_loaded(
    tmp_path: Path, source: str, handler: str, kind: str, message: str
) -> None:
    with running(tmp_path, source, Handler=handler) as own:
        answer = invoke(own)
        health = requests.get(f"{own.url}/health", timeout=30)
        # the next invocation tries anew
        (tmp_path / "code.py").write_text("def handler(e, c): return 1\nother = handler")
        mended = None if handler == "handler" else invoke(own)
        healthy = requests.get(f"{own.url}/health", timeout=30)
    assert health.status_code == 503
    assert health.json()["status"].startswith("the function is not loaded: {")
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    payload = json.loads(answer["Payload"])
    payload.pop("stackTrace")
    assert payload == {"errorMessage": message, "errorType": kind, "requestId": ""}
    if mended:
        assert mended["Payload"] == b"1"
        assert healthy.json() == {"status": "ok"}


def test_a_process_that_ends_while_it_loads(tmp_path: Path) -> None:
    # test_lambda_runtime_exit
    with running(tmp_path, "import sys; sys.exit(0)") as own:
        answer = invoke(own)
    request_id = answer["ResponseMetadata"]["RequestId"]
    assert json.loads(answer["Payload"]) == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request_id} Error: Runtime exited without providing a reason",
    }


def test_the_start_of_an_environment_is_reported_once(tmp_path: Path) -> None:
    # test_invocation_with_logs
    with running(tmp_path) as own:
        logs = [
            base64.b64decode(invoke(own, {}, LogType="Tail")["LogResult"]).decode()
            for _ in range(2)
        ]
    assert re.search(r"Max Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$", logs[0])
    assert "Init Duration" not in logs[1]


def test_the_environment(tmp_path: Path) -> None:
    # test_lambda_init_environment; developer guide, "Defined runtime environment variables"
    source = """
        import os

        def handler(event, context):
            return {"cwd": os.getcwd(), **os.environ}
    """
    variables = {"ANSWER": 42, "FLAG": True}
    with running(tmp_path, source, MemorySize=512, Environment={"Variables": variables}) as own:
        seen = json.loads(invoke(own)["Payload"])
    stream = seen.pop("AWS_LAMBDA_LOG_STREAM_NAME")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    assert (
        seen.items()
        >= {
            "ANSWER": "42",
            "FLAG": "true",
            "cwd": str(tmp_path),
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
            "AWS_REGION": REGION,
            "LAMBDA_TASK_ROOT": str(tmp_path),
            "TZ": ":UTC",
            "_HANDLER": "code.handler",
        }.items()
    )


def test_the_aws_cli_invokes(stand: Stand, tmp_path: Path) -> None:
    run = subprocess.run(
        [
            *(str(Path(sys.executable).with_name("aws")), "lambda", "invoke"),
            *("--endpoint-url", stand.url, "--region", REGION, "--function-name", "f"),
            *("--payload", '{"a": 1}', "--log-type", "Tail", str(tmp_path / "out")),
        ],
        env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"},
        capture_output=True,
        check=True,
    )
    told = json.loads(run.stdout)
    assert base64.b64decode(told.pop("LogResult")).startswith(b"START")
    assert told == {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
    assert json.loads((tmp_path / "out").read_text())["event"] == {"a": 1}


def test_an_operation_that_is_not_emulated_is_refused_by_name(stand: Stand) -> None:
    with pytest.raises(ClientError) as refusal:
        stand.client.delete_function(FunctionName="f")
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert refusal.value.response["Error"] == {
        "Code": "NotImplementedException",
        "Message": ("DeleteFunction is not emulated: functions are declared in deploy/app.yaml"),
    }
