"""The tag by which a push knows again what a push has made, on whatever can carry one."""

from collections.abc import Iterable, Mapping
from typing import TypedDict
from urllib.parse import urlencode

KEY = "riskstack:push"


class Tag(TypedDict):
    """A tag as ECR, IAM, S3 and SageMaker write it."""

    Key: str
    Value: str


def tags(endpoint: str) -> list[Tag]:
    """Give the tag of everything that is made for an endpoint."""
    return [Tag(Key=KEY, Value=endpoint)]


def as_query(endpoint: str) -> str:
    """Write the tag as the header of a new object in S3."""
    return urlencode({KEY: endpoint})


def is_on(found: Iterable[Mapping[str, object]], endpoint: str) -> bool:
    """Tell whether the tag is among those of a resource."""
    return any(tag.get("Key") == KEY and tag.get("Value") == endpoint for tag in found)
