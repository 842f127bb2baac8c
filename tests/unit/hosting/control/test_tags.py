"""Tags: limits and keys."""

import asyncio
from pathlib import Path

import pytest

from hosting.control.api_errors import InvalidRequestError
from hosting.control.tags import TAGS_LIMIT, Tags
from hosting.store import Store

ARN = "arn:aws:sagemaker:eu-central-1:123456789012:model/m"


def test_a_resource_has_so_many_tags_and_no_more(tmp_path: Path) -> None:
    tags = Tags(Store(tmp_path))
    tags.create(ARN, [{"Key": str(number), "Value": ""} for number in range(TAGS_LIMIT)])
    again = {"ResourceArn": ARN, "Tags": [{"Key": "0", "Value": "new"}]}
    assert asyncio.run(tags.add_tags(again))["Tags"]
    with pytest.raises(InvalidRequestError, match="cannot have more than 50 tags"):
        asyncio.run(tags.add_tags({"ResourceArn": ARN, "Tags": [{"Key": "x", "Value": ""}]}))


def test_a_key_is_there_once(tmp_path: Path) -> None:
    tags = Tags(Store(tmp_path))
    with pytest.raises(InvalidRequestError, match="Tags has a key twice: a, a"):
        tags.create(ARN, [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    with pytest.raises(InvalidRequestError, match="Could not find resource"):
        asyncio.run(tags.list_tags({"ResourceArn": ARN}))
