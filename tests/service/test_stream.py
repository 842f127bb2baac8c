"""The event source mapping over a real LocalStack: the cases that hold over the rules hold here.

LocalStack runs as docker-compose.yml says, with SNS besides, in a container of its own.
"""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
import requests
import yaml

from riskstack.emulator.event_source_mapping import Settings, destination
from stack.compose import engine_answers
from tests.left_out import leave_out
from tests.stream_stand import (
    OK,
    THROWN,
    Case,
    Recorder,
    Table,
    each_case,
    make_source,
    polling,
    run_by_poller,
    wait_until,
)

ROOT = Path(__file__).parents[2]
HEALTHY = {"available", "running"}
SERVICES = ("dynamodb", "dynamodbstreams", "s3", "sns", "sqs")


class Container:
    """A LocalStack of these tests alone."""

    def __init__(self) -> None:
        declared = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
        localstack = declared["localstack"]
        variables = {**localstack["environment"], "SERVICES": ",".join(SERVICES)}
        environment = [f"--env={name}={value}" for name, value in variables.items()]
        port = "--publish=127.0.0.1::4566"
        self._id = docker("run", "--detach", port, *environment, localstack["image"])

    @property
    def url(self) -> str:
        """Where it answers; another port after a restart."""
        return f"http://{docker('port', self._id, '4566/tcp').splitlines()[0]}"

    def wait(self) -> None:
        """Wait until every service may be asked."""

        def healthy() -> bool:
            try:
                answer = requests.get(f"{self.url}/_localstack/health", timeout=5).json()
            except requests.RequestException:
                return False
            return {answer["services"].get(name) for name in SERVICES} <= HEALTHY

        wait_until(healthy, "LocalStack")

    def kill(self) -> None:
        """Kill it as a crash does, and start it again."""
        docker("kill", self._id)
        docker("start", self._id)
        self.wait()

    def remove(self) -> None:
        """Take it away with its data."""
        docker("rm", "--force", "--volumes", self._id)


def docker(*arguments: str) -> str:
    done = subprocess.run(
        ["docker", *arguments],  # noqa: S607 - the user's own docker
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def container() -> Iterator[Container]:
    if not engine_answers():
        leave_out("the mapping over LocalStack", "no Docker Engine answers here")
    container = Container()
    try:
        container.wait()
        yield container
    finally:
        container.remove()


@pytest.fixture
def localstack(container: Container, monkeypatch: pytest.MonkeyPatch) -> Container:
    """A LocalStack that the SDK's variables point to."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", container.url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return container


@pytest.fixture
def table(localstack: Container) -> Table:
    assert localstack.url
    return Table.create(f"t-{uuid4()}")


def settings(table: Table, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    given = {"stream_arn": table.stream_arn, "starting_position": "TRIM_HORIZON", **changes}
    return Settings(**given)


@each_case
def test_the_case_holds_over_localstack(case: Case, table: Table, tmp_path: Path) -> None:
    case.check(run_by_poller(case, table, tmp_path))


def test_a_mapping_goes_on_after_restarts_of_its_own(table: Table, tmp_path: Path) -> None:
    seen: list[str] = []
    for names in ("a1 b1", "a2 c1", "b2"):
        table.put(names)
        recorder = Recorder(lambda _call, _before: OK)
        with polling(make_source(recorder, settings(table), tmp_path)):
            wait_until(lambda recorder=recorder, names=names: recorder.ids == names.split())  # type: ignore[misc] # bound
        seen += recorder.ids
    assert seen == ["a1", "b1", "a2", "c1", "b2"]


def test_latest_begins_where_the_stream_ends(table: Table, tmp_path: Path) -> None:
    table.put("a1")
    table.wait_for(1)
    recorder = Recorder(lambda _call, _before: OK)
    latest = settings(table, starting_position="LATEST")
    with polling(make_source(recorder, latest, tmp_path)):
        wait_until(lambda: bool(list(tmp_path.rglob("beginning"))))
        for change in range(2, 10):
            # what comes while a mapping begins may be missed, on AWS too
            table.put(f"a{change}")
        wait_until(lambda: "a9" in recorder.ids)
    assert "a1" not in recorder.ids


def _queue() -> tuple[str, Callable[[], str]]:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName=f"q-{uuid4()}")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])

    def body() -> str:
        messages = sqs.receive_message(QueueUrl=url).get("Messages", [])
        return messages[0]["Body"] if messages else ""

    return asked["Attributes"]["QueueArn"], body


def _topic() -> tuple[str, Callable[[], str]]:
    queue, body = _queue()
    sns = boto3.client("sns")
    topic = sns.create_topic(Name=f"t-{uuid4()}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    def message() -> str:
        found = body()
        return str(json.loads(found)["Message"]) if found else ""

    return topic, message


def _bucket() -> tuple[str, Callable[[], str]]:
    s3 = boto3.client("s3")
    name = f"b-{uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})

    def body() -> str:
        found = s3.list_objects_v2(Bucket=name).get("Contents", [])
        return (
            s3.get_object(Bucket=name, Key=found[0]["Key"])["Body"].read().decode() if found else ""
        )

    return f"arn:aws:s3:::{name}", body


@pytest.mark.parametrize("make", [_queue, _topic, _bucket])
def test_the_destination_is_told(
    make: Callable[[], tuple[str, Callable[[], str]]], table: Table, tmp_path: Path
) -> None:
    arn, body = make()
    table.put("p1")
    recorder = Recorder(lambda _call, _before: THROWN)
    limited = settings(table, maximum_retry_attempts=1, on_failure_arn=arn)
    told = destination(arn, boto3.client)  # type: ignore[arg-type] # any of boto3's clients
    found: list[str] = []

    def came() -> bool:
        found.append(body())
        return bool(found[-1])

    with polling(make_source(recorder, limited, tmp_path, destination=told)):
        wait_until(came, "the notice")
    notice = json.loads(found[-1])
    assert notice["requestContext"]["approximateInvokeCount"] == 2
    assert notice["DDBStreamBatchInfo"]["streamArn"] == table.stream_arn
    assert notice["DDBStreamBatchInfo"]["batchSize"] == 1
    assert ("payload" in notice) == (make is _bucket)


def test_a_killed_localstack_loses_nothing(
    localstack: Container, table: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(lambda _call, _before: OK)
    table.put("a1 b1")
    with polling(make_source(recorder, settings(table), tmp_path)):
        wait_until(lambda: recorder.ids == ["a1", "b1"])
    localstack.kill()
    # the engine publishes another port
    monkeypatch.setenv("AWS_ENDPOINT_URL", localstack.url)
    table.put("a2")
    again = Recorder(lambda _call, _before: OK)
    with polling(make_source(again, settings(table), tmp_path)):
        wait_until(lambda: again.ids == ["a2"])
