"""The tags of resources: AddTags, ListTags, DeleteTags.

A resource has its list here, if an empty one, from its creation to its deletion: that is how the
three know which resources there are.
"""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from hosting.control.api_errors import InvalidRequestError
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.members import Members
from hosting.store import Document, Store

KIND = "tags"

Tag: TypeAlias = Mapping[str, str]

TAGS_LIMIT = 50
"""The most tags of a resource (shape TagList, botocore)."""


class Tags:
    """The tags of every resource, by its ARN."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def operations(self) -> Operations:
        """Give the operations on tags."""
        arn = "ResourceArn"
        return {
            "AddTags": Operation(self.add_tags, Members(frozenset({arn, "Tags"}))),
            "ListTags": Operation(self.list_tags, Members(frozenset({arn, "MaxResults"}))),
            "DeleteTags": Operation(self.delete_tags, Members(frozenset({arn, "TagKeys"}))),
        }

    def create(self, arn: str, tags: Iterable[Tag] = ()) -> None:
        """Begin a new resource's list with the Tags of the request that makes it, or with none.

        Raises InvalidRequestError for a key that is there twice.
        """
        tags = list(tags)
        check_keys(tags)
        self._store.put(KIND, arn, {"Tags": tags})

    def delete(self, arn: str) -> None:
        """End the list of a resource that is deleted."""
        self._store.delete(KIND, arn)

    async def add_tags(self, request: Request) -> Document:
        """Add tags, in place of those with the same keys."""
        arn = request["ResourceArn"]
        merged = _merged(self._of(arn), request["Tags"])
        if len(merged) > TAGS_LIMIT:
            raise InvalidRequestError(f"{arn} cannot have more than {TAGS_LIMIT} tags.")
        self._store.put(KIND, arn, {"Tags": merged})
        return {"Tags": merged}

    async def list_tags(self, request: Request) -> Document:
        """Give the tags of a resource; 50 are a page, so there is always one."""
        return {"Tags": self._of(request["ResourceArn"])}

    async def delete_tags(self, request: Request) -> Document:
        """Remove the tags of these keys; one that is not there is no error."""
        arn = request["ResourceArn"]
        kept = [tag for tag in self._of(arn) if tag["Key"] not in request["TagKeys"]]
        self._store.put(KIND, arn, {"Tags": kept})
        return {}

    def _of(self, arn: str) -> list[Tag]:
        document: Request | None = self._store.get(KIND, arn)
        if document is None:
            raise InvalidRequestError(f'Could not find resource "{arn}".')
        return list(document["Tags"])


def check_keys(tags: Iterable[Tag]) -> None:
    """Refuse tags of which two have one key.

    Raises InvalidRequestError.
    """
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) < len(keys):
        raise InvalidRequestError(f"Tags has a key twice: {', '.join(keys)}.")


def _merged(tags: Iterable[Tag], added: Iterable[Tag]) -> list[Tag]:
    return list({tag["Key"]: tag for tag in (*tags, *added)}.values())
