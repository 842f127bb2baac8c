"""What tests of every kind share: AWS on this machine, and an application to work with."""

import itertools
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests
import waitress
from hypothesis import settings

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
from riskstack.emulator.cloudformation import create
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from seed.render import RENDERERS
from seed.render.request import Request
from seed.samples import samples
from stack import aws_in_memory
from stack.compose import engine_answers
from tests import deployed_stack
from tests.left_out import LEFT_OUT, leave_out
from tests.running_stack import RunningStack
from tests.side_by_side import SideBySide

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

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
    server = waitress.create_server(
        aws_in_memory.application(),
        host="127.0.0.1",
        port=0,
        threads=aws_in_memory.THREADS,
        clear_untrusted_proxy_headers=True,
    )
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()


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


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run what needs the whole stack last, a mode at a time; the order is random otherwise."""
    items.sort(key=_mode)


def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> SideBySide:
    """Say what may run side by side."""
    return SideBySide(config, log)


def _mode(item: pytest.Item) -> str:
    parameters = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    return str(parameters.get("stack", "")).replace("compose", "then compose")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that sums up what this one left out."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = sorted(LEFT_OUT)


def pytest_testnodedown(node: "WorkerController") -> None:
    """Take what another process left out."""
    LEFT_OUT.update(getattr(node, "workeroutput", {}).get("left_out", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say plainly what was left out."""
    for text in sorted(LEFT_OUT):
        terminalreporter.write_line(f"LEFT OUT {text}", yellow=True)


@pytest.fixture(
    scope="session",
    params=["deployed"] if deployed_stack.IS_WANTED else ["embedded", "compose"],
)
def stack(request: pytest.FixtureRequest) -> Iterator[RunningStack]:
    """The running stack, once a mode."""
    mode = request.param
    if mode == "deployed":
        yield deployed_stack.DeployedStack()
        return
    if mode == "compose" and not engine_answers():
        leave_out("the stack in containers", "no Docker Engine answers here")
    with RunningStack(mode).started() as running:
        yield running


@pytest.fixture
def sample() -> Callable[..., Request]:
    """Renders a sample application: `sample(channel, row=0, reference=None, **changed answers)`."""

    def render(
        channel: str = "mobile", row: int = 0, reference: str | None = None, **changes: object
    ) -> Request:
        answers = next(itertools.islice(samples(), row, None))
        return RENDERERS[channel](
            replace(answers, **changes),  # type: ignore[arg-type] # any answer
            reference or str(uuid.uuid4()),
        )

    return render
