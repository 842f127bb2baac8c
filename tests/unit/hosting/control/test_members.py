"""The tables of members: what is in them passes, what is not is refused by its name."""

from typing import Any

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.control.members import Members

MEMBERS = Members(
    emulated=frozenset({"Name", "Variants.Name", "Environment"}),
    echoed=frozenset({"Variants.InstanceType"}),
    only={"Variants.Mode": ("A", "B")},
)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"Name": "x", "Environment": {"ANY": "y"}},
        {"Variants": [{"Name": "x", "InstanceType": "y"}, {"Mode": "B"}]},
        {"Variants": []},
        {"Variants": [{}]},
    ],
)
def test_what_is_in_the_table_passes(document: dict[str, Any]) -> None:
    MEMBERS.check("Create", document)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"Other": 1}, "Create does not support Other in this stack: leave it out."),
        ({"Names": 1}, "Create does not support Names in this stack: leave it out."),
        ({"Other": {}}, "Create does not support Other in this stack: leave it out."),
        (
            {"Variants": [{"Name": "x"}, {"Size": {"GB": 1}}]},
            "Create does not support Variants.Size.GB in this stack: leave it out.",
        ),
        (
            {"Variants": [{"Mode": "C"}]},
            "Create does not support Variants.Mode C in this stack: it can be A, B.",
        ),
    ],
)
def test_what_is_not_is_refused_by_its_name(document: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequestError) as raised:
        MEMBERS.check("Create", document)
    assert raised.value.message == message
