"""What the List operations of SageMaker have in common: filters, an order, pages.

The defaults are those of the service model: the newest first, ten a page (botocore, ListEndpoints).
"""

import base64
import json
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

from hosting.control.api_errors import InvalidRequestError
from hosting.control.json_protocol import Request
from hosting.store import Document

PAGE_SIZE = 10

Key: TypeAlias = tuple[str | float, str]
"""What a resource is sorted by, and its name, which makes the order a total one."""

_TIMES = ("CreationTime", "LastModifiedTime")


def page(
    documents: Iterable[Request],
    request: Request,
    *,
    sort_keys: Mapping[str, str],
    status: str | None = None,
) -> tuple[list[Request], str | None]:
    """Give the documents of a page, and the token of the next.

    `sort_keys` gives the member that each SortBy stands for, `Name` among them; `status` the
    member that StatusEquals is about.

    Raises:
        InvalidRequestError: NextToken is none that was given for this order.
    """
    name = sort_keys["Name"]
    member = sort_keys[request.get("SortBy", "CreationTime")]
    descending = request.get("SortOrder", "Descending") == "Descending"

    def key(document: Request) -> Key:
        return document[member], document[name]

    found = sorted(
        (each for each in documents if _passes(each, request, name, status)),
        key=key,
        reverse=descending,
    )
    if token := request.get("NextToken"):
        last = _read_token(token, member)
        found = [each for each in found if (key(each) < last if descending else key(each) > last)]
    size = request.get("MaxResults", PAGE_SIZE)
    shown = found[:size]
    more = len(found) > size
    return shown, _token(key(shown[-1]), member) if more else None


def answer(
    member: str, documents: Iterable[Request], token: str | None, shown: Collection[str]
) -> Document:
    """Give the answer of a List operation: of each document the members in `shown`, NextToken."""
    following = {"NextToken": token} if token else {}
    return {member: [{name: each[name] for name in shown} for each in documents], **following}


def _passes(document: Request, request: Request, name: str, status: str | None) -> bool:
    if request.get("NameContains", "") not in document[name]:
        return False
    if status and request.get("StatusEquals", document[status]) != document[status]:
        return False
    return all(
        _in_time(document[member], request.get(f"{member}After"), request.get(f"{member}Before"))
        for member in _TIMES
        if member in document
    )


def _in_time(moment: float, after: float | None, before: float | None) -> bool:
    return (after is None or moment > after) and (before is None or moment < before)


def _token(key: Key, member: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([member, *key]).encode()).decode()


def _read_token(token: str, member: str) -> Key:
    try:
        decoded = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, RecursionError):
        decoded = None
    kind = float | int if member in _TIMES else str
    match decoded:
        case [given, value, str() as name] if given == member and isinstance(value, kind):
            return value, name
    raise InvalidRequestError(
        "NextToken is not one that this operation gave for this SortBy: start without it."
    )
