"""Verdicts on the start of `serve`, its port and its health."""

from collections.abc import Sequence

from image_check.check import Check, Level, Verdict, fails, holds, holds_if, not_checked
from image_check.seen import Answer, NoReply, Reply, Seen, Start, is_ok

PING_SECONDS = 2.0
"""SageMaker gives each /ping so long (AWS-hosting)."""
ACCEPT_SECONDS = 0.25
"""SageMaker wants a connection accepted in so long (AWS-hosting)."""
ACCEPT_BOUND = 1.0
"""What fails here: a laptop under load is no SageMaker instance, so the bound is generous."""

NOT_UP = "the container did not come up"


def came_up(seen: Seen) -> Start:
    """Give the start that the answers come from: with the model writable if need be."""
    return seen.writable_start or seen.start


def _starts(seen: Seen) -> Verdict:
    start = came_up(seen)
    if start.exit_code is not None:
        return fails(start.with_log())
    if seen.served is not None and seen.served.died is not None:
        return fails(f"exited with {seen.served.died} while it served")
    return holds("still runs")


def _listens(seen: Seen) -> Verdict:
    start = came_up(seen)
    if start.exit_code is not None:
        return not_checked(NOT_UP)
    heard = isinstance(start.last, Reply) or start.last.heard
    return holds_if(heard, "answers on 8080" if heard else f"{start.last}, on 8080")


def _healthy(seen: Seen) -> Verdict:
    start = came_up(seen)
    if start.exit_code is not None or (isinstance(start.last, NoReply) and not start.last.heard):
        return not_checked(NOT_UP)
    return holds_if(start.ready, start.with_log())


def _in_time(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    return _all_in_time(seen.served.pings)


def _post(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    return holds_if(is_ok(seen.served.ping_post), str(seen.served.ping_post))


def _under_load(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    if not is_ok(seen.served.invocation):
        return not_checked("no load without a 200 from /invocations: see `invocations`")
    if not in_time(seen.served.pings):
        return not_checked("it is late without load: see `ping-in-time`")
    return _all_in_time(seen.served.pings_under_load)


def _accepts(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    connects = seen.served.connects
    accepted = [seconds for seconds in connects if seconds is not None]
    if len(accepted) < len(connects):
        return fails(f"{len(connects) - len(accepted)} of {len(connects)} were not accepted")
    slowest = max(accepted)
    return holds_if(
        slowest <= ACCEPT_BOUND,
        f"slowest of {len(connects)} at once: {slowest * 1000:.0f} ms "
        f"(demanded: {ACCEPT_SECONDS * 1000:.0f}, fails here above {ACCEPT_BOUND * 1000:.0f})",
    )


def _meaningful(seen: Seen) -> Verdict:
    if not seen.has_model:
        return not_checked("no model to break: give one with --model")
    if seen.broken_model is None:
        return not_checked(NOT_UP)
    return holds_if(not seen.broken_model.ready, str(seen.broken_model))


def in_time(answers: Sequence[Answer]) -> bool:
    """Tell whether each answer is a 200 in the time that SageMaker gives it."""
    return all(_good(answer) for answer in answers)


def _all_in_time(answers: Sequence[Answer]) -> Verdict:
    bad = [answer for answer in answers if not _good(answer)]
    if bad:
        return fails(f"{len(bad)} of {len(answers)} were bad, the first: {bad[0]}")
    slowest = max(answer.seconds for answer in answers)
    return holds(f"slowest of {len(answers)}: {slowest * 1000:.0f} ms")


def _good(answer: Answer) -> bool:
    return is_ok(answer) and answer.seconds <= PING_SECONDS


CHECKS = (
    Check(
        "starts",
        "`docker run IMAGE serve` starts and does not end",
        "AWS-hosting",
        Level.MUST,
        "The container ends, is started again and again, and the endpoint goes to Failed.",
        _starts,
    ),
    Check(
        "port",
        "listens on port 8080",
        "AWS-hosting",
        Level.MUST,
        "No health check arrives: the endpoint goes to Failed when the start-up window ends.",
        _listens,
    ),
    Check(
        "ping",
        "GET /ping answers 200 before the start-up window ends",
        "AWS-hosting",
        Level.MUST,
        "`The primary container did not pass the ping health check`: the endpoint goes to Failed.",
        _healthy,
    ),
    Check(
        "ping-in-time",
        "GET /ping answers 200 in 2 s, each time",
        "AWS-hosting",
        Level.MUST,
        "A late health check is a failed one: the instance is taken out of service.",
        _in_time,
    ),
    Check(
        "ping-post",
        "POST /ping answers 200 too",
        "AWS-hosting",
        Level.SHOULD,
        "SageMaker asks with GET today; its page demands POST as well.",
        _post,
    ),
    Check(
        "ping-under-load",
        "GET /ping answers 200 in 2 s while there are invocations",
        "AWS-hosting",
        Level.MUST,
        "A busy instance looks like a sick one and is replaced, just when it is needed.",
        _under_load,
    ),
    Check(
        "accepts",
        "accepts connections within 250 ms",
        "AWS-hosting",
        Level.MUST,
        "Invocations fail with ModelError before the container has seen them.",
        _accepts,
    ),
    Check(
        "broken-model",
        "no 200 from /ping with a model that cannot be loaded",
        "AWS-hosting",
        Level.SHOULD,
        "A static 200: a broken model goes InService and every invocation fails.",
        _meaningful,
    ),
)
