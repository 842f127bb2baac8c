"""The whole chain in one process: a client's request in, a decision and its audit trail out.

Each part is the one that runs in the stack, served in a thread, and finds the others only through
the SDK's own variables. What is not there: containers, supervisor, other processes.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import requests
import uvicorn
import xgboost
from aws_lambda_powertools import Logger

from hosting.app import create_app as create_hosting
from hosting.settings import Settings as HostingSettings
from model_server.model.folder import FILE_NAME
from model_server.serving.server import configure
from model_server.settings import Settings as ModelSettings
from riskstack.contract.features import FEATURES, vector
from riskstack.contract.record import Tables
from riskstack.emulator import event_source_mapping
from riskstack.emulator.event_source_mapping import Pollers
from riskstack.emulator.function import declaration, read
from riskstack.emulator.lambda_api import Service
from riskstack.emulator.lambda_api import create_app as create_lambda
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from seed import dataset
from seed.render import RENDERERS
from seed.render.request import Request
from seed.samples import samples
from tests import gateway_stand
from tests.hosting_stand import ReadableLog, served, wait_until
from tests.running_stack import wait_for

Sample = Callable[..., Request]

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
TRAINING_ROWS = 600
ROUNDS = 8
PATIENCE_S = 60.0
DATA_SERVICES = ("DYNAMODB", "DYNAMODB_STREAMS", "SQS")


class ModelServer:
    """model_server on one port, to be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self._settings = ModelSettings(base=folder, host="127.0.0.1", port=0, log_level="INFO")
        self._server: uvicorn.Server
        self._thread: threading.Thread

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._settings.port}"

    def start(self) -> None:
        server = self._server = uvicorn.Server(configure(self._settings))
        self._thread = threading.Thread(target=server.run)
        self._thread.start()
        wait_until(lambda: server.started or not self._thread.is_alive())
        port = server.servers[0].sockets[0].getsockname()[1]
        self._settings = replace(self._settings, port=port)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()


@dataclass(frozen=True)
class Endpoint:
    """hosting in front of model_server."""

    url: str
    container: ModelServer
    log: ReadableLog

    @property
    def statuses(self) -> list[object]:
        """What was answered to each invocation so far."""
        return [line["status"] for line in self.log.lines("invocation")]


