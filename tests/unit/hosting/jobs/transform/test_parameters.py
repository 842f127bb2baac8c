"""How a transform job sends its requests, by AWS's order of precedence."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hosting.jobs.transform.parameters import (
    Parameters,
    ParametersError,
    Strategy,
    decide,
    environment,
    read_execution_parameters,
)
from hosting.jobs.transform.request import CreateTransformJob

RequestWith = Callable[..., CreateTransformJob]
# the guide's example of an answer to GET /execution-parameters
SAID = {"MaxConcurrentTransforms": 8, "BatchStrategy": "SINGLE_RECORD", "MaxPayloadInMB": 7}


@pytest.mark.parametrize(
    ("asked", "said", "decided"),
    [
        # as AWS logs its defaults (aws/amazon-sagemaker-examples #1620)
        ({}, {}, Parameters(1, Strategy.MULTI_RECORD, 6)),
        ({}, SAID, Parameters(8, Strategy.SINGLE_RECORD, 7)),
        (
            {"MaxConcurrentTransforms": 2, "BatchStrategy": "MultiRecord", "MaxPayloadInMB": 3},
            SAID,
            Parameters(2, Strategy.MULTI_RECORD, 3),
        ),
        # 0 leaves it to the container (botocore, MaxConcurrentTransforms)
        ({"MaxConcurrentTransforms": 0}, SAID, Parameters(8, Strategy.SINGLE_RECORD, 7)),
        ({}, {"MaxConcurrentTransforms": 0}, Parameters(1, Strategy.MULTI_RECORD, 6)),
        # but a payload of 0 is one without a limit (botocore, MaxPayloadInMB)
        ({"MaxPayloadInMB": 0}, SAID, Parameters(8, Strategy.SINGLE_RECORD, 0)),
    ],
)
def test_the_request_comes_first_then_the_container_then_defaults(
    request_with: RequestWith,
    asked: dict[str, Any],
    said: Mapping[str, object],
    decided: Parameters,
) -> None:
    assert decide(request_with(**asked), said) == decided


def test_a_limit_is_in_bytes() -> None:
    assert Parameters(1, Strategy.MULTI_RECORD, 6).payload_limit == 6_291_456
    assert Parameters(1, Strategy.MULTI_RECORD, 0).payload_limit is None


def test_of_an_answer_the_known_members_are_read() -> None:
    answer = {**SAID, "Other": 1}
    assert read_execution_parameters(json.dumps(answer).encode()) == SAID
    assert read_execution_parameters(b'{"MaxPayloadInMB": null}') == {}


@pytest.mark.parametrize("body", [b"", b"no", b"[1]", b"\xff"])
def test_another_answer_is_an_error(body: bytes) -> None:
    with pytest.raises(ParametersError, match="/execution-parameters answers no JSON"):
        read_execution_parameters(body)


@pytest.mark.parametrize(
    "said",
    [
        {"MaxPayloadInMB": 101},
        {"MaxPayloadInMB": "6"},
        {"MaxConcurrentTransforms": -1},
        {"MaxConcurrentTransforms": True},
        {"BatchStrategy": "MultiRecord"},
    ],
)
def test_a_value_that_cannot_be_is_an_error(
    request_with: RequestWith, said: Mapping[str, object]
) -> None:
    with pytest.raises(ParametersError, match=next(iter(said))):
        decide(request_with(), said)


def test_the_container_is_told_what_the_job_says(request_with: RequestWith) -> None:
    # "If the user doesn't set values for them, they aren't passed" (the guide)
    assert environment(request_with()) == {"SAGEMAKER_BATCH": "true"}
    request = request_with(
        MaxPayloadInMB=0, BatchStrategy="SingleRecord", MaxConcurrentTransforms=4
    )
    assert environment(request) == {
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "0",
        "SAGEMAKER_BATCH_STRATEGY": "SINGLE_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "4",
    }
