"""The runtime API against an unmodified boto3 client and botocore's own service model.

The container behind it is a real HTTP server. Texts of errors are AWS's where they are recorded
somewhere; hosting's modules name the sources.
"""

import gzip
import io
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.model import ServiceModel

from hosting import health
from hosting.container import PAYLOAD_LIMIT
from hosting.health import State
from hosting.live import Instance, LiveEndpoint, LiveVariant
from hosting.runtime.errors import ERRORS
from hosting.runtime.members import (
    ENDPOINT_NAME,
    INVOKE,
    INVOKE_ASYNC,
    INVOKE_STREAM,
    Operation,
)
from tests.hosting_stand import (
    DEADLINE_S,
    DROP,
    Answer,
    HttpContainer,
    Received,
    wait_until,
)
from tests.runtime_stand import ACCOUNT, REGION, RuntimeStand

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


@pytest.fixture(scope="session")
def session() -> boto3.Session:
    """A session that keeps the service models it has read."""
    return boto3.Session("test", "test", region_name=REGION)


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    """What botocore knows of the API: the last word on headers, limits and errors."""
    return botocore.session.get_session().get_service_model("sagemaker-runtime")


class Stand(RuntimeStand):
    """Hosting with the containers of two models behind it."""

    def __init__(self, session: boto3.Session, folder: Path) -> None:
        self.risk = HttpContainer()
        self.challenger = HttpContainer()
        super().__init__(folder, {"risk": self.risk.url, "challenger": self.challenger.url})
        self._session = session

    @contextmanager
    def serving(self) -> Iterator["SageMakerRuntimeClient"]:
        """Serve, the containers as they are; give a client."""
        self.connect()
        self.live.in_service |= {
            "risk": LiveEndpoint("risk", (self.variant("AllTraffic"),)),
            "test": LiveEndpoint(
                "test",
                (
                    self.variant("a", weight=9),
                    self.variant("b", "challenger", "scorer", weight=1),
                    self.variant("c", "challenger", "scorer", weight=0),
                ),
            ),
        }
        with self.served() as url:
            client = self._session.client(
                "sagemaker-runtime",
                endpoint_url=url,
                config=Config(retries={"total_max_attempts": 1}, read_timeout=DEADLINE_S),
            )
            try:
                yield client
            finally:
                client.close()

    def variant(
        self, name: str, model: str = "risk", hostname: str = "primary", weight: float = 1
    ) -> LiveVariant:
        """Give a variant of one instance."""
        instance = Instance(name, {hostname: self.containers[model]})
        return LiveVariant(name, model, weight, [instance])


@pytest.fixture
def stand(session: boto3.Session, tmp_path: Path) -> Stand:
    return Stand(session, tmp_path)


@pytest.fixture
def client(stand: Stand) -> Iterator["SageMakerRuntimeClient"]:
    """A client of hosting whose containers run and are healthy."""
    with stand.risk.running(), stand.challenger.running(), stand.serving() as client:
        wait_until(lambda: len(stand.states()) == 2)
        yield client


def failure(call: Callable[[], object]) -> Any:  # noqa: ANN401 - botocore types it as a TypedDict
    """Make a call that is to fail, and give the parsed error answer."""
    with pytest.raises(ClientError) as raised:
        call()
    return raised.value.response


def invoke(client: "SageMakerRuntimeClient", endpoint: str = "risk", **members: Any) -> Any:  # noqa: ANN401 - members are of many types
    members.setdefault("Body", b"1,2")
    return client.invoke_endpoint(EndpointName=endpoint, **members)


# An answer


