"""Every header that SageMaker sends a container, or reads of its answer.

Which there are: SageMaker strips all headers of a POST but those of InvokeEndpoint and may add
others, and a container ignores what it does not know (AWS-hosting); InvokeEndpoint's are in
botocore's service model (sagemaker-runtime). Accept is read as RFC 9110, section 12.5.1, has it.
"""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest

from tests.container_stand import DEADLINE, Reply, call, invoke, ping, served, small_booster, until

CSV = b"1,,0\n-1,0.5,1\n"
LIBSVM = b"0 0:1 2:0\n"
ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"

# A value that the service model allows each header of InvokeEndpoint
HEADERS = {
    "Content-Type": "text/csv",
    "Accept": "text/csv",
    "X-Amzn-SageMaker-Custom-Attributes": "trace=4711; \t~",
    "X-Amzn-SageMaker-Target-Model": "clients/a.tar.gz",
    "X-Amzn-SageMaker-Target-Variant": "AllTraffic",
    "X-Amzn-SageMaker-Target-Container-Hostname": "primary",
    "X-Amzn-SageMaker-Inference-Id": "3f2a/1",
    "X-Amzn-SageMaker-Enable-Explanations": "`true`",
    "X-Amzn-SageMaker-Inference-Component": "credit",
    "X-Amzn-SageMaker-Session-Id": "NEW_SESSION",
    "X-Amzn-SageMaker-Prefix-Aware-Id": "a b",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("ml")
    (base / "model").mkdir()
    (base / "model" / "xgboost-model").write_bytes(small_booster().save_raw("ubj"))
    return base


@pytest.fixture(scope="module")
def port(base: Path) -> Iterator[int]:
    with served(base) as port:
        until(lambda: ping(port) == 200)
        yield port


# Headers of a request


def test_the_headers_are_those_of_the_service_model() -> None:
    service = botocore.session.get_session().get_service_model("sagemaker-runtime")
    shape = service.operation_model("InvokeEndpoint").input_shape
    assert shape is not None
    modelled = {
        member.serialization["name"]
        for member in shape.members.values()
        if member.serialization.get("location") == "header"
    }
    assert set(HEADERS) == modelled


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_of_invoke_endpoint_is_read_or_ignored(port: int, header: str) -> None:
    reply = invoke(port, CSV, **{header: HEADERS[header]})

    assert (reply.status, reply.body) == (200, invoke(port, CSV).body)


def test_all_headers_at_once_and_those_that_nobody_knows(port: int) -> None:
    """AWS-hosting: SageMaker may add headers, and a container must ignore the unknown."""
    unknown = {"X-Amzn-SageMaker-Made-Up": "1", "X-Amzn-Trace-Id": "Root=1-2", "traceparent": "00"}

    reply = call(port, "POST", "/invocations", CSV, HEADERS | unknown)

    assert (reply.status, reply.body) == (200, invoke(port, CSV).body)


def test_without_a_content_type_the_body_is_libsvm(port: int) -> None:
    """XGB data_utils.py get_content_type: None is libsvm."""
    without = call(port, "POST", "/invocations", LIBSVM)

    assert without.status == 200
    assert without.body == invoke(port, LIBSVM, "text/libsvm").body


def test_names_of_headers_and_types_have_no_case(port: int) -> None:
    """RFC 9110, sections 5.1 and 8.3.1."""
    reply = call(port, "POST", "/invocations", CSV, {"CONTENT-TYPE": "Text/CSV", "ACCEPT": "*/*"})

    assert (reply.status, reply.body) == (200, invoke(port, CSV).body)


TYPES = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "jsonlines": "application/jsonlines",
    "recordio": "application/x-recordio-protobuf",
}


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        # the types of AWS's image, and its default (XGB serve.py _parse_accept)
        ("text/csv", "csv"),
        ("application/json", "json"),
        ("application/jsonlines", "jsonlines"),
        ("application/x-recordio-protobuf", "recordio"),
        ("*/*", "csv"),
        (None, "csv"),
        # lists, ranges and quality values (RFC 9110, section 12.5.1)
        ("application/json, text/csv", "json"),
        ("application/json;q=0.5, text/csv;q=0.9", "csv"),
        ("text/csv;q=0.1, application/jsonlines;q=0.2", "jsonlines"),
        ("text/csv;q=0, */*", "json"),
        ("text/*", "csv"),
        ("application/*;q=0.3, image/png", "json"),
        ("application/json; charset=utf-8", "json"),
    ],
)
def test_accept_chooses_the_type_of_the_answer(
    port: int, accept: str | None, answered: str
) -> None:
    headers = {"Content-Type": "text/csv"} | ({} if accept is None else {"Accept": accept})

    reply = call(port, "POST", "/invocations", CSV, headers)

    assert (reply.status, reply.headers["content-type"]) == (200, TYPES[answered])


