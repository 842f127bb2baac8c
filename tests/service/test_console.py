import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

import boto3
import pytest
import requests
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import ClientError

from console import review
from console.guard import FORM_LIMIT, SECURITY_HEADERS
from console.store import LostRaceError, Store
from riskstack.contract.application import Status
from riskstack.contract.decision import Transition
from riskstack.contract.record import Tables
from tests.console_stand import NOW, Stand, create_stand, emulator, served
from tests.refusing_port import refusing_port

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DEADLINE = 30


class Auditor:
    """Someone at a browser, without the browser's own checks: redirects are not followed."""

    def __init__(self, url: str, name: str | None = None) -> None:
        self.url = url
        self.session = requests.Session()
        if name is not None:
            self.post("/sign-in", name=name)

    def close(self) -> None:
        self.session.close()

    def get(self, path: str = "/") -> requests.Response:
        return self.session.get(self.url + path, allow_redirects=False, timeout=DEADLINE)

    def post(self, path: str, /, **form: object) -> requests.Response:
        return self.session.post(
            self.url + path, data=form, allow_redirects=False, timeout=DEADLINE
        )

    def claim(self, application_id: str = "app-1", version: int = 1) -> requests.Response:
        return self.post(f"/applications/{application_id}/claim", version=version)

    def decide(
        self, decision: str = "accepted", version: int = 2, note: str = "Checked."
    ) -> requests.Response:
        path = "/applications/app-1/decision"
        return self.post(path, version=version, decision=decision, note=note)


@pytest.fixture(scope="module")
def dynamodb() -> Iterator["DynamoDBClient"]:
    with emulator() as client:
        yield client


@pytest.fixture
def stand(dynamodb: "DynamoDBClient") -> Stand:
    return create_stand(dynamodb)


@pytest.fixture
def url(stand: Stand) -> Iterator[str]:
    with served(stand.desk()) as address:
        yield address


@pytest.fixture
def nobody(url: str) -> Iterator[Auditor]:
    with closing(Auditor(url)) as auditor:
        yield auditor


@pytest.fixture
def grace(url: str) -> Iterator[Auditor]:
    with closing(Auditor(url, "Grace")) as auditor:
        yield auditor


@pytest.fixture
def linus(url: str) -> Iterator[Auditor]:
    with closing(Auditor(url, "Linus")) as auditor:
        yield auditor


def shown_version(page: requests.Response) -> int:
    found = re.search(r'<input type="hidden" name="version" value="(\d+)">', page.text)
    assert found, page.text
    return int(found[1])


def listed(page: requests.Response) -> list[str]:
    return re.findall(r'<a href="/applications/([^"]+)"', page.text)


def trail(stand: Stand) -> list[dict[str, Any]]:
    answer = stand.client.query(
        TableName=stand.tables.audit,
        KeyConditionExpression="application_id = :id",
        ExpressionAttributeValues={":id": "app-1"},
    )
    return [dict(item) for item in answer["Items"]]


def test_health(nobody: Auditor) -> None:
    answer = nobody.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


# signing in


@pytest.mark.parametrize(
    ("path", "following"),
    [
        ("/", "%2F"),
        ("/?status=accepted", "%2F"),
        ("/applications/a%20b", "%2Fapplications%2Fa%2520b"),
    ],
)
def test_a_page_asks_for_a_name_first(nobody: Auditor, path: str, following: str) -> None:
    answer = nobody.get(path)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/sign-in?next={following}"


def test_a_step_needs_a_name(stand: Stand, nobody: Auditor) -> None:
    stand.put()
    for answer in (nobody.claim(), nobody.decide(), nobody.post("/applications/app-1/decision")):
        assert answer.status_code == 303
        assert answer.headers["Location"] == "/sign-in?next=%2Fapplications%2Fapp-1"
    assert stand.item()["version"] == 1


def test_sign_in_says_what_it_is_not(nobody: Auditor) -> None:
    page = nobody.get("/sign-in?next=/applications/app-1")
    assert "This is no authentication" in page.text
    assert '<input type="hidden" name="next" value="/applications/app-1">' in page.text


