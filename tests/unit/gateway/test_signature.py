import asyncio
import datetime as dt
import threading
from unittest import mock

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import NoCredentialsError
from hypothesis import given
from hypothesis import strategies as st

from gateway.signature import Signer

URL = "https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/a%3Ab/invocations"
SYNCHRONOUS = {"X-Amz-Invocation-Type": "RequestResponse"}
AT = dt.datetime(2026, 3, 1, 9, 0, 0, tzinfo=dt.UTC)
TEXTS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)


@pytest.fixture(autouse=True)
def at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: AT.replace(tzinfo=None))


def expected(credentials: Credentials, url: str, body: bytes) -> dict[str, str]:
    """Give the headers that botocore's signer adds and signs."""
    request = AWSRequest("POST", url, dict(SYNCHRONOUS), body)
    SigV4Auth(credentials, "lambda", "eu-central-1").add_auth(request)
    return dict(request.headers)


def signed(signer: Signer, url: str = URL, body: bytes = b"{}") -> dict[str, str]:
    lines = asyncio.run(signer.headers(url, SYNCHRONOUS, body)).decode()
    assert lines.endswith("\r\n")
    return dict(line.split(": ", 1) for line in lines.splitlines())


@given(secret=TEXTS, token=st.none() | TEXTS, name=TEXTS, bodies=st.lists(st.binary(), min_size=1))
def test_a_request_is_signed_as_botocore_signs_it(
    secret: str, token: str | None, name: str, bodies: list[bytes]
) -> None:
    credentials = Credentials("AKIDEXAMPLE", secret, token)
    signer = Signer(credentials, "lambda", "eu-central-1", clock=AT.timestamp)
    url = f"http://127.0.0.1:8003/2015-03-31/functions/{name}%3A1/invocations"
    for body in bodies:
        assert signed(signer, url, body) == expected(credentials, url, body)


def test_what_a_second_has_in_common_is_asked_for_once_a_second() -> None:
    now = AT.timestamp()
    signer = Signer(Credentials("AKID", "secret"), "lambda", "eu-central-1", clock=lambda: now)
    with mock.patch.object(
        SigV4Auth, "add_auth", autospec=True, side_effect=SigV4Auth.add_auth
    ) as add_auth:
        signed(signer)
        signed(signer, body=b"other")
        assert add_auth.call_count == 1
        now += 1
        signed(signer)
        assert add_auth.call_count == 2


def test_credentials_that_expire_are_renewed_beside_the_loop() -> None:
    threads = []

    def renew() -> dict[str, str]:
        threads.append(threading.current_thread())
        later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=6)
        return {
            "access_key": "AKIDNEW",
            "secret_key": "secret",
            "token": "token",
            "expiry_time": later.isoformat(),
        }

    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1)
    credentials = RefreshableCredentials("AKIDOLD", "secret", "old", soon, renew, "a test")
    headers = signed(Signer(credentials, "lambda", "eu-central-1"))
    assert headers["X-Amz-Security-Token"] == "token"
    assert "Credential=AKIDNEW/" in headers["Authorization"]
    assert threads != [threading.main_thread()]
    assert len(threads) == 1


def test_without_credentials_nothing_is_signed() -> None:
    with pytest.raises(NoCredentialsError):
        signed(Signer(None, "lambda", "eu-central-1"))
