"""Requests against the service model: each constraint in AWS's words, each type by its name."""

from typing import Any

import botocore.session
import pytest

from hosting.control.api_errors import InvalidRequestError, SerializationError
from hosting.control.input_shape import check_input

SERVICE = botocore.session.get_session().get_service_model("sagemaker")
MUST = "failed to satisfy constraint: Member must"


def check(operation: str, document: dict[str, Any]) -> None:
    check_input(SERVICE.operation_model(operation).input_shape, document)


def test_what_keeps_the_model_passes() -> None:
    check(
        "CreateModel",
        {
            "ModelName": "credit",
            "Containers": [
                {
                    "Image": "x",
                    "Environment": {"A_1": ""},
                    # this stack's own addition to the pattern of Url
                    "ModelDataUrl": "file:///models/credit",
                }
            ],
            "Tags": [{"Key": "Übung 1", "Value": ""}],
            "EnableNetworkIsolation": False,
        },
    )
    check("ListModels", {"CreationTimeAfter": 1.5, "MaxResults": 100})
    # an operation without an input
    check_input(None, {})


@pytest.mark.parametrize(
    ("operation", "document", "violations"),
    [
        ("DescribeModel", {}, [f"Value null at 'modelName' {MUST} not be null"]),
        (
            "DescribeModel",
            {"ModelName": "a" * 64},
            [f"Value '{'a' * 64}' at 'modelName' {MUST} have length less than or equal to 63"],
        ),
        (
            "DescribeModel",
            {"ModelName": "-"},
            [
                (
                    f"Value '-' at 'modelName' {MUST} satisfy regular expression pattern:"
                    r" [a-zA-Z0-9]([\-a-zA-Z0-9]*[a-zA-Z0-9])?"
                )
            ],
        ),
        (
            "ListModels",
            {"MaxResults": 101, "SortOrder": "Up"},
            [
                f"Value '101' at 'maxResults' {MUST} have value less than or equal to 100",
                f"Value 'Up' at 'sortOrder' {MUST} satisfy enum value set: [Ascending, Descending]",
            ],
        ),
        (
            "CreateModel",
            {"ModelName": "m", "Containers": [{}, {"Mode": "Many", "ImageConfig": {}}]},
            [
                (
                    "Value null at 'containers.2.member.imageConfig.repositoryAccessMode'"
                    f" {MUST} not be null"
                ),
                (
                    f"Value 'Many' at 'containers.2.member.mode' {MUST} satisfy enum value set:"
                    " [SingleModel, MultiModel]"
                ),
            ],
        ),
        (
            "CreateModel",
            {"ModelName": "m", "PrimaryContainer": {"Environment": {"1": "x" * 1025}}},
            [
                (
                    f"Value '{{1={'x' * 1025}}}' at 'primaryContainer.environment' failed to"
                    " satisfy constraint: Map keys must satisfy constraint: [Member must satisfy"
                    " regular expression pattern: [a-zA-Z_][a-zA-Z0-9_]*]"
                ),
                (
                    f"Value '{{1={'x' * 1025}}}' at 'primaryContainer.environment' failed to"
                    " satisfy constraint: Map value must satisfy constraint: [Member must have"
                    " length less than or equal to 1024]"
                ),
            ],
        ),
        (
            "DeleteTags",
            {"ResourceArn": "arn:aws:sagemaker:eu:123456789012:model/m", "TagKeys": ["a", ""]},
            [
                (
                    "Value '[a, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy"
                    " constraint: [Member must have length greater than or equal to 1]"
                )
            ],
        ),
    ],
)
def test_what_breaks_a_constraint_is_worded_as_aws_does(
    operation: str, document: dict[str, Any], violations: list[str]
) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        check(operation, document)
    head, _, tail = raised.value.message.partition(" detected: ")
    assert head == f"{len(violations)} validation error{'s' * (len(violations) > 1)}"
    assert sorted(tail.split("; ")) == sorted(violations)


@pytest.mark.parametrize(
    ("operation", "document", "message"),
    [
        ("DescribeModel", {"ModelName": 1}, "modelName: NUMBER_VALUE can not be converted"),
        ("DescribeModel", {"ModelName": True}, "modelName: TRUE_VALUE can not be converted"),
        ("DescribeModel", {"ModelName": {}}, "modelName: A structure can not be converted"),
        ("DescribeModel", {"ModelName": []}, "modelName: A list can not be converted to string"),
        ("ListModels", {"MaxResults": False}, "maxResults: FALSE_VALUE can not be converted"),
        ("ListModels", {"MaxResults": 1.5}, "maxResults: NUMBER_VALUE can not be converted"),
        ("ListModels", {"CreationTimeAfter": "now"}, "creationTimeAfter: STRING_VALUE can not"),
        ("DeleteTags", {"TagKeys": [1]}, "tagKeys: NUMBER_VALUE can not be converted to string"),
        ("CreateModel", {"Containers": [None]}, "containers.1.member: null can not be converted"),
        (
            "CreateModel",
            {"PrimaryContainer": {"Environment": {"A": 1}}},
            "primaryContainer.environment: NUMBER_VALUE can not be converted to string",
        ),
        ("DescribeModel", {"Name": "m"}, "name is no member of DescribeModelInput."),
    ],
)
def test_what_has_another_type_is_named(
    operation: str, document: dict[str, Any], message: str
) -> None:
    with pytest.raises(SerializationError) as raised:
        check(operation, document)
    assert raised.value.message.startswith(message)
