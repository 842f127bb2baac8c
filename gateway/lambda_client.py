"""Calls functions by Lambda's Invoke API, through boto3: the one part that talks to the network.

Where Lambda is, the SDK reads from its own variable AWS_ENDPOINT_URL_LAMBDA; without it, AWS.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

from gateway.gateway_response import (
    INTEGRATION_FAILURE,
    INTEGRATION_TIMEOUT,
    INTERNAL_SERVER_ERROR,
    REQUEST_TOO_LARGE,
    RefusedError,
)

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_TOO_LARGE = 413


class Functions(Protocol):
    """What the gateway asks of Lambda."""

    def invoke(self, function_arn: str, event: bytes, timeout: float) -> bytes:
        """Call a function and give the payload that it answered.

        Raises:
            RefusedError: it failed, took longer than `timeout` seconds, or could not be called.
        """

    def close(self) -> None:
        """Close the connections."""


class Lambda:
    """Lambda's Invoke API, each call tried once, as API Gateway does."""

    def __init__(self, region: str, timeouts: Iterable[float], connections: int) -> None:
        """Make one client for each timeout: a client's cannot be changed from call to call."""
        session = boto3.session.Session(region_name=region)
        self._clients: dict[float, LambdaClient] = {
            timeout: session.client(
                "lambda",
                config=Config(
                    connect_timeout=timeout,
                    read_timeout=timeout,
                    retries={"total_max_attempts": 1},
                    max_pool_connections=connections,
                    tcp_keepalive=True,
                    # Lambda judges the call; checking it here first costs time, and so does
                    # composing the SDK's long name for itself in every call
                    parameter_validation=False,
                    user_agent="AmazonAPIGateway",
                ),
            )
            for timeout in timeouts
        }

    def invoke(self, function_arn: str, event: bytes, timeout: float) -> bytes:
        """Call a function and give the payload that it answered.

        Raises:
            RefusedError: it failed, took longer than `timeout` seconds, or could not be called.
        """
        try:
            result = self._clients[timeout].invoke(FunctionName=function_arn, Payload=event)
            payload = result["Payload"].read()
        except ReadTimeoutError as error:
            raise RefusedError(INTEGRATION_TIMEOUT, str(error)) from error
        except ClientError as error:
            too_large = error.response["ResponseMetadata"]["HTTPStatusCode"] == _TOO_LARGE
            response = REQUEST_TOO_LARGE if too_large else INTEGRATION_FAILURE
            raise RefusedError(response, str(error)) from error
        except BotoCoreError as error:
            raise RefusedError(INTEGRATION_FAILURE, str(error)) from error
        if "FunctionError" in result:
            raise RefusedError(INTERNAL_SERVER_ERROR, f"function error: {result['FunctionError']}")
        return payload

    def close(self) -> None:
        """Close the connections."""
        for client in self._clients.values():
            client.close()