def test_an_answer_has_all_members_of_the_output(
    stand: Stand, client: "SageMakerRuntimeClient", model: ServiceModel
) -> None:
    stand.risk.invoke = lambda _: Answer(
        200,
        b"0.5\n",
        {
            "Content-Type": "text/csv; charset=utf-8",
            "X-Amzn-SageMaker-Custom-Attributes": "explained=true; v=1",
            "Set-Cookie": "a=b",
            "Server": "other",
        },
    )
    response = invoke(client)
    meta = response.pop("ResponseMetadata")
    assert response.pop("Body").read() == b"0.5\n"
    assert response == {
        "ContentType": "text/csv; charset=utf-8",
        "InvokedProductionVariant": "AllTraffic",
        "CustomAttributes": "explained=true; v=1",
    }
    output = model.operation_model("InvokeEndpoint").output_shape
    assert output is not None
    # the sessions of stateful models are the one thing that is left out
    assert set(output.members) - {"NewSessionId", "ClosedSessionId"} == {"Body", *response}
    assert meta["HTTPStatusCode"] == 200
    assert meta["RequestId"]
    assert set(meta["HTTPHeaders"]) == {
        "date",
        "x-amzn-requestid",
        "x-amzn-invoked-production-variant",
        "content-type",
        "x-amzn-sagemaker-custom-attributes",
        "content-length",
    }


def test_what_the_container_does_not_set_does_not_come_back(
    client: "SageMakerRuntimeClient",
) -> None:
    response = invoke(client, CustomAttributes="explain=true")
    assert "CustomAttributes" not in response
    assert "ContentType" not in response