@dataclass(frozen=True)
class Chain:
    """The API at the chain's front, the tables at its back."""

    api: str
    tables: Tables

    def post(self, request: Request) -> requests.Response:
        return requests.post(
            self.api + request.path,
            data=request.body,
            headers={"x-api-key": gateway_stand.KEY, **request.headers},
            timeout=PATIENCE_S,
        )

    def submit(self, request: Request, expected: HTTPStatus = HTTPStatus.ACCEPTED) -> str:
        """Send an application; give its id."""
        return str(self.receipt(request, expected)["application_id"])

    def receipt(
        self, request: Request, expected: HTTPStatus = HTTPStatus.ACCEPTED
    ) -> dict[str, Any]:
        """Send an application; give what is answered to it, alone or in a batch."""
        answer = self.post(request)
        body: dict[str, Any] = answer.json()
        # a batch has an answer for each document, and one status for all
        assert answer.status_code == (202 if "applications" in body else expected), answer.text
        return body["applications"][0] if "applications" in body else body

    def status(self, application_id: str) -> dict[str, Any]:
        answer = requests.get(
            f"{self.api}/applications/{application_id}",
            headers={"x-api-key": gateway_stand.KEY},
            timeout=PATIENCE_S,
        )
        assert answer.status_code == HTTPStatus.OK, answer.text
        status: dict[str, Any] = answer.json()
        return status

    def outcome(self, application_id: str) -> dict[str, Any]:
        """Wait until an application is decided."""

        def decided() -> dict[str, Any] | None:
            status = self.status(application_id)
            return None if status["status"] in {"received", "incomplete"} else status

        return wait_for(decided, PATIENCE_S, f"{application_id} came to no outcome")

    def applications(self) -> list[Mapping[str, Any]]:
        items: list[Mapping[str, Any]] = self._table(self.tables.applications).scan()["Items"]
        return items

    def trail(self, application_id: str) -> list[Mapping[str, Any]]:
        events: list[Mapping[str, Any]] = self._table(self.tables.audit).query(
            KeyConditionExpression="application_id = :id",
            ExpressionAttributeValues={":id": application_id},
        )["Items"]
        return events

    def _table(self, name: str) -> Any:  # noqa: ANN401 - any of boto3's resources
        return boto3.resource("dynamodb").Table(name)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like /opt/ml with a small model in it."""
    rows = list(islice(dataset.rows(), TRAINING_ROWS))
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1, "seed": 7},
        xgboost.DMatrix(
            np.array([vector(row.answers) for row in rows], np.float32),
            np.array([row.bad for row in rows], np.float32),
            nthread=1,
        ),
        num_boost_round=ROUNDS,
    )
    folder = tmp_path_factory.mktemp("opt-ml")
    (folder / "model").mkdir()
    (folder / "model" / FILE_NAME).write_bytes(booster.save_raw("ubj"))
    return folder


@pytest.fixture(scope="module")
def endpoint(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """The endpoint of deploy/endpoint.yaml, in service."""
    container, log = ModelServer(model), ReadableLog()
    container.start()
    settings = HostingSettings(
        host="127.0.0.1",
        port=0,
        endpoints_file=ROOT / "deploy" / "endpoint.yaml",
        containers={"credit-risk": container.url},
        account_id=ACCOUNT,
        region=REGION,
        log_level="INFO",
        invocation_timeout_s=PATIENCE_S,
        state=tmp_path_factory.mktemp("hosting"),
    )
    try:
        with served(create_hosting(settings, log.logger)) as url:
            wait_until(lambda: requests.get(f"{url}/health", timeout=PATIENCE_S).ok)
            yield Endpoint(url, container, log)
    finally:
        container.stop()


@pytest.fixture
def chain(
    aws: str,
    data_resolver: Resolver,
    endpoint: Endpoint,
    tables: Tables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Chain]:
    """The whole chain, its tables empty."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    for service in DATA_SERVICES:
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", endpoint.url)
    pseudo = pseudo_parameters(REGION, ACCOUNT)
    template = Template.read(ROOT / "deploy" / "app.yaml")
    resolver = Resolver(template, ExistingResources(pseudo), pseudo, imports=data_resolver)

    def function(name: str) -> tuple[Service, Pollers]:
        properties = resolver.resolve(declaration(template, name))
        service = Service(read(properties, REGION, ACCOUNT), dict(os.environ))
        return service, event_source_mapping.pollers(
            event_source_mapping.declared(properties),
            function_arn=service.function.arn,
            invoke=service.invoke_from_thread,
            state=tmp_path,
            logger=Logger(service="lambda"),
        )

    with ExitStack() as running:
        etl_url = running.enter_context(served(create_lambda(*function("riskstack-etl"))))
        running.enter_context(served(create_lambda(*function("riskstack-router"))))
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", etl_url)
        port = running.enter_context(gateway_stand.gateway())
        yield Chain(f"http://127.0.0.1:{port}/{gateway_stand.SETTINGS.stage}", tables)


@pytest.fixture
def expected_score(model: Path) -> Callable[[int], float]:
    """Gives what the model itself says of the sample of a row."""
    booster = xgboost.Booster()
    booster.load_model(bytearray((model / "model" / FILE_NAME).read_bytes()))

    def score(row: int) -> float:
        answers = next(islice(samples(), row, None))
        features = np.array([vector(answers)], np.float32)
        return float(booster.inplace_predict(features, validate_features=False)[0])

    return score


@pytest.mark.parametrize("payload", RENDERERS)
def test_an_application_comes_to_review_with_score_and_reasons(
    chain: Chain,
    sample: Sample,
    expected_score: Callable[[int], float],
    payload: str,
) -> None:
    request = sample(payload)
    receipt = chain.receipt(request)
    assert (receipt["status"], receipt["open_questions"]) == ("received", [])
    outcome = chain.outcome(receipt["application_id"])
    assert outcome["status"] == "in_review"
    assert outcome["channel"] == request.path.rpartition("/")[2]
    assert outcome["version"] == 2
    assert outcome["score"] == pytest.approx(expected_score(0), rel=1e-5)
    assert outcome["band"] in {"low", "medium", "high"}
    assert outcome["model_version"]
    assert outcome["rules_version"]
    by_model = [reason for reason in outcome["reasons"] if reason["source"] == "model"]
    assert 1 <= len(by_model) <= 3
    assert {reason["code"] for reason in by_model} <= {feature.name for feature in FEATURES}
    assert all(reason["text"] for reason in outcome["reasons"])


