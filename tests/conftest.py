"""What tests of every kind share: AWS on this machine, and an application to work with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import settings
from moto.server import ThreadedMotoServer

from riskstack.contract.application import (
    Answers,
    Application,
    Channel,
    Home,
    Job,
    Marital,
    Status,
)
from riskstack.contract.record import Tables
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from seed.resources import create

# how long an example takes says nothing here
settings.register_profile("riskstack", deadline=None, max_examples=50)
settings.load_profile("riskstack")

ROOT = Path(__file__).parent.parent
ACCOUNT = "123456789012"
REGION = "eu-central-1"


@pytest.fixture
def answers() -> Answers:
    """Answers that no rule rejects and that raise no concern."""
    return Answers(
        full_name="Ada Park",
        age=36,
        marital=Marital.MARRIED,
        home=Home.OWNER,
        job=Job.FIXED,
        seniority=9,
        income=180.0,
        expenses=60.0,
        assets=3000.0,
        debt=0.0,
        bad_record=False,
        amount=900.0,
        price=1500.0,
        term=36,
    )


@pytest.fixture
def application(answers: Answers) -> Application:
    """A new application."""
    return Application(
        application_id="app-abcdefghijklmnopqrstuvwxyz",
        channel=Channel.WEBFORM,
        status=Status.RECEIVED,
        version=1,
        source_ref="ref-1",
        raw_sha256="0" * 64,
        received_at="2026-03-01T09:00:00.000+00:00",
        answers=answers,
    )


@pytest.fixture
def tables() -> Tables:
    """The names that deploy/data.yaml gives the tables."""
    return Tables("riskstack-applications", "riskstack-audit")


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """The address of moto's server, started once."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def empty_aws(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An AWS account with nothing in it; the SDK's variables point there."""
    requests.post(f"{moto_url}/moto-api/reset", timeout=10)
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_url)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return moto_url


@pytest.fixture
def data_template() -> Template:
    """What deploy/data.yaml declares."""
    return Template.read(ROOT / "deploy" / "data.yaml")


@pytest.fixture
def data_resolver(data_template: Template) -> Resolver:
    """A resolver for deploy/data.yaml in the tests' account."""
    pseudo = pseudo_parameters(REGION, ACCOUNT)
    return Resolver(data_template, ExistingResources(pseudo), pseudo)


@pytest.fixture
def aws(empty_aws: str, data_template: Template, data_resolver: Resolver) -> str:
    """An AWS account with everything that deploy/data.yaml declares; gives its address."""
    create(data_template, data_resolver)
    return empty_aws