def test_sign_in_keeps_the_name_in_a_strict_cookie(nobody: Auditor) -> None:
    answer = nobody.post("/sign-in", name=" Zoë  Ω;", next="/applications/app-1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/applications/app-1")
    cookie = answer.headers["Set-Cookie"]
    assert cookie == "auditor=Zo%C3%AB%20%CE%A9%3B; HttpOnly; Path=/; SameSite=strict"
    assert "Zoë Ω;" in nobody.get("/").text


def test_sign_in_leads_to_no_other_site(nobody: Auditor) -> None:
    answer = nobody.post("/sign-in", name="Grace", next="//evil.example/")
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "\x07"])
def test_a_name_that_cannot_be_kept_is_refused(nobody: Auditor, name: str) -> None:
    assert nobody.post("/sign-in", name=name).status_code == 400
    assert not nobody.session.cookies


def test_signing_out_forgets_the_name(grace: Auditor) -> None:
    answer = grace.post("/sign-out")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert grace.get("/").status_code == 303


# the review


def test_an_auditor_claims_and_accepts(stand: Stand, grace: Auditor) -> None:
    stand.put()
    page = grace.get("/applications/app-1")
    for words in ("Ada Example", "62 %", "high", "Debt is high for the income", "freelance"):
        assert words in page.text

    claimed = grace.claim(version=shown_version(page))
    assert (claimed.status_code, claimed.headers["Location"]) == (303, "/applications/app-1")
    assert '<td class="wide">you</td>' in grace.get("/").text

    page = grace.get("/applications/app-1")
    note = "Steady income.\r\nDebt is paid down."
    decided = grace.decide(version=shown_version(page), note=note)
    assert (decided.status_code, decided.headers["Location"]) == (303, "/applications/app-1")

    item = stand.item()
    assert (item["status"], item["version"]) == ("accepted", 3)
    assert item["note"] == "Steady income.\nDebt is paid down."
    assert item["claimed_by"] == item["decided_by"] == "auditor:Grace"
    assert item["claimed_at"] == item["decided_at"] == NOW.isoformat(timespec="milliseconds")
    assert item["score"] == Decimal("0.62")
    events = [(event["version"], event["action"], event["actor"]) for event in trail(stand)]
    assert events == [
        (1, "submitted", "channel:mail"),
        (2, "claimed", "auditor:Grace"),
        (3, "decided", "auditor:Grace"),
    ]
    page = grace.get("/applications/app-1")
    assert "<strong>Accepted</strong> by you" in page.text
    assert "Debt is paid down.</blockquote>" in page.text
    assert "<strong>decided</strong> by Grace, now accepted" in page.text
    assert listed(grace.get("/")) == []
    assert listed(grace.get("/?status=accepted")) == ["app-1"]


def test_an_auditor_rejects(stand: Stand, grace: Auditor) -> None:
    stand.put()
    grace.claim()
    assert grace.decide("rejected").status_code == 303
    assert stand.item()["status"] == "rejected"


def test_the_second_to_claim_learns_who_was_first(
    stand: Stand, grace: Auditor, linus: Auditor
) -> None:
    stand.put()
    assert grace.claim().status_code == 303
    late = linus.claim()
    assert late.status_code == 409
    assert "Grace was first" in late.text
    assert listed(late) == []
    assert '<a class="button" href="/applications/app-1">' in late.text
    assert "<strong>Grace</strong> has been reviewing" in linus.get("/applications/app-1").text
    assert linus.decide().status_code == 409
    assert stand.item()["claimed_by"] == "auditor:Grace"
    assert len(trail(stand)) == 2


def test_who_decides_late_learns_what_was_decided(
    stand: Stand, grace: Auditor, linus: Auditor
) -> None:
    stand.put()
    grace.claim()
    grace.decide("rejected")
    for late in (linus.claim(version=3), linus.decide("accepted", version=3)):
        assert late.status_code == 409
        assert "already rejected, decided by Grace" in late.text
    assert stand.item()["status"] == "rejected"


