import random
from collections.abc import Callable
from typing import Any

import pytest

from etl.channels import mail_scan
from etl.payload import digest
from etl.problem import InvalidSubmissionError
from etl.request import Request
from etl.submission import RawAnswer, Submission
from riskstack.contract.application import Channel

MakeRequest = Callable[..., Request]
Blocks = list[dict[str, Any]]


def word(block_id: str, text: str, confidence: float = 99.0) -> dict[str, Any]:
    return {"BlockType": "WORD", "Id": block_id, "Text": text, "Confidence": confidence}


def mark(block_id: str, *, selected: bool, confidence: float = 98.0) -> dict[str, Any]:
    return {
        "BlockType": "SELECTION_ELEMENT",
        "Id": block_id,
        "SelectionStatus": "SELECTED" if selected else "NOT_SELECTED",
        "Confidence": confidence,
    }


def pair(number: int, key: str, *parts: dict[str, Any], confidence: float = 95.0) -> Blocks:
    """Make the blocks of a label and of what stands beside it."""
    words = [word(f"k{number}-{place}", text) for place, text in enumerate(key.split())]
    both = {"BlockType": "KEY_VALUE_SET", "Confidence": confidence}
    value = {**both, "EntityTypes": ["VALUE"], "Id": f"v{number}"}
    if parts:
        value["Relationships"] = [{"Type": "CHILD", "Ids": [part["Id"] for part in parts]}]
    return [
        {
            **both,
            "EntityTypes": ["KEY"],
            "Id": f"k{number}",
            "Relationships": [
                {"Type": "VALUE", "Ids": [f"v{number}"]},
                {"Type": "CHILD", "Ids": [block["Id"] for block in words]},
            ],
        },
        value,
        *words,
        *parts,
    ]


@pytest.fixture
def scan(request_of: MakeRequest) -> Callable[..., Submission]:
    def adapt(*blocks: dict[str, Any], **members: object) -> Submission:
        return mail_scan.adapt(request_of({"DocumentId": "doc-1", "Blocks": blocks, **members}))

    return adapt


Scan = Callable[..., Submission]


def test_labels_and_what_stands_beside_them_are_read(scan: Scan) -> None:
    submission = scan(*pair(1, "Full name:", word("a", "Ana"), word("b", "Carolina")))
    assert submission.channel is Channel.MAIL
    assert submission.reference == "doc-1"
    assert submission.answers == {"full_name": RawAnswer("Ana Carolina", 0.95)}
    assert submission.doubtful == frozenset()


@pytest.mark.parametrize("label", ["Age", "AGE:", "age (years)", "Age in years :"])
def test_a_label_may_be_written_in_many_ways(scan: Scan, label: str) -> None:
    assert scan(*pair(1, label, word("a", "30"))).answers.keys() == {"age"}


def test_an_answer_is_as_sure_as_the_least_sure_of_pair_and_words(scan: Scan) -> None:
    assert scan(*pair(1, "Age", word("a", "30", 40.0))).answers["age"].confidence == 0.4
    unsure = pair(1, "Age", word("a", "30"), confidence=51.56)
    assert scan(*unsure).answers["age"].confidence == pytest.approx(0.5156)


def test_the_order_of_blocks_does_not_count(scan: Scan) -> None:
    blocks = [
        *pair(1, "Name", word("a", "Ana"), word("b", "Silva")),
        *pair(2, "Age", word("c", "30")),
        *pair(3, "Married", mark("d", selected=True)),
    ]
    expected = scan(*blocks)
    for seed in range(20):
        shuffled = random.Random(seed).sample(blocks, len(blocks))  # noqa: S311 - an order
        assert scan(*shuffled).answers == expected.answers


def test_an_empty_field_has_no_children(scan: Scan) -> None:
    assert scan(*pair(1, "Income:")).answers == {"income": RawAnswer("", 0.95)}


def test_a_label_written_twice_must_say_the_same(scan: Scan) -> None:
    twice = [*pair(1, "Debt", word("a", "1,000", 80.0)), *pair(2, "Debt", word("b", "1000"))]
    assert scan(*twice).answers == {"debt": RawAnswer("1000", 0.95)}
    differently = [*pair(1, "Debt", word("a", "1,000")), *pair(2, "Debt", word("b", "2,000"))]
    submission = scan(*differently)
    assert submission.doubtful == {"debt"}
    assert submission.problems == ()


def test_a_check_box_answers_yes_or_no(scan: Scan) -> None:
    for selected in (True, False):
        blocks = pair(1, "Earlier loan went bad", mark("a", selected=selected, confidence=90.0))
        assert scan(*blocks).answers == {"bad_record": RawAnswer(selected, 0.9)}


