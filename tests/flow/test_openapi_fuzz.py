"""10,000 requests that schemathesis makes of gateway/openapi.yaml, as it declares them and not so.

They go to the gateway and the ETL function as the stack runs them, over moto's DynamoDB. No answer
may be a server error, or one that the file does not declare.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Any, TypeAlias

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from riskstack.emulator.cloudformation import create
from riskstack.emulator.function import declaration, read
from riskstack.emulator.lambda_api import Service, create_app
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from tests import gateway_stand
from tests.conftest import ACCOUNT, REGION, ROOT
from tests.hosting_stand import served

Case: TypeAlias = "schemathesis.Case[Any]"
Operation: TypeAlias = "schemathesis.APIOperation[Any, Any, Any, Any]"

REQUESTS = 10_000
SEED = 20_260_301
PATIENCE_S = 30.0
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

SCHEMA = schemathesis.openapi.from_dict(
    yaml.safe_load((ROOT / "gateway" / "openapi.yaml").read_text(encoding="utf-8"))
)
OPERATIONS = {
    result.ok().label: result.ok()
    for result in SCHEMA.get_all_operations()
    if isinstance(result, Ok)
}
CHANNELS = [label for label in OPERATIONS if label.startswith("POST /applications/")]
STATUS = "GET /applications/{application_id}"
TYPES = ("application/json", "application/x-www-form-urlencoded", "text/csv", "text/plain")
WAYS = 2 * len(CHANNELS)
"""What is made for one channel is sent to all of them, as it is and as one of the types."""
CASES = -(-REQUESTS // (len(CHANNELS) * WAYS * len(GenerationMode)))
"""For each channel and mode."""

each_mode = pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)


@dataclass(frozen=True)
class Api:
    """The running API, and the connection to it."""

    url: str
    session: requests.Session


@pytest.fixture(scope="module")
def api(moto_url: str) -> Iterator[Api]:
    """The gateway and the ETL function, the tables empty."""
    requests.post(f"{moto_url}/moto-api/reset", timeout=PATIENCE_S)
    with pytest.MonkeyPatch.context() as patch, requests.Session() as session:
        for name, value in {
            "AWS_ENDPOINT_URL_DYNAMODB": moto_url,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": moto_url,
            "AWS_ENDPOINT_URL_S3": moto_url,
            "AWS_ENDPOINT_URL_SQS": moto_url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }.items():
            patch.setenv(name, value)
        with served(create_app(_etl())) as url:
            patch.setenv("AWS_ENDPOINT_URL_LAMBDA", url)
            with gateway_stand.gateway() as port:
                session.headers["x-api-key"] = gateway_stand.KEY
                yield Api(f"http://127.0.0.1:{port}/v1", session)


def _etl() -> Service:
    pseudo = pseudo_parameters(REGION, ACCOUNT)
    existing = ExistingResources(pseudo)
    data = Template.read(ROOT / "deploy" / "data.yaml")
    imports = Resolver(data, existing, pseudo)
    create(data, imports)
    app = Template.read(ROOT / "deploy" / "app.yaml")
    resolver = Resolver(app, existing, pseudo, imports=imports)
    properties = resolver.resolve(declaration(app, "riskstack-etl"))
    return Service(read(properties, REGION, ACCOUNT), dict(os.environ))


def ask(api: Api, case: Case) -> None:
    """Send a request; look at its answer."""
    answer = case.call(base_url=api.url, session=api.session, timeout=PATIENCE_S)
    case.validate_response(answer, checks=CHECKS)


def each_case(operation: Operation, mode: GenerationMode, use: Callable[[Any], None]) -> None:
    """Use so many cases of an operation; the seed is fixed, so that a failure comes again."""

    @seed(SEED)
    @settings(
        max_examples=CASES,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def run(case: Case) -> None:
        use(case)

    run()


@each_mode
@pytest.mark.parametrize("label", CHANNELS)
def test_a_submission_gets_no_server_error_and_no_answer_that_is_not_declared(
    api: Api, label: str, mode: GenerationMode
) -> None:
    sent = 0
    types = cycle(TYPES)

    def submit(case: Case) -> None:
        nonlocal sent
        as_type = {"Content-Type": next(types)}
        for channel in CHANNELS:
            for headers in ({}, as_type):
                to_it = OPERATIONS[channel].Case(
                    headers={**case.headers, **headers},
                    query=case.query,
                    body=case.body,
                    media_type=case.media_type,
                )
                ask(api, to_it)
                sent += 1

    each_case(OPERATIONS[label], mode, submit)
    assert sent >= CASES * WAYS


@each_mode
def test_asking_for_a_status_gets_no_server_error_and_no_answer_that_is_not_declared(
    api: Api, mode: GenerationMode
) -> None:
    each_case(OPERATIONS[STATUS], mode, lambda case: ask(api, case))


@pytest.mark.parametrize("label", sorted(OPERATIONS.keys() - {*CHANNELS, STATUS}))
def test_what_takes_nothing_answers_what_is_declared(api: Api, label: str) -> None:
    ask(api, OPERATIONS[label].Case())
