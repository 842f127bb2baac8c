"""The stack on AWS, for those end-to-end tests that only use it (deployment/proof.py).

Not: what tests do to a stack on this machine; nothing is stopped or killed there.
"""

import os
from typing import Any, NoReturn

import boto3
from botocore.config import Config

from seed.client import Address
from tests.left_out import leave_out
from tests.running_stack import RunningStack

IS_WANTED = os.environ.get("E2E_STACK") == "deployed"


class DeployedStack(RunningStack):
    """What `make deploy` has deployed; the SDK finds everything by itself."""

    def __init__(self) -> None:
        self.mode = "deployed"
        # no console is deployed
        self.address = Address(
            os.environ["RISKSTACK_URL"], os.environ["RISKSTACK_API_KEY"], console=""
        )

    def client(self, service: str, **settings: Any) -> Any:  # noqa: ANN401 - any boto3 client
        """Make a stock boto3 client."""
        return boto3.client(service, config=Config(**settings))  # type: ignore[call-overload] # any service

    def __getattr__(self, name: str) -> NoReturn:
        """Leave out a test that wants what is not there, such as the settings of this machine."""
        leave_out("a test of a stack on this machine", f"a deployed one has no {name}")
