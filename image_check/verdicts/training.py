"""Verdicts on `train`."""

from image_check.check import Check, Level, Verdict, fails, holds_if, not_claimed
from image_check.seen import Seen, Training

FAILURE_CHARACTERS = 1024
_NO_FOLDER = "no input for a job: give it with --train-folder"


def _trains(seen: Seen) -> Verdict:
    job = seen.training
    if job is None:
        return not_claimed(_NO_FOLDER)
    if job.exit_code != 0:
        return fails(_end(job))
    return holds_if(bool(job.model_files), f"{_end(job)}, /opt/ml/model: {list(job.model_files)}")


def _reports(seen: Seen) -> Verdict:
    job = seen.failed_training
    if job is None:
        return not_claimed(_NO_FOLDER)
    if job.exit_code is None:
        return fails(_end(job))
    if job.exit_code == 0:
        return fails("exited with 0, as if data that cannot be read were a success")
    if not job.failure:
        return fails(f"{_end(job)}, and there is no reason in /opt/ml/output/failure")
    return holds_if(condition=True, seen=f"{_end(job)}, reason: {job.failure.strip()[:120]!r}")


def _end(job: Training) -> str:
    if job.exit_code is None:
        return f"still ran after {job.seconds:.0f} s: give it longer with --train-timeout"
    words = job.log.strip().splitlines()
    said = (
        f"; its log ends: {words[-1][:200]}" if words and job.exit_code and not job.failure else ""
    )
    return f"exited with {job.exit_code} after {job.seconds:.1f} s{said}"


CHECKS = (
    Check(
        "train",
        "`docker run IMAGE train` exits with 0 and leaves a model in /opt/ml/model",
        "AWS-training",
        Level.CLAIMED,
        "Training jobs fail, or end with an empty model.tar.gz.",
        _trains,
    ),
    Check(
        "train-failure",
        "bad data: exits with another code and says why in /opt/ml/output/failure",
        "AWS-training",
        Level.CLAIMED,
        f"A failed job counts as Completed, or its FailureReason (the first {FAILURE_CHARACTERS} "
        "characters of that file) says nothing.",
        _reports,
    ),
)
