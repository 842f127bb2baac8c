"""Pages of lists: together they are the whole, in order, whatever the size of a page."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.control import listing
from hosting.control.api_errors import InvalidRequestError

KEYS = {"Name": "Name", "CreationTime": "CreationTime", "Status": "State"}
DOCUMENTS = st.dictionaries(
    st.text("ab-", min_size=1, max_size=5), st.tuples(st.integers(0, 5), st.sampled_from("XY"))
).map(
    lambda found: [
        {"Name": name, "CreationTime": float(time), "State": state}
        for name, (time, state) in found.items()
    ]
)


def pages(documents: list[dict[str, Any]], request: dict[str, Any]) -> list[Any]:
    """Give every page's documents."""
    token: str | None = None
    found = []
    while True:
        asked = {**request, "NextToken": token} if token else request
        shown, token = listing.page(documents, asked, sort_keys=KEYS, status="State")
        found.append(shown)
        if token is None:
            return found


@given(
    DOCUMENTS,
    st.integers(1, 4),
    st.sampled_from(["Name", "CreationTime", "Status"]),
    st.sampled_from(["Ascending", "Descending"]),
)
def test_pages_are_the_whole_in_order(
    documents: list[dict[str, Any]], size: int, sort_by: str, order: str
) -> None:
    request = {"SortBy": sort_by, "SortOrder": order, "MaxResults": size}
    found = pages(documents, request)
    assert all(len(page) <= size for page in found)
    whole = sorted(
        documents,
        key=lambda each: (each[KEYS[sort_by]], each["Name"]),
        reverse=order == "Descending",
    )
    assert [each for page in found for each in page] == whole


@pytest.mark.parametrize(
    ("request_", "names"),
    [
        ({}, ["c", "ab", "a"]),
        ({"NameContains": "a"}, ["ab", "a"]),
        ({"StatusEquals": "X"}, ["c", "a"]),
        ({"CreationTimeAfter": 1.0}, ["c", "ab"]),
        ({"CreationTimeBefore": 3.0, "CreationTimeAfter": 1.0}, ["ab"]),
        # there is no such time in these documents
        ({"LastModifiedTimeAfter": 9.0}, ["c", "ab", "a"]),
    ],
)
def test_filters_leave_out_and_the_newest_is_first(
    request_: dict[str, Any], names: list[str]
) -> None:
    documents = [
        {"Name": name, "CreationTime": time, "State": state}
        for name, time, state in (("a", 1.0, "X"), ("ab", 2.0, "Y"), ("c", 3.0, "X"))
    ]
    shown, token = listing.page(documents, request_, sort_keys=KEYS, status="State")
    assert ([each["Name"] for each in shown], token) == (names, None)


@pytest.mark.parametrize("token", ["guessed", "bm8=", "MQ==", "WzEsIDIsIDNd"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequestError, match="NextToken is not one"):
        listing.page([], {"NextToken": token}, sort_keys=KEYS)


@pytest.mark.parametrize(
    ("sort_by", "content"),
    [
        ("CreationTime", ["Name", "a", "a"]),
        ("CreationTime", ["CreationTime", "a", "a"]),
        ("CreationTime", ["CreationTime", 1.0, 1]),
        ("CreationTime", ["CreationTime", 1.0]),
        ("CreationTime", {"CreationTime": 1.0}),
        ("Name", ["Name", 1.0, "a"]),
        ("Name", json.loads("[" * 400 + "]" * 400)),
    ],
)
def test_a_token_of_another_order_is_refused(sort_by: str, content: object) -> None:
    documents = [{"Name": "a", "CreationTime": 1.0, "State": "X"}]
    token = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()
    with pytest.raises(InvalidRequestError, match="NextToken is not one"):
        listing.page(documents, {"NextToken": token, "SortBy": sort_by}, sort_keys=KEYS)


def test_an_answer_has_what_is_shown() -> None:
    documents = [{"Name": "a", "Secret": 1}]
    assert listing.answer("Items", documents, "t", ["Name"]) == {
        "Items": [{"Name": "a"}],
        "NextToken": "t",
    }
