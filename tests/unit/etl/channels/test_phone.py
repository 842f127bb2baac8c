from collections.abc import Callable
from typing import Any

import pytest

from etl.channels import phone
from etl.problem import InvalidSubmissionError
from etl.request import Request
from etl.submission import RawAnswer
from riskstack.contract.application import Channel

MakeRequest = Callable[..., Request]


def event(attributes: object, parameters: object = None, **contact: object) -> dict[str, Any]:
    return {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {"Attributes": attributes, "ContactId": "contact-1", **contact},
            "Parameters": parameters,
        },
    }


def test_attributes_and_parameters_are_read() -> None:
    submission = phone.adapt_event(
        event({"Income": "42000", "Language": "en-US"}, {"loan_amount": "9000"})
    )
    assert submission.channel is Channel.PHONE
    assert submission.reference == "contact-1"
    assert submission.answers == {"income": RawAnswer("42000"), "amount": RawAnswer("9000")}


def test_the_bots_confidence_holds_for_every_answer() -> None:
    submission = phone.adapt_event(
        event({"Income": "42000", "voicebotconfidence": "0.91"}, {"Age": "30"})
    )
    assert {answer.confidence for answer in submission.answers.values()} == {0.91}
    assert phone.adapt_event(
        event({"VoiceBotConfidence": "0.91"}, {"VoiceBotConfidence": "0.5", "Age": "30"})
    ).answers == {"age": RawAnswer("30", 0.5)}
    assert phone.adapt_event(event({"VoiceBotConfidence": "", "Age": "30"})).answers == {
        "age": RawAnswer("30")
    }


@pytest.mark.parametrize("confidence", ["high", "91", "-0.1", "nan", ["0.9"]])
def test_what_is_no_confidence_is_refused(confidence: object) -> None:
    with pytest.raises(InvalidSubmissionError, match="VoiceBotConfidence: is not a confidence"):
        phone.adapt_event(event({"VoiceBotConfidence": confidence}))


def test_a_parameter_goes_before_an_attribute_unless_it_is_blank() -> None:
    submission = phone.adapt_event(
        event({"Age": "30", "age": "31", "Debt": "5"}, {"AGE": "32", "debt": ""})
    )
    assert submission.answers == {"age": RawAnswer("32"), "debt": RawAnswer("5")}
    assert submission.problems == ()


def test_two_attributes_for_one_question_must_agree() -> None:
    submission = phone.adapt_event(event({"Age": "30", "age": "31"}))
    assert [problem.field for problem in submission.problems] == ["age"]


def test_names_and_channels_differ_between_releases() -> None:
    raw = event({"Age": "30"}, Channel="Voice") | {"Name": "ContactFlowExecution"}
    assert phone.adapt_event(raw).answers == {"age": RawAnswer("30")}


def test_what_was_never_there_may_be_null() -> None:
    raw = event(
        {"Age": "30"},
        CustomerEndpoint=None,
        SystemEndpoint=None,
        Queue=None,
        Channel="EMAIL",
        MediaStreams={"Customer": {"Audio": None}},
    )
    assert phone.adapt_event(raw).answers == {"age": RawAnswer("30")}
    assert phone.adapt_event(event(None, None)).answers == {}


def test_the_event_may_be_posted(request_of: MakeRequest) -> None:
    raw = event({"Age": "30"})
    posted, sent = phone.adapt(request_of(raw)), phone.adapt_event(raw)
    assert (posted.reference, posted.answers) == (sent.reference, sent.answers)


@pytest.mark.parametrize(
    ("raw", "place"),
    [
        ({}, "Details"),
        ({"Details": {}}, "Details.ContactData"),
        (event({}, ContactId=None), "Details.ContactData.ContactId"),
        (event({}, ContactId=" "), "Details.ContactData.ContactId"),
        (event([]), "Details.ContactData.Attributes"),
        (event({}, "x"), "Details.Parameters"),
    ],
)
def test_another_structure_is_refused(raw: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidSubmissionError) as refused:
        phone.adapt_event(raw)
    assert [problem.field for problem in refused.value.problems] == [place]