def test_a_minor_is_rejected_and_the_model_is_not_asked(
    chain: Chain, endpoint: Endpoint, sample: Sample
) -> None:
    asked = len(endpoint.statuses)
    outcome = chain.outcome(chain.submit(sample(age=17)))
    assert outcome["status"] == "rejected"
    assert outcome["reasons"][0]["code"] == "under_age"
    assert outcome["decided_by"] == f"rules:{outcome['rules_version']}"
    assert not outcome.keys() & {"score", "band", "model_version"}
    assert len(endpoint.statuses) == asked


@pytest.mark.parametrize("payload", ["mobile", "mail_batch"])
def test_a_duplicate_is_one_application(chain: Chain, sample: Sample, payload: str) -> None:
    request = sample(payload)
    application_id = chain.submit(request)
    # before its decision and after it
    assert chain.submit(request, HTTPStatus.OK) == application_id
    outcome = chain.outcome(application_id)
    assert chain.submit(request, HTTPStatus.OK) == application_id
    assert chain.status(application_id) == outcome
    assert [item["application_id"] for item in chain.applications()] == [application_id]
    assert len(chain.trail(application_id)) == 2


def test_a_malformed_body_is_refused_and_nothing_is_kept(chain: Chain) -> None:
    form = "application/x-www-form-urlencoded"
    for path, content_type, body in (
        ("/applications/mobile", "application/json", b'{"schema":'),
        ("/applications/mobile", "application/json", b"[1, 2]"),
        ("/applications/mail", "text/csv", b"a;b\n1"),
        ("/applications/webform", form, b"age=old&amount=-5"),
    ):
        answer = chain.post(Request(path, {"Content-Type": content_type}, body))
        assert answer.status_code == HTTPStatus.BAD_REQUEST, (path, body)
        assert answer.json()["message"]
    assert chain.applications() == []


def test_without_its_endpoint_an_application_waits_and_then_goes_on(
    chain: Chain, endpoint: Endpoint, sample: Sample
) -> None:
    asked = len(endpoint.statuses)
    endpoint.container.stop()
    try:
        application_id = chain.submit(sample())
        # tried, and tried again
        wait_until(lambda: len(endpoint.statuses) >= asked + 2)
        assert HTTPStatus.OK not in endpoint.statuses[asked:]
        assert chain.status(application_id)["status"] == "received"
        assert len(chain.trail(application_id)) == 1
    finally:
        endpoint.container.start()
    outcome = chain.outcome(application_id)
    assert outcome["status"] == "in_review"
    assert outcome["score"] is not None
    assert len(chain.trail(application_id)) == 2


def test_the_audit_trail_tells_every_step(chain: Chain, sample: Sample) -> None:
    reference = "letter-in-two-parts"
    first = chain.receipt(sample("mail_scan", reference=reference, seniority=None))
    application_id = first["application_id"]
    assert (first["status"], first["open_questions"]) == ("incomplete", ["seniority"])
    assert chain.submit(sample("mail_scan", reference=reference)) == application_id
    outcome = chain.outcome(application_id)

    trail = chain.trail(application_id)
    by_rules = f"rules:{outcome['rules_version']}"
    assert [
        (int(event["version"]), event["action"], event["actor"], event["status"]) for event in trail
    ] == [
        (1, "submitted", "channel:mail", "incomplete"),
        (2, "corrected", "channel:mail", "received"),
        (3, "routed", by_rules, "in_review"),
    ]
    submitted, corrected, routed = trail
    assert "changes" not in submitted
    assert submitted["at"] == outcome["received_at"]
    assert corrected["changes"]["answers"]["seniority"] == 9
    # what was decided is told as it was written
    (item,) = chain.applications()
    assert routed["at"] == outcome["updated_at"]
    assert routed["changes"] == {
        name: item[name]
        for name in ("score", "band", "priority", "model_version", "rules_version", "reasons")
    }
    assert routed["changes"]["reasons"] == outcome["reasons"]
