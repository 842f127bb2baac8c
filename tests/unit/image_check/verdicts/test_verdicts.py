"""Every verdict: one observation changes, exactly its own item fails."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from image_check.check import Level, Outcome, Verdict
from image_check.seen import Seen, Start, Stop, Training
from image_check.verdicts import GROUPS, judge
from tests.unit.image_check.answers import json_reply, no_reply, reply, start

IDS = {check.id for checks in GROUPS.values() for check in checks}
SERVED = {
    *("ping-in-time", "ping-post", "ping-under-load", "accepts", "broken-model"),
    *("invocations", "content-length", "unknown-headers", "unreadable", "large-body"),
    *("offline", "logs", "sigterm", "finishes-requests"),
    *("bind-to-port", "execution-parameters", "metrics"),
}
MULTI_MODEL = {check_id for check_id in IDS if check_id.startswith("mme-")}
LATE = reply(seconds=2.1)
ERROR = reply(500)

Change = Callable[[Seen], Seen]


def verdicts(seen: Seen) -> Mapping[str, Verdict]:
    return {
        finding.check.id: finding.verdict
        for findings in judge(seen).values()
        for finding in findings
    }


def that(seen: Seen, outcome: Outcome) -> set[str]:
    return {check_id for check_id, verdict in verdicts(seen).items() if verdict.outcome is outcome}


def image(**changes: Any) -> Change:  # noqa: ANN401 - any field
    return lambda seen: replace(seen, image=replace(seen.image, **changes))


def served(**changes: Any) -> Change:  # noqa: ANN401 - any field
    def change(seen: Seen) -> Seen:
        assert seen.served is not None
        return replace(seen, served=replace(seen.served, **changes))

    return change


def multi_model(**changes: Any) -> Change:  # noqa: ANN401 - any field
    def change(seen: Seen) -> Seen:
        assert seen.multi_model is not None
        return replace(seen, multi_model=replace(seen.multi_model, **changes))

    return change


def whole(**changes: Any) -> Change:  # noqa: ANN401 - any field
    return lambda seen: replace(seen, **changes)


def not_up(failed: Start) -> Change:
    return whole(
        start=failed,
        writable_start=failed,
        served=None,
        offline=None,
        other_port=None,
        broken_model=None,
        multi_model=None,
        multi_model_start=None,
    )


def test_an_image_that_keeps_everything_holds_everywhere(seen: Seen) -> None:
    assert that(seen, Outcome.HOLDS) == IDS


@pytest.mark.parametrize(
    ("change", "failed", "words"),
    [
        (image(user="1000:1000"), "root-user", "USER 1000:1000"),
        (image(entrypoint=("/bin/sh", "-c", "serve")), "exec-form", "'-c'"),
        (image(entrypoint=("/sbin/tini", "--", "serve")), "no-tini", "tini"),
        (image(files_under_opt_ml=("/a", "/b", "/c", "/d")), "opt-ml-free", "/c and 1 more"),
        (served(pings=[reply(), LATE]), "ping-in-time", "1 of 2 were bad, the first: 200 after 2."),
        (served(pings=[reply(), ERROR]), "ping-in-time", "the first: 500"),
        (served(pings=[no_reply()]), "ping-in-time", "no answer (closed)"),
        (served(ping_post=reply(405)), "ping-post", "405"),
        (served(pings_under_load=[LATE]), "ping-under-load", "1 of 1"),
        (served(connects=[0.1, None]), "accepts", "1 of 2 were not accepted"),
        (served(connects=[0.1, 1.1]), "accepts", "slowest of 2 at once: 1100 ms"),
        (whole(broken_model=start()), "broken-model", "200 from /ping"),
        (served(unknown_headers=reply(400)), "unknown-headers", "400"),
        (served(unreadable=ERROR), "unreadable", "500"),
        (served(unreadable=reply()), "unreadable", "200"),
        (served(unreadable=no_reply("timed out")), "unreadable", "timed out"),
        (served(large=reply(413)), "large-body", "413 after 0.01 s, to 25 MiB"),
        (served(large=no_reply()), "large-body", "closed"),
        (served(invocation=reply()), "content-length", "no Content-Length, closed"),
        (
            served(invocation=reply(transfer_encoding="chunked")),
            "content-length",
            "Transfer-Encoding: chunked",
        ),
        (
            whole(start=start(ready=False, exit_code=1), writable_start=start()),
            "read-only-model",
            "exited with 1 after 1.5 s; its log ends: last words; with a writable folder",
        ),
        (whole(offline=start(ready=False)), "offline", "no 200 from /ping in 2 s, last: 503"),
        (served(logged=False), "logs", "no line"),
        (served(stop=Stop(30.0, None, reply())), "sigterm", "still ran 30 s after SIGTERM"),
        (served(stop=Stop(30.2, 0, reply())), "sigterm", "exited with 0 after 30.2 s"),
        (served(stop=Stop(0.1, 0, no_reply())), "finishes-requests", "closed"),
        (whole(other_port=start(ready=False)), "bind-to-port", "on that port"),
        (served(execution_parameters=ERROR), "execution-parameters", "500"),
        (served(execution_parameters=no_reply()), "execution-parameters", "closed"),
        (served(execution_parameters=reply(body=b"{")), "execution-parameters", "no JSON"),
        (served(execution_parameters=json_reply([])), "execution-parameters", "no JSON object"),
        (
            served(execution_parameters=json_reply({"MaxConcurrentTransforms": "8"})),
            "execution-parameters",
            "MaxConcurrentTransforms: '8'",
        ),
        (
            served(execution_parameters=json_reply({"MaxPayloadInMB": 101})),
            "execution-parameters",
            "MaxPayloadInMB: 101 is not from 0 to 100",
        ),
        (
            served(
                execution_parameters=json_reply(
                    {"MaxConcurrentTransforms": 4, "MaxPayloadInMB": 26}
                )
            ),
            "execution-parameters",
            "4 x 26 is over 100",
        ),
        (
            served(execution_parameters=json_reply({"BatchStrategy": "ALL"})),
            "execution-parameters",
            "BatchStrategy: 'ALL'",
        ),
        (served(metrics=reply(body=b"a b c\n")), "metrics", "no Prometheus text"),
        (served(metrics=reply(body=b"\xff 1\n")), "metrics", "no Prometheus text"),
        (served(metrics=reply(body=b"")), "metrics", "0 samples"),
        (multi_model(load=ERROR), "mme-load", "500"),
        (multi_model(none_loaded=json_reply({"models": None})), "mme-list", "no JSON as demanded"),
        (multi_model(loaded=json_reply({"models": [{"modelName": "x"}]})), "mme-list", '"x"'),
        (multi_model(loaded=reply(body=b"one")), "mme-list", "after loading: no JSON"),
        (multi_model(described=json_reply({"modelName": "one"})), "mme-get", "200"),
        (multi_model(load_again=reply()), "mme-again", "200"),
        (multi_model(invocation=ERROR), "mme-invoke", "500"),
        (multi_model(unknown_described=reply()), "mme-unknown", "GET of a model that is not"),
        (multi_model(unknown_invocation=ERROR), "mme-unknown", "invoke of a model that is not"),
        (multi_model(unload=ERROR), "mme-unload", "500"),
        (multi_model(described_after=reply()), "mme-unload", "afterwards GET: 200"),
        (multi_model(unload_again=reply()), "mme-unload", "DELETE: 200"),
        (whole(training=Training(0, 1.0, [], None)), "train", "/opt/ml/model: []"),
        (
            whole(training=Training(3, 1.0, ["a"], None, "why\n")),
            "train",
            "exited with 3 after 1.0 s; its log ends: why",
        ),
        (whole(training=Training(None, 9.0, ["a"], None)), "train", "still ran after 9 s"),
        (whole(failed_training=Training(0, 1.0, ["a"], None)), "train-failure", "exited with 0"),
        (whole(failed_training=Training(1, 1.0, [], None)), "train-failure", "no reason"),
        (whole(failed_training=Training(1, 1.0, [], "")), "train-failure", "no reason"),
        (whole(failed_training=Training(None, 9.0, [], None)), "train-failure", "still ran"),
    ],
)
def test_one_broken_rule_fails_its_own_item(
    seen: Seen, change: Change, failed: str, words: str
) -> None:
    changed = change(seen)

    assert that(changed, Outcome.FAILS) == {failed}
    assert words in verdicts(changed)[failed].seen


@pytest.mark.parametrize(
    ("change", "failed", "not_checked"),
    [
        # what depends on an item that failed is not held against the image
        (
            served(invocation=ERROR),
            {"invocations"},
            {"content-length", "unknown-headers", "ping-under-load", "finishes-requests"},
        ),
        (
            lambda seen: multi_model(invocation=ERROR)(served(invocation=ERROR)(seen)),
            {"invocations"},
            {
                *("content-length", "unknown-headers", "ping-under-load", "finishes-requests"),
                "mme-invoke",
            },
        ),
        (served(pings=[LATE], pings_under_load=[LATE]), {"ping-in-time"}, {"ping-under-load"}),
        (
            not_up(start(ready=False, exit_code=1, last=no_reply("refused", heard=False))),
            {"starts"},
            {"port", "ping", "read-only-model", *SERVED, *MULTI_MODEL},
        ),
        (
            not_up(start(ready=False, last=no_reply("refused", heard=False))),
            {"port"},
            {"ping", "read-only-model", *SERVED, *MULTI_MODEL},
        ),
        (
            not_up(start(ready=False, last=no_reply("timed out"))),
            {"ping"},
            {"read-only-model", *SERVED, *MULTI_MODEL},
        ),
        (
            whole(multi_model_start=start(ready=False), multi_model=None),
            {"mme-starts"},
            MULTI_MODEL - {"mme-starts"},
        ),
        (served(died=137), {"starts"}, {"sigterm", "finishes-requests"}),
        # what nobody gave
        (
            whole(has_model=False, broken_model=None, multi_model=None, multi_model_start=None),
            set(),
            {"read-only-model", "broken-model", *MULTI_MODEL},
        ),
        (whole(offline=None, offline_reachable=False), set(), {"offline"}),
    ],
)
def test_what_cannot_be_seen_is_not_checked(
    seen: Seen, change: Change, failed: set[str], not_checked: set[str]
) -> None:
    changed = change(seen)

    assert that(changed, Outcome.FAILS) == failed
    assert that(changed, Outcome.NOT_CHECKED) == not_checked


@pytest.mark.parametrize(
    ("change", "not_claimed"),
    [
        (image(labels={}), {"bind-to-port", *MULTI_MODEL}),
        (served(metrics=reply(404)), {"metrics"}),
        (served(execution_parameters=reply(405)), {"execution-parameters"}),
        (whole(training=None, failed_training=None), {"train", "train-failure"}),
    ],
)
def test_what_is_not_claimed_is_not_held_against_an_image(
    seen: Seen, change: Change, not_claimed: set[str]
) -> None:
    changed = change(seen)

    assert that(changed, Outcome.FAILS) == set()
    assert that(changed, Outcome.NOT_CLAIMED) == not_claimed


@pytest.mark.parametrize("entrypoint", [(), ("serve",), ("bash", "run.sh"), ("/usr/bin/env", "-c")])
def test_an_entry_point_that_is_no_shells_command_is_fine(
    seen: Seen, entrypoint: tuple[str, ...]
) -> None:
    assert that(image(entrypoint=entrypoint)(seen), Outcome.HOLDS) == IDS


@pytest.mark.parametrize("user", ["root", "0", "root:root", "0:0"])
def test_root_has_several_names(seen: Seen, user: str) -> None:
    assert that(image(user=user)(seen), Outcome.HOLDS) == IDS


def test_every_check_has_an_id_of_its_own_and_says_what_it_means() -> None:
    checks = [check for members in GROUPS.values() for check in members]

    assert len(IDS) == len(checks)
    assert all(check.meaning.endswith(".") and check.source for check in checks)
    assert {check.level for check in checks} == set(Level)
