import asyncio
import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.gateway_response import (
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    REQUEST_TOO_LARGE,
    GatewayResponse,
    RefusedError,
)
from gateway.lambda_client import Invocation, Lambda, Target
from tests.gateway_stand import FunctionServer, Reply
from tests.refusing_port import refusing_port

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:things"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
QUICK, PATIENT = 0.05, 20.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FunctionServer]:
    with FunctionServer().running() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        yield server


async def invoke(payload: bytes = b"{}", timeout_s: float = PATIENT) -> bytes:
    functions = Lambda("eu-central-1")
    try:
        return await functions.invoke(Target(ARN, timeout_s), payload, TRACE)
    finally:
        functions.close()


def refused(timeout_s: float = PATIENT) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        asyncio.run(invoke(timeout_s=timeout_s))
    return caught.value


def test_a_function_is_called_with_its_event(server: FunctionServer) -> None:
    server.handler = lambda event: Reply.proxy(body=event["a"])
    assert asyncio.run(invoke(b'{"a": "b"}')) == b'{"body": "b"}'
    (call,) = server.calls
    assert call.path == f"/2015-03-31/functions/{ARN}/invocations"
    assert call.headers["X-Amz-Invocation-Type"] == "RequestResponse"
    assert call.headers["X-Amzn-Trace-Id"] == TRACE
    assert call.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")


def test_a_connection_serves_one_call_after_another(server: FunctionServer) -> None:
    server.handler = lambda event: Reply(json.dumps(event).encode())

    async def scenario() -> list[bytes]:
        functions = Lambda("eu-central-1")
        found = [await functions.invoke(Target(ARN, PATIENT), b"%d" % n, TRACE) for n in range(3)]
        functions.close()
        return found

    assert asyncio.run(scenario()) == [b"0", b"1", b"2"]
    assert server.connections == 1


def test_a_failed_function_s_error_can_be_had(server: FunctionServer) -> None:
    server.handler = lambda _: Reply(b"{}", headers={"X-Amz-Function-Error": "Unhandled"})

    async def scenario() -> Invocation:
        functions = Lambda("eu-central-1")
        try:
            return await functions.call(Target(ARN, PATIENT, "Event"), b"{}", TRACE)
        finally:
            functions.close()

    assert asyncio.run(scenario()) == Invocation(b"{}", "Unhandled")
    assert server.calls[0].headers["X-Amz-Invocation-Type"] == "Event"


@pytest.mark.parametrize(
    ("reply", "response", "cause"),
    [
        (
            Reply(b"{}", headers={"X-Amz-Function-Error": "Unhandled"}),
            INTERNAL_SERVER_ERROR,
            "function error: Unhandled",
        ),
        (
            Reply.error("RequestTooLargeException", 413),
            REQUEST_TOO_LARGE,
            "Lambda answered 413 RequestTooLargeException: refused",
        ),
        (
            Reply.error("TooManyRequestsException", 429),
            INTEGRATION_FAILURE,
            "Lambda answered 429 TooManyRequestsException: refused",
        ),
        (
            Reply(b"oh", status=502),
            INTEGRATION_FAILURE,
            "Lambda answered 502 no error type: no message",
        ),
    ],
)
def test_what_goes_wrong_has_its_response_and_is_tried_once(
    server: FunctionServer, reply: Reply, response: GatewayResponse, cause: str
) -> None:
    server.handler = lambda _: reply
    error = refused()
    assert error.response == response
    assert str(error) == cause
    assert len(server.calls) == 1


def test_a_timeout_is_kept(server: FunctionServer) -> None:
    done = threading.Event()

    def slow(_: object) -> Reply:
        done.wait(PATIENT)
        return Reply.proxy()

    server.handler = slow
    error = refused(timeout_s=QUICK)
    done.set()
    assert error.response == INTEGRATION_TIMEOUT


@pytest.mark.usefixtures("server")
def test_where_nobody_listens_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with refusing_port() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"http://127.0.0.1:{port}")
        error = refused()
    assert error.response == INTEGRATION_FAILURE
    assert str(error).startswith("cannot connect to 127.0.0.1:")


def test_without_credentials_nothing_is_called(
    server: FunctionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    error = refused()
    assert "Unable to locate credentials" in str(error)
    assert error.response == INTEGRATION_FAILURE
    assert not server.calls


def test_without_an_endpoint_of_its_own_lambda_is_aws_s_over_tls(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_LAMBDA", raising=False)
    functions = Lambda("eu-central-1")
    assert functions.url(ARN) == (
        "https://lambda.eu-central-1.amazonaws.com"
        f"/2015-03-31/functions/{quote(ARN, safe='')}/invocations"
    )
    functions.close()


@pytest.mark.usefixtures("server")
def test_lambda_over_tls_must_prove_who_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    with FunctionServer(context).running() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        assert "CERTIFICATE_VERIFY_FAILED" in str(refused())
        monkeypatch.setenv("AWS_CA_BUNDLE", str(files[0]))
        assert json.loads(asyncio.run(invoke()))["statusCode"] == 202


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1 that vouches for itself; give it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files
