"""What lists of jobs have in common beside order and pages, which all lists of SageMaker share."""

from collections.abc import Iterable

from hosting.control.json_protocol import Request
from hosting.control.members import Members
from hosting.store import Document

LISTED = Members(
    frozenset(
        {
            "CreationTimeAfter",
            "CreationTimeBefore",
            "LastModifiedTimeAfter",
            "LastModifiedTimeBefore",
            "MaxResults",
            "NameContains",
            "NextToken",
            "SortBy",
            "SortOrder",
            "StatusEquals",
        }
    )
)
"""The members of a request for a list that are emulated."""


def summaries(
    member: str, jobs: Iterable[Request], token: str | None, shown: Iterable[str]
) -> Document:
    """Give the answer of a List operation: of each job those members of `shown` that it has."""
    following = {"NextToken": token} if token else {}
    listed = [{name: job[name] for name in shown if name in job} for job in jobs]
    return {member: listed, **following}