def test_a_second_click_changes_nothing(stand: Stand, grace: Auditor) -> None:
    stand.put()
    assert [grace.claim().status_code for _ in range(2)] == [303, 303]
    assert [grace.decide().status_code for _ in range(2)] == [303, 303]
    assert stand.item()["version"] == 3


def test_nothing_is_decided_without_a_claim(stand: Stand, grace: Auditor) -> None:
    stand.put()
    answer = grace.decide(version=1)
    assert answer.status_code == 409
    assert "Claim this application before you decide it" in answer.text
    assert stand.item()["status"] == "in_review"


def test_what_changed_since_must_be_looked_at_again(stand: Stand, grace: Auditor) -> None:
    stand.put()
    answer = grace.claim(version=7)
    assert answer.status_code == 409
    assert "has changed since you opened it" in answer.text


class Overtaken(Store):
    """A store in which another auditor's step comes between the next read and its write."""

    other: Callable[[], object] | None = None

    def write(self, transition: Transition, condition: str = "") -> None:
        if self.other is not None:
            other, self.other = self.other, None
            other()
        super().write(transition, condition)


def test_a_race_lost_at_the_last_moment_names_the_winner(stand: Stand, linus: Auditor) -> None:
    stand.put()
    store = Overtaken(stand.client, stand.tables)
    store.other = linus.claim
    with served(stand.desk(store)) as url, closing(Auditor(url, "Grace")) as grace:
        late = grace.claim()
    assert late.status_code == 409
    assert "Linus was first" in late.text
    assert stand.item()["claimed_by"] == "auditor:Linus"
    assert [event["version"] for event in trail(stand)] == [1, 2]


def test_a_claim_is_written_on_an_unclaimed_application_only(stand: Stand) -> None:
    stand.put(claimed_by="auditor:Linus", claimed_at=NOW.isoformat())
    unclaimed = replace(stand.store.case("app-1"), claimed_by=None)
    transition = review.claim(unclaimed, review.Attempt("auditor:Grace", 1, NOW))
    assert transition is not None
    with pytest.raises(LostRaceError):
        stand.store.write(transition, review.UNCLAIMED)
    assert stand.item()["claimed_by"] == "auditor:Linus"


class Contended(Store):
    """A store in which another write is always being made."""

    def write(self, transition: Transition, condition: str = "") -> None:
        raise LostRaceError(f"{transition.action} was not the only step, with {condition!r}")


def test_a_conflict_that_does_not_end_is_said(stand: Stand) -> None:
    stand.put()
    desk = stand.desk(Contended(stand.client, stand.tables))
    with served(desk) as url, closing(Auditor(url, "Grace")) as grace:
        answer = grace.claim()
    assert answer.status_code == 409
    assert "claimed was not the only step" in answer.text


# the lists


