from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from etl.channels import mobile
from etl.problem import InvalidSubmissionError, Problem
from etl.request import Request
from etl.submission import RawAnswer
from riskstack.contract.application import Channel

MakeRequest = Callable[..., Request]


def body(**application: object) -> dict[str, Any]:
    return {"schema": "mobile/2", "client_ref": "ref-1", "application": application}


def test_camel_case_and_minor_units_are_read(request_of: MakeRequest) -> None:
    submission = mobile.adapt(
        request_of(
            body(
                fullName="Ana Silva",
                loanAmount=900_050,
                termMonths=36,
                badRecord=False,
                debt=None,
                pushToken="x",
            )
        )
    )
    assert submission.channel is Channel.MOBILE
    assert submission.reference == "ref-1"
    assert submission.problems == ()
    assert submission.answers == {
        "full_name": RawAnswer("Ana Silva"),
        "amount": RawAnswer(Decimal("9000.5")),
        "term": RawAnswer(36),
        "bad_record": RawAnswer(value=False),
        "debt": RawAnswer(None),
    }


@pytest.mark.parametrize("money", [9000.5, "900000", True, [1], float("nan")])
def test_money_that_is_not_in_whole_minor_units_is_a_problem(
    request_of: MakeRequest, money: object
) -> None:
    submission = mobile.adapt(request_of(body(loanAmount=money, age=30)))
    assert submission.problems == (
        Problem("amount", "is not money; expected whole minor units (cents)"),
    )
    assert submission.answers == {"age": RawAnswer(30)}


def test_the_same_submission_from_the_offline_queue_has_the_same_reference(
    request_of: MakeRequest,
) -> None:
    first = mobile.adapt(request_of(body(age=30) | {"submitted_at": "2026-03-02T08:15:30Z"}))
    late = body(age=30) | {"submitted_at": "2026-03-05T19:00:00Z", "offline_queued": True}
    again = mobile.adapt(request_of(late))
    assert again.reference == first.reference
    assert again.answers == first.answers


@pytest.mark.parametrize("block", [{"platform": "ios"}, None, "ios", []])
def test_device_place_and_client_context_are_left_alone(
    request_of: MakeRequest, block: object
) -> None:
    plain = mobile.adapt(request_of(body(age=30)))
    request = request_of(
        body(age=30) | {"device": block, "geo": block}, x_amz_client_context="not base64!"
    )
    assert mobile.adapt(request).answers == plain.answers


def test_without_a_client_ref_the_idempotency_key_is_the_reference(
    request_of: MakeRequest,
) -> None:
    anonymous = body(age=30) | {"client_ref": None}
    assert mobile.adapt(request_of(anonymous)).reference is None
    assert mobile.adapt(request_of(anonymous, idempotency_key="k-1")).reference == "k-1"


def test_two_names_for_one_question_must_agree(request_of: MakeRequest) -> None:
    submission = mobile.adapt(request_of(body(amount=100, loanAmount=200)))
    assert [problem.field for problem in submission.problems] == ["amount"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"schema": "mobile/1"}, "schema: Input should be 'mobile/2'"),
        ({"client_ref": ""}, "client_ref: is empty"),
        ({"client_ref": 7}, "client_ref: Input should be a valid string"),
        ({"application": []}, "application: Input should be a valid dictionary"),
        ({"application": None}, "application: Input should be a valid dictionary"),
    ],
)
def test_another_schema_is_refused(
    request_of: MakeRequest, change: dict[str, object], problem: str
) -> None:
    with pytest.raises(InvalidSubmissionError, match=problem):
        mobile.adapt(request_of(body(age=30) | change))