def test_request_ids_differ(client: "SageMakerRuntimeClient") -> None:
    ids = {invoke(client)["ResponseMetadata"]["RequestId"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00\xff\r\n", gzip.compress(b"0.5"), bytes(range(256)) * 10_000],
    ids=["none", "no text", "zipped", "many"],
)
def test_bytes_come_back_as_they_are(
    stand: Stand, client: "SageMakerRuntimeClient", body: bytes
) -> None:
    stand.risk.invoke = lambda request: Answer(200, request.body, {"Content-Encoding": "gzip"})
    assert invoke(client, Body=body)["Body"].read() == body
    assert stand.risk.invocations[0].body == body


def test_a_body_may_be_a_stream(stand: Stand, client: "SageMakerRuntimeClient") -> None:
    invoke(client, Body=io.BytesIO(b"1,2\n3,4"))
    assert stand.risk.invocations[0].body == b"1,2\n3,4"


def test_an_empty_answer_is_a_success(stand: Stand, client: "SageMakerRuntimeClient") -> None:
    # what AWS's XGBoost image answers to an empty body
    stand.risk.invoke = lambda _: Answer(204)
    response = invoke(client)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert response["Body"].read() == b""


# What reaches the container


def test_the_container_gets_the_members_and_no_other_header(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    invoke(
        client,
        "test",
        ContentType="text/csv",
        Accept="application/json;q=0.9, text/csv",
        CustomAttributes="explain=true; n=3",
        InferenceId="3f2a",
        TargetVariant="a",
    )
    [request] = stand.risk.invocations
    assert (request.method, request.body) == ("POST", b"1,2")
    assert request.headers == {
        "Host": f"127.0.0.1:{stand.risk.port}",
        "Content-Type": "text/csv",
        "Accept": "application/json;q=0.9, text/csv",
        "X-Amzn-SageMaker-Custom-Attributes": "explain=true; n=3",
        "X-Amzn-SageMaker-Inference-Id": "3f2a",
        "X-Amzn-SageMaker-Target-Variant": "a",
        "Content-Length": "3",
    }


def test_what_the_client_does_not_say_is_not_made_up(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    invoke(client)
    [request] = stand.risk.invocations
    assert set(request.headers) - {"Content-Type"} == {"Host", "Content-Length"}


@pytest.mark.parametrize("operation", [INVOKE, INVOKE_STREAM, INVOKE_ASYNC])
def test_every_header_of_the_input_is_read_or_refused(
    model: ServiceModel, operation: Operation
) -> None:
    shape = model.operation_model(operation.name).input_shape
    assert shape is not None
    headers = {
        member.serialization["name"].lower().encode(): (name, member)
        for name, member in shape.members.items()
        if member.serialization.get("location") == "header"
    }
    assert set(headers) == set(operation.members) | set(operation.refused)
    for header, member in operation.members.items():
        name, modelled = headers[header]
        limits = modelled.metadata
        assert member.name.lower() == name.lower()
        assert member.longest == limits["max"]
        assert member.shortest == limits.get("min", 0)
        assert member.whole_number is (modelled.type_name == "integer")
        assert member.whole_number or member.pattern == limits["pattern"]
        assert member.sensitive is limits.get("sensitive", False)
    for header, (member_name, _) in operation.refused.items():
        assert headers[header][0] == member_name
    endpoint = shape.members["EndpointName"].metadata
    assert (ENDPOINT_NAME.longest, ENDPOINT_NAME.pattern) == (endpoint["max"], endpoint["pattern"])


# Variants


def test_traffic_is_spread_by_weight(stand: Stand, client: "SageMakerRuntimeClient") -> None:
    # one for the variant, one for its instance
    points = iter(step / 20 for step in range(20) for _ in range(2))
    stand.draw = lambda: next(points)
    invoked = Counter(invoke(client, "test")["InvokedProductionVariant"] for _ in range(20))
    assert invoked == {"a": 18, "b": 2}
    assert (len(stand.risk.invocations), len(stand.challenger.invocations)) == (18, 2)


def test_a_target_variant_overrides_the_weights(client: "SageMakerRuntimeClient") -> None:
    for name in ("a", "b", "c"):
        assert invoke(client, "test", TargetVariant=name)["InvokedProductionVariant"] == name


# Errors


def test_errors_are_those_of_the_service_model(model: ServiceModel) -> None:
    modelled = {
        shape.name: shape.metadata["error"]["httpStatusCode"]
        for shape in model.operation_model("InvokeEndpoint").error_shapes
    }
    assert {code: status for status, code in ERRORS.values()} == modelled


@pytest.mark.parametrize("status", [400, 404, 415, 429, 499, 500, 503])
def test_an_error_of_the_container_is_a_model_error(
    stand: Stand, client: "SageMakerRuntimeClient", status: int
) -> None:
    stand.risk.invoke = lambda _: Answer(status, b'{"error": "row 1: no number"}')
    with pytest.raises(client.exceptions.ModelError) as raised:
        invoke(client)
    response: Any = raised.value.response
    kind = "client" if status < 500 else "server"
    message = (
        f'Received {kind} error ({status}) from primary with message "{{"error": "row 1: no'
        f' number"}}". See https://{REGION}.console.aws.amazon.com/cloudwatch/home?region={REGION}'
        f"#logEventViewer:group=/aws/sagemaker/Endpoints/risk in account {ACCOUNT} for more"
        " information."
    )
    meta = response.pop("ResponseMetadata")
    assert response == {
        "Error": {"Code": "ModelError", "Message": message},
        "Message": message,
        "OriginalMessage": '{"error": "row 1: no number"}',
        "OriginalStatusCode": status,
        "LogStreamArn": (
            f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/risk"
        ),
    }
    assert (meta["HTTPStatusCode"], bool(meta["RequestId"])) == (424, True)


def test_a_redirect_is_not_followed(stand: Stand, client: "SageMakerRuntimeClient") -> None:
    stand.risk.invoke = lambda _: Answer(302, b"", {"Location": stand.challenger.url})
    assert failure(lambda: invoke(client))["OriginalStatusCode"] == 302
    assert not stand.challenger.invocations


def test_the_container_is_called_by_its_hostname(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    stand.challenger.invoke = lambda _: Answer(500, b"no")
    error = failure(lambda: invoke(client, "test", TargetVariant="b"))
    assert error["Message"].startswith('Received server error (500) from scorer with message "no".')


def test_a_long_error_is_not_quoted(stand: Stand, client: "SageMakerRuntimeClient") -> None:
    stand.risk.invoke = lambda _: Answer(500, b"x" * 5000)
    error = failure(lambda: invoke(client))
    assert error["Message"].startswith(
        "Received server error (500) from primary and could not load the entire response body. See"
    )
    assert error["OriginalMessage"] == "x" * 2048


@pytest.mark.parametrize("answer", [Answer(200, b"0.", promised=3), Answer(200, b"", promised=3)])
def test_an_answer_that_breaks_off_is_a_model_error(
    stand: Stand, client: "SageMakerRuntimeClient", answer: Answer
) -> None:
    stand.risk.invoke = lambda _: answer
    error = failure(lambda: invoke(client))
    assert error["Error"]["Code"] == "ModelError"
    assert error["OriginalStatusCode"] == 0
    assert "could not load the entire response body" in error["Message"]


def test_a_time_out_is_a_model_error(stand: Stand) -> None:
    released = threading.Event()

    def wait(_request: Received) -> Answer:
        released.wait(DEADLINE_S)
        return Answer(200)

    stand.timeout_s = 0.05
    stand.risk.invoke = wait
    with stand.risk.running(), stand.challenger.running(), stand.serving() as client:
        wait_until(lambda: len(stand.states()) == 2)
        error = failure(lambda: invoke(client))
        released.set()
    text = (
        "Your invocation timed out while waiting for a response from container primary. Review the"
        " latency metrics for each container in Amazon CloudWatch, resolve the issue, and try"
        " again."
    )
    assert error["Error"]["Code"] == "ModelError"
    assert error["Message"].startswith(
        f'Received server error (0) from primary with message "{text}". See https://'
    )
    assert (error["OriginalStatusCode"], error["OriginalMessage"]) == (0, text)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 424


def test_one_dropped_connection_is_not_noticed(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    answers = iter([DROP, Answer(200, b"0.5")])
    stand.risk.invoke = lambda _: next(answers)
    assert invoke(client)["Body"].read() == b"0.5"
    assert len(stand.risk.invocations) == 2


def test_a_container_that_drops_every_connection_is_a_model_error(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    stand.risk.invoke = lambda _: DROP
    error = failure(lambda: invoke(client))
    assert error["Error"]["Code"] == "ModelError"
    assert error["OriginalStatusCode"] == 0
    assert error["OriginalMessage"].startswith(
        "Amazon SageMaker could not get a response from the risk endpoint."
    )
    assert len(stand.risk.invocations) == 2


def test_an_unknown_endpoint(client: "SageMakerRuntimeClient") -> None:
    with pytest.raises(client.exceptions.ValidationError) as raised:
        invoke(client, "fraud")
    response = raised.value.response
    message = f"Endpoint fraud of account {ACCOUNT} not found."
    assert response["Error"] == {"Code": "ValidationError", "Message": message}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_an_unknown_variant(client: "SageMakerRuntimeClient") -> None:
    with pytest.raises(client.exceptions.ValidationError, match="Variant z of endpoint risk"):
        invoke(client, TargetVariant="z")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("ContentType", "x" * 1025),
        ("Accept", "x" * 1025),
        ("CustomAttributes", "x" * 1025),
        ("InferenceId", "x" * 65),
        ("TargetVariant", "x" * 64),
    ],
)
def test_a_member_over_its_limit(
    stand: Stand, client: "SageMakerRuntimeClient", member: str, value: str
) -> None:
    name = member[0].lower() + member[1:]
    with pytest.raises(client.exceptions.ValidationError) as raised:
        invoke(client, **{member: value})
    message = raised.value.response["Error"]["Message"]
    assert message.startswith("1 validation error detected: Value ")
    assert message.endswith(
        f"at '{name}' failed to satisfy constraint: Member must have length less than or equal to"
        f" {len(value) - 1}"
    )
    assert not stand.risk.invocations


def test_custom_attributes_at_their_limit(client: "SageMakerRuntimeClient") -> None:
    assert invoke(client, CustomAttributes="x" * 1024)


@pytest.mark.parametrize(
    ("member", "text"),
    [
        # AWS's own text: aws/amazon-sagemaker-examples #1026
        ("TargetModel", "is not a multi-model endpoint and does not support target model header."),
        ("TargetContainerHostname", "is not configured for direct invocation and does not support"),
        ("InferenceComponentName", "hosts no inference components and does not support"),
        ("EnableExplanations", "has no explainer and does not support"),
        ("SessionId", "hosts no stateful model and does not support"),
        ("PrefixAwareId", "does not route by prefixes and does not support"),
    ],
)
def test_a_member_for_another_kind_of_endpoint(
    stand: Stand, client: "SageMakerRuntimeClient", member: str, text: str
) -> None:
    with pytest.raises(client.exceptions.ValidationError) as raised:
        invoke(client, **{member: "x"})
    message = raised.value.response["Error"]["Message"]
    assert message.startswith(f"Endpoint risk {text}")
    assert member in message or member == "TargetModel"
    assert not stand.risk.invocations


def test_an_endpoint_without_asynchronous_inference_refuses_it(
    client: "SageMakerRuntimeClient",
) -> None:
    with pytest.raises(client.exceptions.ValidationError, match="has no AsyncInferenceConfig"):
        client.invoke_endpoint_async(EndpointName="risk", InputLocation="s3://bucket/key")


def test_a_body_of_25_mb_passes_and_no_more(stand: Stand, client: "SageMakerRuntimeClient") -> None:
    body = bytes(PAYLOAD_LIMIT)
    invoke(client, Body=body)
    with pytest.raises(client.exceptions.ValidationError) as raised:
        invoke(client, Body=body + b"1")
    response = raised.value.response
    request_id = response["ResponseMetadata"]["RequestId"]
    assert response["Error"]["Message"] == f"Request {request_id} has oversize body."
    assert [len(request.body) for request in stand.risk.invocations] == [PAYLOAD_LIMIT]


def test_a_fault_of_hosting_is_an_internal_failure(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    def draw() -> float:
        raise ZeroDivisionError

    stand.draw = draw
    with pytest.raises(client.exceptions.InternalFailure) as raised:
        invoke(client)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


# Health


def test_an_endpoint_is_in_service_once_its_containers_have_answered(stand: Stand) -> None:
    ready = threading.Event()
    stand.risk.ping = lambda _: Answer(200 if ready.is_set() else 503)
    with ExitStack() as stack:
        stack.enter_context(stand.risk.running())
        stack.enter_context(stand.challenger.running())
        client = stack.enter_context(stand.serving())
        wait_until(lambda: stand.states() == [("challenger", State.HEALTHY)])
        with pytest.raises(client.exceptions.ServiceUnavailable) as raised:
            invoke(client)
        response = raised.value.response
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert response["Error"]["Message"].startswith(
            "Variant AllTraffic is not in service: container primary of model risk is starting ("
        )
        assert not stand.risk.invocations
        ready.set()
        wait_until(lambda: ("risk", State.HEALTHY) in stand.states())
        assert invoke(client)["Body"].read() == b"0.5"


def test_a_container_that_goes_and_comes_back(stand: Stand) -> None:
    with stand.challenger.running(), stand.serving() as client:
        with stand.risk.running():
            wait_until(lambda: len(stand.states()) == 2)
            invoke(client)
        error = failure(lambda: invoke(client))
        assert (error["Error"]["Code"], error["OriginalStatusCode"]) == ("ModelError", 0)
        again = HttpContainer(stand.risk.port)
        with again.running():
            # no ping is waited for
            assert invoke(client)["Body"].read() == b"0.5"
            assert len(again.invocations) == 1


def test_a_slow_ping_refuses_no_invocation(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STEADY_INTERVAL_S", 0.0)
    released = threading.Event()
    pinged = threading.Semaphore(0)

    def slow(_request: Received) -> Answer:
        pinged.release()
        if len([each for each in stand.risk.received if each.path == "/ping"]) > 1:
            released.wait(DEADLINE_S)
        return Answer(200)

    stand.risk.ping = slow
    with stand.risk.running(), stand.challenger.running(), stand.serving() as client:
        try:
            # the second ping hangs, and invocations go on
            assert pinged.acquire(timeout=DEADLINE_S)
            assert pinged.acquire(timeout=DEADLINE_S)
            assert invoke(client)["Body"].read() == b"0.5"
        finally:
            released.set()
        assert stand.states().count(("risk", State.UNHEALTHY)) == 0


# The wire


def test_a_client_that_breaks_off_harms_nobody(
    stand: Stand, client: "SageMakerRuntimeClient"
) -> None:
    host, port = client.meta.endpoint_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(
            b"POST /endpoints/risk/invocations HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1,2"
        )
    assert invoke(client)["Body"].read() == b"0.5"
    assert len(stand.risk.invocations) == 1