def test_the_queue_is_paged_oldest_first(
    stand: Stand, grace: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.store.PAGE_SIZE", 3)
    wanted = [f"app-{number}" for number in range(8)]
    for number, application_id in enumerate(wanted):
        # two at a time wait equally long
        stand.put(application_id, waited=timedelta(hours=99 - number // 2))
    page = grace.get("/")
    found, pages = listed(page), 1
    while following := re.search(r'<a href="([^"]+)">Next page</a>', page.text):
        page = grace.get(following[1].replace("&amp;", "&"))
        found += listed(page)
        pages += 1
    assert sorted(found) == wanted
    ages = [int(application_id.removeprefix("app-")) // 2 for application_id in found]
    assert ages == sorted(ages)
    assert pages == 3
    assert '<a href="/?status=in_review">First page</a>' in page.text


def test_what_is_decided_is_listed_newest_first(stand: Stand, grace: Auditor) -> None:
    for hours in (1, 3, 2):
        stand.put(
            f"app-{hours}",
            Status.REJECTED,
            waited=timedelta(hours=hours),
            score=None,
            decided_by="rules:v1",
            decided_at=NOW.isoformat(),
        )
    page = grace.get("/?status=rejected")
    assert listed(page) == ["app-1", "app-2", "app-3"]
    assert "<td>the rules<" in page.text
    assert "The rules decided without a score" in grace.get("/applications/app-1").text


def test_every_status_is_counted(
    stand: Stand, grace: Auditor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.store.COUNT_LIMIT", 2)
    for number, status in enumerate([Status.IN_REVIEW] * 3 + [Status.INCOMPLETE]):
        stand.put(f"app-{number}", status)
    counts = re.findall(r'(\w+(?: \w+)?) <span class="count">(\S+)</span>', grace.get("/").text)
    assert dict(counts) == {
        "In review": "2+",
        "Incomplete": "1",
        "Received": "0",
        "Accepted": "0",
        "Rejected": "0",
    }


def test_what_is_incomplete_shows_its_open_questions(stand: Stand, grace: Auditor) -> None:
    outcome = ("score", "band", "priority", "reasons", "rules_version", "model_version")
    unassessed: dict[str, Any] = dict.fromkeys(outcome)
    stand.put(status=Status.INCOMPLETE, answers={"full_name": None, "amount": None}, **unassessed)
    assert "Name not given" in grace.get("/?status=incomplete").text
    page = grace.get("/applications/app-1").text
    assert "<li>Income a month</li>" in page
    assert "Not assessed yet" in page
    assert "nothing to decide while it is incomplete" in page
    assert grace.claim().status_code == 409


def test_a_damaged_item_hides_no_other(stand: Stand, grace: Auditor) -> None:
    stand.put("app-good")
    stand.put("app-bad", band="high", received_at="2026-01-01", version=1)
    page = grace.get("/")
    assert listed(page) == ["app-good"]
    assert "Cannot be read, tell whoever runs the system: app-bad" in page.text
    assert grace.get("/applications/app-bad").status_code == 500


@pytest.mark.parametrize(
    "query", ["status=lost", "after=", "after=x", "after=~app-1", f"after={'x' * 501}"]
)
def test_a_list_that_does_not_exist_is_refused(grace: Auditor, query: str) -> None:
    assert grace.get(f"/?{query}").status_code == 400


# what comes from outside


def test_what_others_wrote_is_only_ever_text(stand: Stand, nobody: Auditor) -> None:
    hostile = "<script>alert('1')</script>\" onclick=\"x"
    escaped = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&#34; onclick=&#34;x"
    reason = {"source": "rule", "code": hostile, "text": hostile}
    stand.put(
        answers={"full_name": hostile}, reasons=[reason], priority=hostile, rules_version=hostile
    )
    nobody.post("/sign-in", name=hostile)
    nobody.claim()
    pages = [nobody.get("/"), nobody.get("/applications/app-1")]
    nobody.decide(note=hostile)
    pages += [nobody.get("/applications/app-1"), nobody.claim(), nobody.decide(version=9)]
    assert [page.status_code for page in pages] == [200, 200, 200, 409, 409]
    for page in pages:
        assert escaped in page.text
        assert "<script" not in page.text
        assert '" onclick' not in page.text


@pytest.mark.parametrize(
    "form",
    [
        {"decision": "accepted", "note": "x"},
        {"version": "two", "decision": "accepted", "note": "x"},
        {"version": 0, "decision": "accepted", "note": "x"},
        {"version": 2, "decision": "in_review", "note": "x"},
        {"version": 2, "note": "x"},
        {"version": 2, "decision": "accepted"},
        {"version": 2, "decision": "accepted", "note": " \r\n"},
        {"version": 2, "decision": "accepted", "note": "x" * 1001},
    ],
)
def test_a_form_that_is_not_filled_in_is_refused(
    stand: Stand, grace: Auditor, form: dict[str, object]
) -> None:
    stand.put()
    grace.claim()
    answer = grace.post("/applications/app-1/decision", **form)
    assert answer.status_code == 400
    assert 'href="/applications/app-1"' in answer.text
    assert stand.item()["version"] == 2


def test_the_longest_note_is_kept(stand: Stand, grace: Auditor) -> None:
    stand.put()
    grace.claim()
    note = "\N{GRINNING FACE}" * 1000
    assert grace.decide(note=note).status_code == 303
    assert stand.item()["note"] == note


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Length": str(FORM_LIMIT + 1)}, 413),
    ],
)
def test_a_form_that_the_guard_refuses_changes_nothing(
    stand: Stand, grace: Auditor, headers: dict[str, str], status: int
) -> None:
    stand.put()
    grace.session.headers.update(headers)
    body = "version=1&filler=" + "x" * FORM_LIMIT if status == 413 else "version=1"
    answer = grace.session.post(
        f"{grace.url}/applications/app-1/claim",
        data=body,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=DEADLINE,
    )
    assert answer.status_code == status
    assert "<h1>Refused</h1>" in answer.text
    assert stand.item()["version"] == 1


def test_a_form_of_unknown_length_is_refused(grace: Auditor) -> None:
    answer = grace.session.post(f"{grace.url}/sign-out", data=iter([b"x"]), timeout=DEADLINE)
    assert answer.status_code == 411


# what every answer says


@pytest.mark.parametrize(
    ("path", "status", "caching"),
    [
        ("/sign-in", 200, "no-store"),
        ("/", 200, "no-store"),
        ("/health", 200, "no-store"),
        ("/applications/unknown", 404, "no-store"),
        ("/elsewhere", 404, "no-store"),
        ("/sign-out", 405, "no-store"),
        ("/static/console.css", 200, "no-cache"),
        ("/openapi.json", 404, "no-store"),
    ],
)
def test_every_answer_is_guarded(grace: Auditor, path: str, status: int, caching: str) -> None:
    answer = grace.get(path)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == caching
    assert answer.headers.items() >= SECURITY_HEADERS.items()


def test_a_step_on_an_unknown_application_leads_back_to_the_queue(grace: Auditor) -> None:
    answer = grace.claim("unknown")
    assert answer.status_code == 404
    assert '<a href="/">Back to the queue</a>' in answer.text
    assert "Open the application" not in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_console_is_not_served_under_another_name(grace: Auditor, method: str) -> None:
    answer = grace.session.request(
        method, f"{grace.url}/sign-in", headers={"Host": "evil.example"}, timeout=DEADLINE
    )
    assert answer.status_code == 400
    assert "not served under this name" in answer.text
    assert answer.headers.items() >= SECURITY_HEADERS.items()


class Throttled(Store):
    """A store that DynamoDB lets do nothing at this moment."""

    def count(self, status: Status) -> NoReturn:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, str(status))


def test_a_store_that_is_throttled_can_be_tried_again(stand: Stand) -> None:
    desk = stand.desk(Throttled(stand.client, stand.tables))
    with served(desk) as url, closing(Auditor(url, "Grace")) as grace:
        answer = grace.get()
    assert answer.status_code == 503
    assert "Try again in a moment" in answer.text


def test_tables_that_do_not_exist_are_a_fault(stand: Stand, dynamodb: "DynamoDBClient") -> None:
    stream = io.StringIO()
    logger: Logger = Logger(service="console-without-tables", stream=stream)
    desk = stand.desk(Store(dynamodb, Tables("absent", "absent")), logger)
    with served(desk) as url, closing(Auditor(url, "Grace")) as grace:
        answer = grace.get()
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    [line] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["cause"], line["code"]) == (
        "ResourceNotFoundException",
        "ResourceNotFoundException",
    )


def test_tables_that_do_not_answer_are_no_fault_of_the_auditor(
    stand: Stand,
) -> None:
    with refusing_port() as port:
        unreachable = boto3.resource(
            "dynamodb",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="eu-central-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106 - nobody is there to ask for it
            config=Config(retries={"total_max_attempts": 1}),
        ).meta.client
        desk = stand.desk(Store(unreachable, stand.tables))
        with served(desk) as url, closing(Auditor(url, "Grace")) as grace:
            answer = grace.claim()
    assert answer.status_code == 503
    assert "cannot be reached" in answer.text


class Faulty(Store):
    """A store with a fault that nobody foresaw, whose words are an answer."""

    def case(self, application_id: str) -> NoReturn:
        raise RuntimeError(f"Ada Example, {application_id}")


@pytest.mark.parametrize("is_page_broken", [False, True])
def test_a_fault_is_answered_guarded_and_logged_without_its_words(
    stand: Stand,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    *,
    is_page_broken: bool,
) -> None:
    stream = io.StringIO()
    name = f"console-faulty-{is_page_broken}"
    desk = stand.desk(Faulty(stand.client, stand.tables), Logger(service=name, stream=stream))
    with served(desk) as url, closing(Auditor(url, "Grace")) as grace:
        if is_page_broken:
            monkeypatch.setattr("console.app.message_page", stand.store.case)
        answer = grace.get("/applications/app-1")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers.items() >= SECURITY_HEADERS.items()
    [line] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert (line["message"], line["application_id"]) == ("request failed", "app-1")
    assert line["cause"] == ("TypeError" if is_page_broken else "RuntimeError")
    assert line["stack"]
    assert "Example" not in stream.getvalue() + "".join(capfd.readouterr())


def test_a_step_is_logged_without_personal_data(stand: Stand) -> None:
    stand.put()
    stand.put("app-bad", received_at="2026-01-01", answers={"full_name": "Bad Example"})
    stream = io.StringIO()
    logger: Logger = Logger(service="console-logged", stream=stream)
    with served(stand.desk(logger=logger)) as url, closing(Auditor(url, "Grace")) as grace:
        grace.claim()
        grace.decide(note="Secret words")
        grace.get("/")
        grace.get("/applications/app-bad")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["message"], line["application_id"]) for line in lines] == [
        ("claimed", "app-1"),
        ("decided", "app-1"),
        ("unreadable item", "app-bad"),
        ("request failed", "app-bad"),
    ]
    for personal in ("Grace", "Example", "Secret"):
        assert personal not in stream.getvalue()


