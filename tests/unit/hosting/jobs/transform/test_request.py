"""CreateTransformJob's request: what is kept, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.transform.request import CreateTransformJob, check

RequestWith = Callable[..., CreateTransformJob]


def test_defaults_are_the_service_model_s(request_with: RequestWith) -> None:
    request = request_with(TransformInput=unsplit())
    assert request.ModelClientConfig.InvocationsTimeoutInSeconds == 600
    assert request.ModelClientConfig.InvocationsMaxRetries == 3
    assert request.TransformInput.CompressionType == "None"
    assert request.TransformInput.SplitType == "None"
    check(request)


def unsplit() -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"}
    return {"DataSource": {"S3DataSource": source}}


@pytest.mark.parametrize(
    ("concurrency", "payload", "allowed"),
    [(10, 10, True), (11, 10, False), (100, 1, True), (101, 0, True), (101, None, True)],
)
def test_not_more_than_a_hundred_mb_at_once(
    request_with: RequestWith, concurrency: int, payload: int | None, allowed: bool
) -> None:
    request = request_with(MaxConcurrentTransforms=concurrency, MaxPayloadInMB=payload)
    if allowed:
        check(request)
        return
    with pytest.raises(InvalidRequestError, match="MaxPayloadInMB is 110"):
        check(request)


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"TransformInput": unsplit()}, "TransformInput.ContentType"),
        ({"TransformInput": unsplit() | {"ContentType": "text/csv"}}, "TransformInput.SplitType"),
        ({"TransformOutput": {"S3OutputPath": "s3://a/b"}}, "TransformOutput.Accept"),
        (
            {"TransformOutput": {"S3OutputPath": "s3://a/b", "Accept": "text/csv"}},
            "TransformOutput.AssembleWith",
        ),
    ],
)
def test_data_processing_is_for_rows_of_csv(
    request_with: RequestWith, changes: dict[str, Any], member: str
) -> None:
    check(request_with(DataProcessing={"InputFilter": "$[1:]"}))
    check(request_with(DataProcessing={"InputFilter": "$", "JoinSource": "None"}, **changes))
    with pytest.raises(InvalidRequestError, match=member):
        check(request_with(DataProcessing={"InputFilter": "$[1:]"}, **changes))
