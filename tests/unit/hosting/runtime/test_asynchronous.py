"""Asynchronous requests: what is accepted, where results go, and that none changes on the disk."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.live import Asynchronous, LiveEndpoint
from hosting.runtime.asynchronous import (
    AsyncRequest,
    accept,
    check_synchronous,
    configuration,
)
from hosting.runtime.errors import ValidationError
from hosting.runtime.members import INVOKE_ASYNC, read_members

CONFIG = Asynchronous("s3://bucket/out/", "s3://bucket/failures/", 4)
NOW = 1_000_000.0


def accepted(
    *headers: tuple[str, str], body: bytes = b"", config: Asynchronous = CONFIG
) -> AsyncRequest:
    pairs = [(name.encode(), value.encode()) for name, value in headers]
    return accept("4bf1", read_members(INVOKE_ASYNC, "risk", pairs), body, config, NOW)


def test_what_is_not_said_has_aws_s_values() -> None:
    request = accepted(("x-amzn-sagemaker-inputlocation", "s3://in/1.csv"))
    assert request == AsyncRequest(
        request_id="4bf1",
        endpoint="risk",
        inference_id="4bf1",
        input_location="s3://in/1.csv",
        body=b"",
        headers={"X-Amzn-SageMaker-Inference-Id": "4bf1"},
        output_location="s3://bucket/out/4bf1.out",
        failure_location="s3://bucket/failures/4bf1-error.out",
        accepted_at=NOW,
        expires_at=NOW + 21600,
        timeout_s=900,
    )


def test_what_is_said_counts() -> None:
    request = accepted(
        ("x-amzn-sagemaker-inference-id", "7"),
        ("x-amzn-sagemaker-requestttlseconds", "60"),
        ("x-amzn-sagemaker-invocationtimeoutseconds", "3600"),
        body=b"1",
    )
    assert (request.inference_id, request.expires_at, request.timeout_s) == ("7", NOW + 60, 3600)
    assert request.output_location == "s3://bucket/out/7.out"


@pytest.mark.parametrize(
    ("extension", "name", "location"),
    [
        ("a", None, "s3://bucket/out/a/4bf1.out"),
        ("/a/b/", "score.csv", "s3://bucket/out/a/b/score.csv"),
        (None, "score", "s3://bucket/out/score"),
    ],
)
def test_a_client_may_choose_the_place(
    extension: str | None, name: str | None, location: str
) -> None:
    headers = [
        (header, value)
        for header, value in (
            ("x-amzn-sagemaker-s3outputpathextension", extension),
            ("x-amzn-sagemaker-filename", name),
        )
        if value is not None
    ]
    assert accepted(*headers, body=b"1").output_location == location


def test_without_a_path_failures_are_not_told() -> None:
    config = Asynchronous("s3://bucket/out", None, 1)
    assert accepted(body=b"1", config=config).failure_location is None


@given(st.binary(min_size=1), st.dictionaries(st.text(), st.text()))
def test_a_request_is_the_same_after_a_restart(body: bytes, headers: dict[str, str]) -> None:
    request = AsyncRequest(
        request_id="4bf1",
        endpoint="risk",
        inference_id="7",
        input_location=None,
        body=body,
        headers=headers,
        output_location="s3://a/b",
        failure_location=None,
        accepted_at=NOW,
        expires_at=NOW + 1,
        timeout_s=3,
    )
    assert AsyncRequest.of(json.loads(json.dumps(request.document()))) == request


def test_an_endpoint_takes_one_kind_of_invocation() -> None:
    plain, asynchronous = LiveEndpoint("a", ()), LiveEndpoint("b", (), asynchronous=CONFIG)
    assert configuration(asynchronous) is CONFIG
    check_synchronous(plain, "InvokeEndpoint")
    with pytest.raises(ValidationError, match="a has no AsyncInferenceConfig"):
        configuration(plain)
    with pytest.raises(ValidationError, match=r"b has an .* support InvokeEndpoint: use"):
        check_synchronous(asynchronous, "InvokeEndpoint")
