from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

import pytest
from boto3.dynamodb.types import TypeSerializer

from riskstack.contract.application import Answers, Application, Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import Tables, to_item
from router import handler as handler_module
from router.core import Scored
from router.endpoint import EndpointUnavailableError
from router.handler import Router, handler
from router.rules import RuleSet
from router.settings import Settings
from router.store import AlreadyRoutedError, StoreUnavailableError, TrailAheadError


class Endpoint:
    """Scores everybody alike, or nobody."""

    def __init__(self) -> None:
        self.down = False
        self.asked: list[int] = []

    def score(self, applicants: Sequence[Answers]) -> list[Scored]:
        self.asked.append(len(applicants))
        if self.down:
            raise EndpointUnavailableError("down")
        return [Scored(0.2, [], "m1") for _ in applicants]


class Store:
    """Notes what is written; some applications cannot be."""

    def __init__(self) -> None:
        self.written: dict[str, Transition] = {}
        self.errors: dict[str, Exception] = {}

    def write(self, transition: Transition) -> None:
        if transition.application_id in self.errors:
            raise self.errors[transition.application_id]
        self.written[transition.application_id] = transition


class Failures:
    """Notes what is set aside."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.down = False

    def send(self, record: Any, cause: str) -> None:  # noqa: ANN401 - any record
        if self.down:
            raise StoreUnavailableError("down")
        self.sent.append(f"{record['dynamodb']['SequenceNumber']}: {cause}")


class World:
    """A router with all that it talks to."""

    def __init__(self) -> None:
        self.endpoint = Endpoint()
        self.store = Store()
        self.failures = Failures()
        self.router = Router(
            settings=Settings(Tables("a", "b"), "http://queue", "e", 3),
            rules=RuleSet(),
            endpoint=cast("Any", self.endpoint),
            store=cast("Any", self.store),
            failures=cast("Any", self.failures),
            writers=ThreadPoolExecutor(2),
        )


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World()
    monkeypatch.setattr(handler_module, "build", lambda: made.router)
    yield made
    made.router.writers.shutdown()


def record(number: int, item: Any, name: str = "INSERT") -> dict[str, Any]:  # noqa: ANN401 - any item
    image = {key: TypeSerializer().serialize(value) for key, value in item.items()}
    return {
        "eventID": f"e-{number}",
        "eventName": name,
        "dynamodb": {"SequenceNumber": str(number), "NewImage": image},
    }


def applications(application: Application, count: int) -> list[Application]:
    return [replace(application, application_id=f"app-{number}") for number in range(count)]


def failed(answer: Any) -> list[str]:  # noqa: ANN401 - a batch answer
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_batch_is_scored_in_one_request(world: World, application: Application) -> None:
    first, second, minor = applications(application, 3)
    minor = replace(minor, answers=replace(minor.answers, age=15))
    records = [record(n, to_item(a)) for n, a in enumerate((first, second, minor))]
    assert failed(handler({"Records": records}, None)) == []
    assert world.endpoint.asked == [2]
    outcomes = {name: step.after for name, step in world.store.written.items()}
    assert outcomes == {
        "app-0": Status.IN_REVIEW,
        "app-1": Status.IN_REVIEW,
        "app-2": Status.REJECTED,
    }


def test_what_is_not_new_is_passed_over(world: World, application: Application) -> None:
    others = [
        replace(application, status=status) for status in Status if status is not Status.RECEIVED
    ]
    records = [record(n, to_item(a), "MODIFY") for n, a in enumerate(others)]
    records.append({"eventName": "REMOVE", "dynamodb": {"SequenceNumber": "99"}})
    assert failed(handler({"Records": records}, None)) == []
    assert world.store.written == {}
    assert world.endpoint.asked == []


def test_without_scores_only_the_rejections_are_written(
    world: World, application: Application
) -> None:
    world.endpoint.down = True
    good, minor = applications(application, 2)
    minor = replace(minor, answers=replace(minor.answers, age=15))
    records = [record(1, to_item(good)), record(2, to_item(minor))]
    assert failed(handler({"Records": records}, None)) == ["1"]
    assert list(world.store.written) == ["app-1"]


def test_a_poison_record_is_set_aside_and_blocks_nobody(
    world: World, application: Application
) -> None:
    records = [record(1, {"application_id": "app-x"}), record(2, to_item(application))]
    assert failed(handler({"Records": records}, None)) == []
    assert world.failures.sent[0].startswith("1: not an application")
    assert list(world.store.written) == [application.application_id]


def test_a_record_without_an_image_is_set_aside(world: World) -> None:
    bare = {"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1"}}
    assert failed(handler({"Records": [bare]}, None)) == []
    assert world.failures.sent == ["1: 'NewImage'"]


def test_a_poison_record_waits_for_the_failure_queue(world: World) -> None:
    world.failures.down = True
    assert failed(handler({"Records": [record(1, {"application_id": "x"})]}, None)) == ["1"]


def test_a_second_delivery_changes_nothing(world: World, application: Application) -> None:
    world.store.errors = {application.application_id: AlreadyRoutedError()}
    assert failed(handler({"Records": [record(1, to_item(application))]}, None)) == []


def test_an_application_behind_its_trail_is_set_aside_and_not_taken_as_done(
    world: World, application: Application
) -> None:
    world.store.errors = {application.application_id: TrailAheadError("the trail is ahead")}
    records = [record(1, to_item(application))]
    assert failed(handler({"Records": records}, None)) == []
    assert world.failures.sent == ["1: the trail is ahead"]
    world.failures.down = True
    assert failed(handler({"Records": records}, None)) == ["1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"bad_record": "yes"},
        {"amount": Decimal("1e29")},
        {"price": Decimal("1e125")},
        {"age": "36"},
    ],
)
def test_answers_that_can_never_be_routed_are_set_aside_and_block_nobody(
    world: World, application: Application, wrong: dict[str, Any]
) -> None:
    bad, good = applications(application, 2)
    item = to_item(bad)
    item["answers"] |= wrong
    assert failed(handler({"Records": [record(1, item), record(2, to_item(good))]}, None)) == []
    assert world.failures.sent[0].startswith("1: not an application")
    assert list(world.store.written) == ["app-1"]


def test_a_write_that_fails_is_delivered_again(world: World, application: Application) -> None:
    first, second = applications(application, 2)
    world.store.errors = {"app-1": StoreUnavailableError("throttled")}
    records = [record(1, to_item(first)), record(2, to_item(second))]
    assert failed(handler({"Records": records}, None)) == ["2"]
    assert list(world.store.written) == ["app-0"]


@pytest.mark.usefixtures("empty_aws")
def test_the_parts_are_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "APPLICATIONS_TABLE": "a",
        "AUDIT_TABLE": "b",
        "FAILURE_QUEUE_URL": "http://queue",
        "RISK_ENDPOINT": "e",
        "MODEL_REASONS": "2",
    }.items():
        monkeypatch.setenv(name, value)
    handler_module.build.cache_clear()
    built = handler_module.build()
    assert handler_module.build() is built
    assert built.settings.model_reasons == 2
    handler_module.build.cache_clear()