# the process


def test_the_console_starts_serves_and_stops(stand: Stand) -> None:
    stand.put()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    environ = os.environ | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "APPLICATIONS_TABLE": stand.tables.applications,
        "AUDIT_TABLE": stand.tables.audit,
        "LOG_LEVEL": "INFO",
        "AWS_ENDPOINT_URL_DYNAMODB": stand.client.meta.endpoint_url,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    command = [sys.executable, "-m", "console"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            until_healthy(f"http://127.0.0.1:{port}/health")
            with closing(Auditor(f"http://127.0.0.1:{port}", "Grace")) as grace:
                assert grace.claim().status_code == 303
        finally:
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=DEADLINE)
    # uvicorn stops in order, then dies of the signal as its parent expects
    assert process.returncode in {0, -signal.SIGTERM}
    assert [json.loads(line)["message"] for line in output.splitlines()] == ["claimed"]


@pytest.mark.parametrize("missing", ["PORT", "AWS_DEFAULT_REGION"])
def test_the_console_says_what_it_misses(missing: str) -> None:
    command = [sys.executable, "-m", "console"]
    environ = os.environ | {
        "HOST": "127.0.0.1",
        "PORT": "1",
        "APPLICATIONS_TABLE": "applications",
        "AUDIT_TABLE": "audit",
        "LOG_LEVEL": "INFO",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_CONFIG_FILE": os.devnull,
    }
    del environ[missing]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr == f"set {missing}: the console cannot start without it\n"


def until_healthy(url: str) -> None:
    retry = requests.adapters.Retry(total=None, connect=100, backoff_factor=0.05, backoff_max=0.3)
    with requests.Session() as session:
        session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
        assert session.get(url, timeout=DEADLINE).status_code == 200
