from typing import Any

import pytest

from deployment import change


@pytest.mark.parametrize(
    ("resource", "line"),
    [
        ({"Action": "Add"}, "+ add AWS::SQS::Queue Queue"),
        ({"Action": "Remove"}, "- remove AWS::SQS::Queue Queue"),
        ({"Action": "Import"}, "< import AWS::SQS::Queue Queue"),
        (
            {"Action": "Modify", "Scope": ["Properties", "Tags"], "Replacement": "False"},
            "~ modify AWS::SQS::Queue Queue (Properties, Tags)",
        ),
        (
            {"Action": "Modify", "Scope": ["Properties"], "Replacement": "True"},
            (
                "~ modify AWS::SQS::Queue Queue (Properties)"
                " - it is REPLACED, and what is in it is not moved"
            ),
        ),
        (
            {"Action": "Modify", "Replacement": "Conditional"},
            "~ modify AWS::SQS::Queue Queue - it may be REPLACED, and what is in it is not moved",
        ),
    ],
)
def test_a_change_in_a_line(resource: dict[str, Any], line: str) -> None:
    queue = {"LogicalResourceId": "Queue", "ResourceType": "AWS::SQS::Queue"}
    assert change.line({"Type": "Resource", "ResourceChange": queue | resource}) == line


@pytest.mark.parametrize(
    ("reason", "empty"),
    [
        # AWS's two texts (awscli's deployer.py looks for the same)
        (
            (
                "The submitted information didn't contain changes. Submit different information to"
                " create a change set."
            ),
            True,
        ),
        ("No updates are to be performed.", True),
        ("Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application", False),
    ],
)
def test_a_change_set_without_changes(reason: str, empty: bool) -> None:
    assert change.is_empty(reason) is empty
