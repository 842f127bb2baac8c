"""The whole stack as the end-to-end tests see it: started once a mode, beside any other stack."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import boto3
import botocore.session
import requests
from botocore.config import Config

from seed.client import Address, Client
from seed.render.request import Request
from stack import model
from stack.compose import Compose
from stack.embedded import Embedded
from stack.ports import is_free
from stack.settings import Settings

Answer = TypeVar("Answer")

_PORTS = (
    "GATEWAY_PORT",
    "CONSOLE_PORT",
    "HOSTING_PORT",
    "ETL_PORT",
    "ROUTER_PORT",
    "HTTP_API_PORT",
    "MODEL_SERVER_PORT",
    "EMULATOR_PORT",
)
_BELOW_EPHEMERAL_PORTS = range(28000, 32000, len(_PORTS))


class RunningStack:
    """The stack in one of its two modes, with what tests do to it."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.settings = Settings({**Settings.read().values, **_own_settings()})
        self.address = Address.from_environment(self.settings.exports())
        self._stack = Compose(self.settings) if mode == "compose" else Embedded(self.settings)

    @contextmanager
    def started(self) -> Iterator["RunningStack"]:
        """Start the stack without data, and remove everything at the end."""
        self._stack.clean()
        if not model.is_current():
            model.train(self._stack.train)
        try:
            self.up()
            yield self
        finally:
            self._stack.clean()

    def up(self) -> None:
        """Start what does not run."""
        self._stack.up(lambda _line: None)

    def down(self) -> None:
        """Stop everything; the data stays."""
        self._stack.down()

    def stop(self, service: str) -> None:
        """Stop a service in order."""
        self._stack.stop(service)

    def start(self, service: str) -> None:
        """Start a service again."""
        self._stack.start(service)

    def kill(self, service: str) -> None:
        """Kill a service; it comes up again by itself."""
        self._stack.kill(service)

    @contextmanager
    def model_image(self, image: str) -> Iterator[None]:
        """Serve the declared endpoint's model with another image until the end of the block."""
        other = Settings({**self.settings.values, "MODEL_SERVER_IMAGE": image})
        Compose(other).start("model_server")
        try:
            yield
        finally:
            self._stack.start("model_server")

    def client(self, service: str, **settings: Any) -> Any:  # noqa: ANN401 - any boto3 client
        """Make a stock boto3 client as a shell with `make env` would."""
        exports = self.settings.exports()
        service_id = botocore.session.get_session().get_service_model(service).service_id
        variable = f"AWS_ENDPOINT_URL_{service_id.replace(' ', '_').upper()}"
        return boto3.client(
            service,  # type: ignore[call-overload] # any service
            endpoint_url=exports.get(variable, exports["AWS_ENDPOINT_URL"]),
            region_name=exports["AWS_DEFAULT_REGION"],
            aws_access_key_id=exports["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exports["AWS_SECRET_ACCESS_KEY"],
            config=Config(**settings),
        )

    def post(self, request: Request, **headers: str) -> requests.Response:
        """Post a request with the API key, and further headers."""
        return requests.post(
            self.address.api + request.path,
            data=request.body,
            headers={"x-api-key": self.address.api_key, **request.headers, **headers},
            timeout=30,
        )

    def submit_all(self, sent: list[Request], senders: int = 8) -> list[dict[str, Any]]:
        """Send applications at once, each as often as it takes to be accepted."""
        with ThreadPoolExecutor(senders) as pool:
            return list(pool.map(self.submit, sent))

    def submit(self, request: Request) -> dict[str, Any]:
        """Send one application until it is accepted, as a channel with a queue of its own does."""

        def attempt() -> dict[str, Any] | None:
            try:
                answer = self.post(request)
            except requests.RequestException:
                return None
            assert answer.ok or answer.status_code >= 500, answer.text
            if not answer.ok:
                return None
            body: dict[str, Any] = answer.json()
            first: dict[str, Any] = body["applications"][0] if "applications" in body else body
            return first if "application_id" in first else None

        return wait_for(attempt, 120.0, f"{request.path} was never accepted")

    def outcome(
        self, application_id: str, patience: float = 60.0, but_not: str = "received"
    ) -> dict[str, Any]:
        """Wait for an application's outcome."""
        client = Client(self.address)
        return wait_for(
            lambda: _unless(client.status(application_id), {"received", but_not}),
            patience,
            f"{application_id} came to no outcome",
        )

    def item(self, application_id: str) -> dict[str, Any]:
        """Read an application's item."""
        key = {"application_id": {"S": application_id}}
        answer = self.client("dynamodb").get_item(
            TableName="riskstack-applications", Key=key, ConsistentRead=True
        )
        item: dict[str, Any] = answer["Item"]
        return item

    def audit_trail(self, application_id: str) -> list[Mapping[str, Any]]:
        """Read an application's audit events, in order."""
        answer = self.client("dynamodb").query(
            TableName="riskstack-audit",
            KeyConditionExpression="application_id = :id",
            ExpressionAttributeValues={":id": {"S": application_id}},
            ConsistentRead=True,
        )
        events: list[Mapping[str, Any]] = answer["Items"]
        return events


def wait_for(attempt: Callable[[], Answer | None], patience: float, otherwise: str) -> Answer:
    """Try until there is an answer, or fail."""
    deadline = time.monotonic() + patience
    while (answer := attempt()) is None:
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.02)
    return answer


def _own_settings() -> dict[str, str]:
    """Give the tests a stack of their own, which disturbs none that runs on this machine."""
    blocks = (range(first, first + len(_PORTS)) for first in _BELOW_EPHEMERAL_PORTS)
    free = next(block for block in blocks if all(map(is_free, block)))
    ports = dict(zip(_PORTS, map(str, free), strict=True))
    return {"STACK_NAME": "riskstack-test", "METRIC_PERIOD_SECONDS": "2", **ports}


def _unless(status: dict[str, Any], passing: set[str]) -> dict[str, Any] | None:
    return None if status["status"] in passing else status
