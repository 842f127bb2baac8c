"""Calls functions by Lambda's Invoke API: the part of the gateway that talks to Lambda.

Where Lambda is, the SDK says: AWS_ENDPOINT_URL_LAMBDA or its other ways to set an endpoint, and
without them AWS's own of the region, over TLS. Credentials come from the SDK's chain. Each call is
sent once: a function may do what must not be done twice.
Facts: botocore's service model `lambda/2015-03-31`, operation Invoke.
"""

import json
import ssl
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlsplit

from botocore.exceptions import BotoCoreError
from botocore.httpsession import get_cert_path
from botocore.session import Session

from gateway.gateway_response import (
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    REQUEST_TOO_LARGE,
    RefusedError,
)
from gateway.signature import Signer
from riskstack.http_client.connection import BrokenOffError, DroppedError, Head
from riskstack.http_client.pool import Pool, UnreachableError
from riskstack.http_client.receivers import ExpiredError

LARGEST_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer that are taken in: more than Lambda's 6 MB, however they are escaped."""

_GOOD = range(200, 300)
_TOO_LARGE = 413
_INVOCATION_TYPE = "X-Amz-Invocation-Type"


@dataclass(frozen=True, slots=True)
class Target:
    """A function, and how it is called."""

    function_arn: str
    timeout_s: float
    """Seconds until the caller is told that the function was too slow."""
    invocation_type: str = "RequestResponse"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What an invocation gave: a payload and, where the function failed, the kind of its error."""

    payload: bytes
    function_error: str | None


@dataclass(frozen=True, slots=True)
class _Address:
    """Where a function is invoked."""

    url: str
    head: bytes
    """What every request to it begins with."""


class Functions(Protocol):
    """What the gateway asks of Lambda."""

    async def invoke(self, target: Target, payload: bytes, trace: str) -> bytes:
        """Call a function and give the payload that it answered.

        Raises:
            RefusedError: it failed, was too slow, or could not be called.
        """

    async def call(self, target: Target, payload: bytes, trace: str) -> Invocation:
        """Call a function and give what came of it; `trace` is the header X-Amzn-Trace-Id.

        Raises:
            RefusedError: it was too slow, or could not be called.
        """

    def close(self) -> None:
        """Close the connections."""


class Lambda:
    """Lambda's Invoke API, each call tried once, as API Gateway does."""

    def __init__(self, region: str) -> None:
        session = Session()
        # the SDK's client only tells where Lambda is
        client = session.create_client("lambda", region_name=region)
        endpoint = urlsplit(client.meta.endpoint_url)
        client.close()
        self._base = f"{endpoint.scheme}://{endpoint.netloc}"
        self._prefix = f"{endpoint.path.rstrip('/')}/2015-03-31/functions"
        self._host = endpoint.netloc
        self._addresses: dict[str, _Address] = {}
        self._signer = Signer(session.get_credentials(), "lambda", region)
        tls = None
        if endpoint.scheme == "https":
            bundle = session.get_config_variable("ca_bundle")
            tls = ssl.create_default_context(cafile=bundle or get_cert_path(verify=True))
        port = endpoint.port or (443 if tls else 80)
        self._pool = Pool(endpoint.hostname or "", port, tls)

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def url(self, function_arn: str) -> str:
        """Give where a function is invoked."""
        return self._address(function_arn).url

    async def invoke(self, target: Target, payload: bytes, trace: str) -> bytes:
        """Call a function and give the payload that it answered; see `Functions`."""
        invocation = await self.call(target, payload, trace)
        if invocation.function_error is not None:
            error = f"function error: {invocation.function_error}"
            raise RefusedError(INTERNAL_SERVER_ERROR, error)
        return invocation.payload

    async def call(self, target: Target, payload: bytes, trace: str) -> Invocation:
        """Call a function and give what came of it; see `Functions`."""
        address = self._addresses.get(target.function_arn) or self._address(target.function_arn)
        headers = {_INVOCATION_TYPE: target.invocation_type}
        try:
            signed = await self._signer.headers(address.url, headers, payload)
            # the SDK's signers leave the trace out, too
            request = b"%sX-Amzn-Trace-Id: %s\r\nContent-Length: %d\r\n%s\r\n" % (
                address.head,
                trace.encode("latin-1"),
                len(payload),
                signed,
            )
            head, answer = await self._pool.ask(
                request, payload, timeout_s=target.timeout_s, limit=LARGEST_ANSWER
            )
        except ExpiredError as error:
            cause = f"no answer within {target.timeout_s:g} s"
            raise RefusedError(INTEGRATION_TIMEOUT, cause) from error
        except (BotoCoreError, UnreachableError, DroppedError, BrokenOffError) as error:
            raise RefusedError(INTEGRATION_FAILURE, str(error)) from error
        if head.status not in _GOOD:
            response = REQUEST_TOO_LARGE if head.status == _TOO_LARGE else INTEGRATION_FAILURE
            raise RefusedError(response, _refusal(head, answer))
        return Invocation(answer, head.header(b"x-amz-function-error"))

    def _address(self, function_arn: str) -> _Address:
        """Give the address of a function, and keep it: an API has but a few."""
        path = f"{self._prefix}/{quote(function_arn, safe='')}/invocations"
        head = f"POST {path} HTTP/1.1\r\nHost: {self._host}\r\nUser-Agent: AmazonAPIGateway\r\n"
        address = _Address(self._base + path, head.encode())
        self._addresses[function_arn] = address
        return address


def _refusal(head: Head, answer: bytes) -> str:
    """Say for the log why Lambda refused a call."""
    kind = (head.header(b"x-amzn-errortype") or "no error type").partition(":")[0]
    try:
        document = json.loads(answer)
        # Lambda writes either
        message = document.get("Message") or document.get("message")
    except (ValueError, AttributeError):
        message = None
    return f"Lambda answered {head.status} {kind}: {message or 'no message'}"
