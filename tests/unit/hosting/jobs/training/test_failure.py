"""FailureReason: AWS's kinds of error, and never more than 1,024 characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.jobs.training import failure


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        # aws-samples/amazon-sagemaker-ml-pipeline-deploy-with-terraform #12
        (b"", "AlgorithmError: , exit code: 1"),
        (b"no rows\n", "AlgorithmError: no rows, exit code: 1"),
        (b"a\xffb", "AlgorithmError: a\ufffdb, exit code: 1"),
    ],
)
def test_the_image_says_what_failed(file: bytes, reason: str) -> None:
    assert failure.of_algorithm(1, file) == reason


@given(st.text(min_size=1020).map(str.encode))
def test_a_reason_is_cut(text: bytes) -> None:
    assert len(failure.of_algorithm(1, text)) <= failure.LENGTH
    for reason in (failure.of_container, failure.of_download, failure.of_upload):
        assert len(reason(text.decode())) <= failure.LENGTH


def test_what_hosting_could_not_do_is_a_client_error() -> None:
    assert failure.of_download("no key") == "ClientError: Data download failed: no key"
    assert failure.of_upload("no bucket") == "ClientError: Artifact upload failed: no bucket"
    assert failure.of_container("no image").endswith("no image")
