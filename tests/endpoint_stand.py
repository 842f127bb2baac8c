"""A stand for tests of the runtime API: one endpoint of any kind, and a stock client of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import requests
from botocore.config import Config

from hosting.live import Instance, LiveEndpoint, LiveVariant
from tests.hosting_stand import DEADLINE_S, HttpContainer, wait_until
from tests.runtime_stand import RuntimeStand

if TYPE_CHECKING:
    from mypy_boto3_sagemaker_runtime import SageMakerRuntimeClient


class Stand(RuntimeStand):
    """Hosting with two containers behind it, and one endpoint that a test makes of them."""

    def __init__(self, session: boto3.Session, folder: Path) -> None:
        self.first = HttpContainer()
        self.second = HttpContainer()
        super().__init__(folder, {"first": self.first.url, "second": self.second.url})
        self.url = ""
        self._session = session

    @contextmanager
    def serving(
        self, make: Callable[["Stand"], LiveEndpoint]
    ) -> Iterator["SageMakerRuntimeClient"]:
        """Serve an endpoint; give a client."""
        with self.first.running(), self.second.running():
            self.connect()
            endpoint = make(self)
            self.live.in_service[endpoint.name] = endpoint
            with self.served() as self.url:
                wait_until(lambda: len(self.states()) == 2)
                client = self._session.client(
                    "sagemaker-runtime",
                    endpoint_url=self.url,
                    config=Config(
                        retries={"total_max_attempts": 1},
                        read_timeout=DEADLINE_S,
                        # what botocore would find out by itself is to reach hosting
                        parameter_validation=False,
                    ),
                )
                try:
                    yield client
                finally:
                    client.close()

    def variant(self, name: str, *models: str, **members: Any) -> LiveVariant:  # noqa: ANN401 - members are of many types
        """Give a variant whose one instance has the containers of these models."""
        members.setdefault("weight", 1.0)
        containers = {f"{model}-host": self.containers[model] for model in models}
        instance = Instance(name, containers, running=members.pop("running", {}))
        return LiveVariant(name=name, model_name="model", instances=[instance], **members)

    def metric(self, name: str) -> float:
        """Give the value of a metric's line."""
        [value] = re.findall(
            rf"^{re.escape(name)} (\S+)$",
            requests.get(f"{self.url}/metrics", timeout=DEADLINE_S).text,
            re.MULTILINE,
        )
        return float(value)


def plain(stand: Stand) -> LiveEndpoint:
    return LiveEndpoint("risk", (stand.variant("AllTraffic", "first"),))
