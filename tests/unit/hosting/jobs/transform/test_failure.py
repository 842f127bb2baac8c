"""FailureReason of transform jobs."""

import pytest

from hosting.jobs.transform.failure import LENGTH, Blame, Fault, blame_for, reason


@pytest.mark.parametrize(
    ("status", "blame"),
    [(400, Blame.CLIENT), (499, Blame.CLIENT), (500, Blame.ALGORITHM), (302, Blame.ALGORITHM)],
)
def test_client_errors_blame_the_client(status: int, blame: Blame) -> None:
    assert blame_for(status) is blame


def test_the_first_object_that_failed_is_told() -> None:
    faults = [
        Fault(Blame.CLIENT, "ClientError: 413", "bucket/a"),
        Fault(Blame.ALGORITHM, "AlgorithmError: 500", "bucket/b"),
    ]
    assert reason(faults[:1]) == (
        "ClientError: See job logs for more information. bucket/a: ClientError: 413"
    )
    assert reason(faults) == (
        "ClientError: See job logs for more information (1 more objects failed). "
        "bucket/a: ClientError: 413"
    )


def test_a_fault_of_the_whole_job_stands_alone() -> None:
    assert reason([Fault(Blame.ALGORITHM, "it ended")]) == "AlgorithmError: it ended"
    assert len(reason([Fault(Blame.ALGORITHM, "x" * 2000)])) == LENGTH
