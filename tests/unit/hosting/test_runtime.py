"""InvokeEndpoint between a request and a container: the order of things, and every way to fail."""

import asyncio
from collections.abc import Mapping

import pytest

from hosting.container import (
    ContainerAnswer,
    ContainerBodyError,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.endpoint import Endpoint, Model, Variant
from hosting.errors import ModelError, ServiceUnavailableError, ValidationError
from hosting.health import Health, State
from hosting.invocation import PAYLOAD_LIMIT
from hosting.runtime import Account, Measures, Request, Runtime
from hosting.watch import WatchedContainer
from tests.hosting_stand import MemoryContainer, ReadableLog

MODELS = {name: Model(name, f"{name}-container") for name in ("old", "new", "other")}
ENDPOINTS = {
    "risk": Endpoint("risk", (Variant("a", MODELS["old"], 1), Variant("b", MODELS["new"], 3))),
    "fraud": Endpoint("fraud", (Variant("AllTraffic", MODELS["other"], 1),)),
}
HEALTHY = Health(State.HEALTHY, 0, "")


class Stand:
    """A runtime with three containers in memory, all healthy."""

    def __init__(self, point: float = 0.0) -> None:
        self.containers = {name: MemoryContainer() for name in MODELS}
        self.watched = {
            name: WatchedContainer(name, container, ReadableLog().logger)
            for name, container in self.containers.items()
        }
        for watched in self.watched.values():
            watched.health = HEALTHY
        self.runtime = Runtime(
            Account("123456789012", "eu-central-1"), ENDPOINTS, self.watched, lambda: point
        )
        self.measures = Measures()

    def invoke(
        self,
        endpoint: str = "risk",
        headers: Mapping[bytes, bytes] | None = None,
        size: int | None = None,
    ) -> tuple[str, bytes]:
        body = b"1,2"
        request = Request(
            "4bf1", endpoint, (headers or {}).items(), body, len(body) if size is None else size
        )
        variant, answer = asyncio.run(self.runtime.invoke_endpoint(request, self.measures))
        return variant.name, answer.body


@pytest.mark.parametrize(("point", "variant", "model"), [(0.2, "a", "old"), (0.3, "b", "new")])
def test_the_dice_choose_by_weight(point: float, variant: str, model: str) -> None:
    stand = Stand(point)
    stand.containers[model].outcome = ContainerAnswer(200, None, None, b"mine")
    assert stand.invoke() == (variant, b"mine")
    assert stand.measures.variant == variant


def test_a_target_goes_before_the_dice() -> None:
    stand = Stand(0.2)
    assert stand.invoke(headers={b"x-amzn-sagemaker-target-variant": b"b"})[0] == "b"


def test_the_container_gets_headers_and_body() -> None:
    stand = Stand()
    stand.invoke(headers={b"content-type": b"text/csv", b"user-agent": b"Boto3"})
    assert stand.containers["old"].invocations == [({"Content-Type": "text/csv"}, b"1,2")]


@pytest.mark.parametrize(
    ("endpoint", "headers", "message"),
    [
        ("no", {}, "Endpoint no of account 123456789012 not found."),
        (
            "risk",
            {b"x-amzn-sagemaker-target-variant": b"c"},
            "Variant c of endpoint risk of account 123456789012 not found.",
        ),
    ],
)
def test_what_is_not_there_is_named(
    endpoint: str, headers: dict[bytes, bytes], message: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        Stand().invoke(endpoint, headers)
    assert raised.value.message == message


def test_an_oversize_body_goes_to_no_container() -> None:
    stand = Stand()
    with pytest.raises(ValidationError, match="Request 4bf1 has oversize body"):
        stand.invoke(size=PAYLOAD_LIMIT + 1)
    assert not stand.containers["old"].invocations


def test_an_endpoint_is_in_service_when_all_its_containers_have_answered() -> None:
    stand = Stand()
    stand.watched["new"].health = Health(State.STARTING, 0, "refused")
    with pytest.raises(ServiceUnavailableError) as raised:
        stand.invoke("risk")
    assert raised.value.message == (
        "Endpoint risk of account 123456789012 is not in service: container new-container of model"
        " new is starting (refused). Try your call again."
    )
    assert stand.invoke("fraud") == ("AllTraffic", b"0.5")


def test_an_unhealthy_container_is_still_tried() -> None:
    stand = Stand()
    stand.watched["old"].health = Health(State.UNHEALTHY, 0, "slow")
    assert stand.invoke() == ("a", b"0.5")
    assert stand.watched["old"].health == HEALTHY


@pytest.mark.parametrize(
    ("outcome", "status", "text", "failure"),
    [
        (ContainerAnswer(199, None, None, b"?"), 199, "server error (199) from old-container", ""),
        (ContainerAnswer(302, None, None, b"?"), 302, "server error (302) from old-container", ""),
        (ContainerAnswer(415, None, None, b"?"), 415, "client error (415) from old-container", ""),
        (ContainerAnswer(500, None, None, b"?"), 500, "server error (500) from old-container", ""),
        (ContainerTimeoutError("60 s"), 0, "Your invocation timed out", "60 s"),
        (ContainerUnreachableError("refused"), 0, "could not get a response", "refused"),
        (ContainerBodyError(500, "cut"), 500, "could not load the entire response", "cut"),
    ],
)
def test_a_failure_of_the_container_is_a_model_error(
    outcome: ContainerAnswer | Exception, status: int, text: str, failure: str
) -> None:
    stand = Stand()
    stand.containers["old"].outcome = outcome
    with pytest.raises(ModelError) as raised:
        stand.invoke()
    assert raised.value.original_status == status
    assert text in raised.value.message
    assert raised.value.log_stream_arn == (
        "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/sagemaker/Endpoints/risk"
    )
    assert (stand.measures.variant, stand.measures.failure) == ("a", failure)


@pytest.mark.parametrize("status", [200, 204, 299])
def test_every_2xx_is_a_success(status: int) -> None:
    stand = Stand()
    stand.containers["old"].outcome = ContainerAnswer(status, None, None, b"")
    assert stand.invoke() == ("a", b"")


def test_tells_which_containers_are_not_healthy() -> None:
    stand = Stand()
    assert stand.runtime.not_healthy() == {}
    stand.watched["new"].health = Health(State.UNHEALTHY, 0, "refused")
    stand.watched["old"].health = Health()
    assert stand.runtime.not_healthy() == {
        "old": "starting: it was not asked yet",
        "new": "unhealthy: refused",
    }