def test_a_check_box_may_stand_for_its_label(scan: Scan) -> None:
    boxes = [
        *pair(1, "Single", mark("a", selected=False)),
        *pair(2, "Married", mark("b", selected=True)),
        *pair(3, "Part-time", mark("c", selected=True)),
        *pair(4, "Employed", mark("d", selected=True)),
    ]
    assert scan(*boxes).answers == {
        "marital": RawAnswer("married", 0.95),
        "job": RawAnswer("part_time", 0.95),
    }


def test_two_boxes_checked_for_one_question_are_doubtful(scan: Scan) -> None:
    boxes = [
        *pair(1, "Single", mark("a", selected=True)),
        *pair(2, "Married", mark("b", selected=True)),
    ]
    assert scan(*boxes).doubtful == {"marital"}


def test_what_a_machine_cannot_tell_is_not_sure_at_all(scan: Scan) -> None:
    beside = pair(1, "Bad record", mark("a", selected=True), word("b", "Yes"), word("c", "No"))
    assert scan(*beside).answers["bad_record"].confidence == 0
    assert scan(*pair(1, "Age", mark("a", selected=True))).answers["age"].confidence == 0


@pytest.mark.parametrize("block_id", ["k1", "v1", "a"])
def test_without_a_confidence_an_answer_is_not_sure_at_all(scan: Scan, block_id: str) -> None:
    blocks = pair(1, "Age", word("a", "30"))
    for block in blocks:
        if block["Id"] == block_id:
            del block["Confidence"]
    assert scan(*blocks).answers == {"age": RawAnswer("30", 0.0)}


def test_a_block_that_is_named_again_and_again_counts_once(scan: Scan) -> None:
    blocks = pair(1, "Name", word("a", "Ana"))
    blocks[0]["Relationships"][0]["Ids"] *= 3000
    blocks[0]["Relationships"].append({"Type": "VALUE", "Ids": ["v1"]})
    blocks[1]["Relationships"][0]["Ids"] *= 3000
    assert scan(*blocks).answers == {"full_name": RawAnswer("Ana", 0.95)}


def test_values_that_many_keys_share_are_refused(scan: Scan) -> None:
    words = [word(f"w{number}", "x") for number in range(100)]
    keys = [pair(number, "Age")[0] for number in range(100)]
    for key in keys:
        key["Relationships"][0]["Ids"] = ["v"]
    value = pair(0, "", *words)[1] | {"Id": "v"}
    with pytest.raises(InvalidSubmissionError, match="body: relates more blocks than it has"):
        scan(*keys, value, *words)


def test_other_blocks_and_broken_links_are_left_alone(scan: Scan) -> None:
    blocks = pair(1, "Age", word("a", "30"))
    blocks[0]["Relationships"].append({"Type": "VALUE", "Ids": ["gone"]})
    blocks[0]["Relationships"].append({"Type": "VALUE"})
    others = [
        {"BlockType": "LAYOUT_FIGURE", "Id": "x", "New": {}},
        {"BlockType": "PAGE", "Id": "p", "Relationships": [{"Type": "CHILD", "Ids": ["k1"]}]},
        {"BlockType": "KEY_VALUE_SET", "Id": "q"},
    ]
    assert scan(*others, *blocks).answers == {"age": RawAnswer("30", 0.95)}


def test_a_document_is_named_by_its_member_its_header_or_its_digest(
    request_of: MakeRequest,
) -> None:
    body = b'{"Blocks": []}'
    assert mail_scan.adapt(request_of(body)).reference == digest(body)
    assert mail_scan.adapt(request_of(body, x_document_id="doc-2")).reference == "doc-2"
    named = b'{"Blocks": [], "DocumentId": "doc-1"}'
    assert mail_scan.adapt(request_of(named, x_document_id="doc-2")).reference == "doc-1"


@pytest.mark.parametrize("status", ["SUCCEEDED", "PARTIAL_SUCCESS", None])
def test_the_blocks_of_all_pages_are_taken(scan: Scan, status: str | None) -> None:
    blocks = [{**block, "Page": 2} for block in pair(1, "Age", word("a", "30"))]
    assert scan(*blocks, JobStatus=status, NextToken=None).answers.keys() == {"age"}


@pytest.mark.parametrize(
    ("members", "place"),
    [
        ({"Blocks": None}, "Blocks"),
        ({"Blocks": [{"BlockType": "WORD"}]}, "Blocks.0.Id"),
        ({"Blocks": [word("a", "x", 101.0)]}, "Blocks.0.Confidence"),
        ({"DocumentId": ""}, "DocumentId"),
        ({"DocumentId": 7}, "DocumentId"),
        ({"JobStatus": "IN_PROGRESS"}, "JobStatus"),
        ({"NextToken": "more"}, "NextToken"),
    ],
)
def test_what_is_no_whole_analysis_is_refused(
    scan: Scan, members: dict[str, object], place: str
) -> None:
    with pytest.raises(InvalidSubmissionError) as refused:
        scan(**members)
    assert [problem.field for problem in refused.value.problems] == [place]
