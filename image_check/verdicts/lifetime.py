"""Verdicts on what surrounds `serve`: a read-only model, no network, its log, its end."""

from image_check.check import Check, Level, Verdict, fails, holds_if, not_checked
from image_check.seen import Seen, is_ok
from image_check.verdicts.ping import NOT_UP

STOP_SECONDS = 30.0
"""SageMaker sends SIGKILL so long after SIGTERM (AWS-hosting)."""
_DIED = "it had ended by itself: see `starts`"


def _read_only_model(seen: Seen) -> Verdict:
    if not seen.has_model:
        return not_checked("no model: give one with --model")
    if seen.start.ready:
        return holds_if(condition=True, seen=str(seen.start))
    if seen.writable_start is not None and seen.writable_start.ready:
        return fails(f"{seen.start.with_log()}; with a writable folder it comes up")
    return not_checked(NOT_UP)


def _offline(seen: Seen) -> Verdict:
    if not seen.offline_reachable:
        return not_checked("this engine's containers cannot be reached without a published port")
    if seen.offline is None:
        return not_checked(NOT_UP)
    return holds_if(seen.offline.ready, seen.offline.with_log())


def _logs(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    logged = seen.served.logged
    return holds_if(logged, "there are lines" if logged else "no line from start to end")


def _ends(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    if seen.served.died is not None:
        return not_checked(_DIED)
    stop = seen.served.stop
    if stop.exit_code is None:
        return fails(f"still ran {stop.seconds:.0f} s after SIGTERM")
    return holds_if(
        stop.seconds <= STOP_SECONDS, f"exited with {stop.exit_code} after {stop.seconds:.1f} s"
    )


def _finishes(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    if seen.served.died is not None:
        return not_checked(_DIED)
    if not is_ok(seen.served.invocation):
        return not_checked("no request to finish: see `invocations`")
    answer = seen.served.stop.under_way
    return holds_if(is_ok(answer), f"{answer}, to a request whose body came after SIGTERM")


CHECKS = (
    Check(
        "read-only-model",
        "works with a read-only /opt/ml/model",
        "AWS-hosting",
        Level.MUST,
        "The container fails at its first write to the model folder.",
        _read_only_model,
    ),
    Check(
        "offline",
        "works without a network",
        "botocore: EnableNetworkIsolation",
        Level.SHOULD,
        "Models with network isolation do not start: nothing can be downloaded there.",
        _offline,
    ),
    Check(
        "logs",
        "logs to stdout or stderr",
        "AWS-adapt",
        Level.SHOULD,
        "Nothing arrives in CloudWatch: a failure leaves no trace.",
        _logs,
    ),
    Check(
        "sigterm",
        "exits within 30 s of SIGTERM",
        "AWS-hosting",
        Level.MUST,
        "SIGKILL ends it in the midst of its work, at each update and scale-in.",
        _ends,
    ),
    Check(
        "finishes-requests",
        "finishes the requests that are under way when SIGTERM comes",
        "AWS-hosting",
        Level.SHOULD,
        "Each update and scale-in costs some clients a ModelError.",
        _finishes,
    ),
)
