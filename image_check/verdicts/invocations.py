"""Verdicts on POST /invocations."""

from image_check.check import Check, Level, Verdict, fails, holds, holds_if, not_checked
from image_check.seen import NoReply, Reply, Seen, is_ok
from image_check.verdicts.ping import NOT_UP

INVOCATION_SECONDS = 60.0
"""SageMaker gives each invocation so long (AWS-hosting)."""
LARGE_MIB = 25
_NO_200 = "no 200 to compare with: see `invocations`"
_TOO_LARGE = 413
_SHOWN = 60


def _answers(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    answer, sample = seen.served.invocation, seen.served.sample
    body = sample.body[:_SHOWN].decode("utf-8", "replace").strip()
    return holds_if(
        is_ok(answer) and answer.seconds <= INVOCATION_SECONDS,
        f"{answer}, to {sample.content_type} {body!r}",
    )


def _states_length(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    answer = seen.served.invocation
    if not isinstance(answer, Reply) or not is_ok(answer):
        return not_checked(_NO_200)
    if "content-length" in answer.headers:
        return holds(f"Content-Length: {answer.headers['content-length']}")
    coding = answer.headers.get("transfer-encoding")
    return fails(f"no Content-Length, {f'Transfer-Encoding: {coding}' if coding else 'closed'}")


def _ignores_headers(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    if not is_ok(seen.served.invocation):
        return not_checked(_NO_200)
    return holds_if(is_ok(seen.served.unknown_headers), str(seen.served.unknown_headers))


def _refuses_unreadable(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    answer = seen.served.unreadable
    refused = isinstance(answer, Reply) and answer.status // 100 == 4  # noqa: PLR2004 - 4xx
    return holds_if(refused, str(answer))


def _takes_large(seen: Seen) -> Verdict:
    if seen.served is None:
        return not_checked(NOT_UP)
    answer = seen.served.large
    refused = isinstance(answer, NoReply) or answer.status == _TOO_LARGE
    return holds_if(not refused, f"{answer}, to {LARGE_MIB} MiB")


CHECKS = (
    Check(
        "invocations",
        "POST /invocations answers the sample body with 200, within 60 s",
        "AWS-hosting",
        Level.MUST,
        "InvokeEndpoint raises ModelError (424) for every request.",
        _answers,
    ),
    Check(
        "content-length",
        "an ordinary answer states its Content-Length and is not chunked",
        "djl-serving #2567, vllm #2912",
        Level.SHOULD,
        "Asynchronous inference fails: `did not specify the required Content-Length header`.",
        _states_length,
    ),
    Check(
        "unknown-headers",
        "headers that it does not know are ignored",
        "AWS-hosting",
        Level.MUST,
        "SageMaker may add headers at any time: invocations fail from that day on.",
        _ignores_headers,
    ),
    Check(
        "unreadable",
        "a body that cannot be read is refused with a 4xx",
        "AWS-hosting",
        Level.SHOULD,
        "The client's mistake counts as the container's: Invocation5XXErrors alarms, and clients "
        "retry what cannot succeed.",
        _refuses_unreadable,
    ),
    Check(
        "large-body",
        "a body of 25 MB is not refused for its size",
        "AWS-faq",
        Level.SHOULD,
        "SageMaker passes up to 25 MB on, and the client gets the web server's 413 as ModelError.",
        _takes_large,
    ),
)