@pytest.mark.parametrize("accept", ["image/png", "text/csv;q=0", "*/*;q=0", "image/*, text/html"])
def test_what_is_not_written_is_a_406(port: int, accept: str) -> None:
    """XGB serve.py: NOT_ACCEPTABLE; there only after the prediction, here before it."""
    for body in (CSV, b"no row"):
        reply = invoke(port, body, Accept=accept)
        assert reply.status == 406
        assert b"the answers are text/csv, application/json, application/jsonlines" in reply.body


def test_a_body_may_come_in_chunks(port: int) -> None:
    """Transfer-Encoding, which a container may meet (RFC 9112, section 7.1)."""
    reply = invoke(port, iter([CSV[:3], CSV[3:]]))

    assert (reply.status, reply.body) == (200, invoke(port, CSV).body)


def test_expect_is_answered_before_the_body_is_sent(port: int) -> None:
    """Expect: 100-continue (RFC 9110, section 10.1.1); botocore sends it with large bodies."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    connection.connect()
    assert connection.sock is not None
    connection.sock.sendall(
        b"POST /invocations HTTP/1.1\r\nHost: primary\r\nContent-Type: text/csv\r\n"
        b"Content-Length: %d\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n" % len(CSV)
    )
    assert connection.sock.recv(1024).startswith(b"HTTP/1.1 100 ")
    connection.sock.sendall(CSV)
    answer = b"".join(iter(lambda: connection.sock.recv(1024) if connection.sock else b"", b""))
    connection.close()

    assert answer.startswith(b"HTTP/1.1 200 ")


# Headers of an answer


def answers(port: int) -> dict[str, Reply]:
    """Give an answer of every kind that has a body."""
    return {
        "scores": invoke(port, CSV),
        "large": invoke(port, CSV * 20_000),
        "refused": invoke(port, b"x"),
        "not acceptable": invoke(port, CSV, Accept="image/png"),
        "ping": call(port, "GET", "/ping"),
        "execution-parameters": call(port, "GET", "/execution-parameters"),
        "metrics": call(port, "GET", "/metrics"),
        "unknown": call(port, "GET", "/unknown"),
    }


def test_every_answer_has_a_content_length_and_is_not_chunked(port: int) -> None:
    """Without Content-Length asynchronous inference fails (deepjavalibrary/djl-serving #2567)."""
    for kind, reply in answers(port).items():
        assert int(reply.headers["content-length"]) == len(reply.body), kind
        assert "transfer-encoding" not in reply.headers, kind


def test_an_answer_without_a_body_has_no_type(port: int) -> None:
    """XGB serve.py: 204 to an empty body; RFC 9110, section 8.6: it has no Content-Length."""
    reply = invoke(port, b"")

    assert (reply.status, reply.body) == (204, b"")
    assert "content-type" not in reply.headers
    assert "content-length" not in reply.headers


def test_custom_attributes_are_the_containers_own(port: int) -> None:
    """They are returned only where the container sets them (botocore, CustomAttributes)."""
    asked = invoke(port, CSV, **{ATTRIBUTES: "trace=4711"})

    assert asked.headers[ATTRIBUTES] == invoke(port, CSV).headers[ATTRIBUTES]
    assert asked.headers[ATTRIBUTES].isascii()
    assert len(asked.headers[ATTRIBUTES]) <= 1024


def test_what_a_customer_asks_for_in_custom_attributes_reaches_the_model(port: int) -> None:
    """The header is there for what a model and its clients agree on (botocore)."""
    asked = {ATTRIBUTES: "explain=contributions", "Accept": "application/json"}

    explained = json.loads(invoke(port, CSV, **asked).body)["predictions"]

    assert all(len(row["contributions"]) == 3 for row in explained)
