import base64
import hashlib
from collections.abc import Callable

import pytest

from etl.channels import webform
from etl.problem import InvalidSubmissionError, Problem
from etl.request import Request
from etl.submission import RawAnswer, Submission
from riskstack.contract.application import Channel

FORM = "application/x-www-form-urlencoded"
MakeRequest = Callable[..., Request]


def values(submission: Submission) -> dict[str, object]:
    return {question: answer.value for question, answer in submission.answers.items()}


def test_a_form_is_decoded(request_of: MakeRequest) -> None:
    body = "first_name=Ana&last_name=Mu%C3%B1oz+Gil&income=42%2C000&age=&bad_record=on&consent=on"
    submission = webform.from_form(request_of(body, FORM))
    assert submission == Submission(
        channel=Channel.WEBFORM,
        reference=None,
        raw_sha256=hashlib.sha256(body.encode()).hexdigest(),
        answers={
            "full_name": RawAnswer("Ana Muñoz Gil"),
            "income": RawAnswer("42,000"),
            "age": RawAnswer(""),
            "bad_record": RawAnswer("on"),
        },
    )


def test_a_form_in_base64_is_the_same_form(request_of: MakeRequest) -> None:
    plain = webform.from_form(request_of("age=30", FORM))
    encoded = Request.from_event(
        {
            "headers": {"Content-Type": FORM},
            "body": base64.b64encode(b"age=30").decode(),
            "isBase64Encoded": True,
        }
    )
    assert webform.from_form(encoded) == plain


@pytest.mark.parametrize(
    ("body", "answer"), [("age=30", False), ("bad_record=on", "on"), ("bad_record=", "")]
)
def test_a_check_box_that_is_not_checked_is_absent(
    request_of: MakeRequest, body: str, answer: object
) -> None:
    assert values(webform.from_form(request_of(body, FORM)))["bad_record"] == answer


def test_a_repeated_field_must_repeat_its_value(request_of: MakeRequest) -> None:
    body = "age=30&age=30&income=1000&income=1%2C000&term=12&term=24"
    submission = webform.from_form(request_of(body, FORM))
    assert submission.problems == (
        Problem("term", "was answered twice, differently; expected one answer"),
    )


def test_json_has_lists_for_repeated_fields(request_of: MakeRequest) -> None:
    submission = webform.from_json(
        request_of({"age": 30, "income": ["42,000"], "term": [12, 24], "bad_record": False})
    )
    assert values(submission) == {"age": 30, "income": "42,000", "term": 12, "bad_record": False}
    assert [problem.field for problem in submission.problems] == ["term"]


def test_in_json_an_absent_check_box_is_no_answer(request_of: MakeRequest) -> None:
    assert values(webform.from_json(request_of({"age": 30}))) == {"age": 30}


def test_the_idempotency_key_is_the_reference(request_of: MakeRequest) -> None:
    for adapt, body in ((webform.from_form, "age=30"), (webform.from_json, '{"age": 30}')):
        assert adapt(request_of(body, FORM, idempotency_key="k-1")).reference == "k-1"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"age=\xff", "is not utf-8"),
        (b"age=%FF", "is not UTF-8"),
        (b"&".join([b"a=1"] * 201), "has more than 200 fields"),
    ],
)
def test_what_is_no_form_is_refused(request_of: MakeRequest, body: bytes, fault: str) -> None:
    with pytest.raises(InvalidSubmissionError, match=f"body: {fault}"):
        webform.from_form(request_of(body, FORM))
