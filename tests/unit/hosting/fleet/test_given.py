"""A container that is given: it is asked, and let alone."""

import asyncio

import pytest

from hosting.fleet.fleet import FleetError
from hosting.fleet.given import GivenContainer

CONTAINER = GivenContainer("http://127.0.0.1:8080")


def test_it_is_where_it_is_and_never_ends() -> None:
    assert CONTAINER.url == "http://127.0.0.1:8080"
    assert asyncio.run(CONTAINER.exited()) is None
    asyncio.run(CONTAINER.stop())
    assert asyncio.run(CONTAINER.exited()) is None


def test_no_model_can_be_laid_into_it() -> None:
    with pytest.raises(FleetError, match="cannot be laid into http://127"):
        asyncio.run(CONTAINER.put_model("m", "s3://bucket/m.tar.gz"))
    with pytest.raises(FleetError, match="Model m is in no container"):
        asyncio.run(CONTAINER.remove_model("m"))
