"""Multi-model endpoints: a shelf for each instance, and targets that lead nowhere else."""

import asyncio

import pytest

from hosting.live import Instance
from hosting.runtime.errors import ValidationError
from hosting.runtime.metrics import Metrics
from hosting.runtime.model_error import Origin
from hosting.runtime.multi_model import ModelShelves, check_target
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import MemoryRunning, variant, watched

ORIGIN = Origin("0", "eu", "risk", "primary")


def test_each_instance_has_a_shelf_of_its_own() -> None:
    async def scenario() -> None:
        container = MemoryContainer()
        found = variant("a")
        found.model_data_url = "s3://models/"
        host = watched(container, ReadableLog())
        one, other = (
            Instance(name, {"primary": host}, running={"primary": MemoryRunning()}) for name in "ab"
        )
        found.instances += [one, other]
        shelves = ModelShelves()
        shelf = shelves.of(found, one, Metrics().of("risk", "a"))
        assert shelves.of(found, one, Metrics().of("risk", "a")) is shelf
        async with shelf.use("m", ORIGIN):
            assert (shelves.has(one, "m"), shelves.has(other, "m")) == (True, False)
            assert shelves.loaded(found) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "target", ["../a", "a/../../b", "/a", "..", "%2e%2e/a", "a/..%2f../b", "%2Fa"]
)
def test_a_target_leads_nowhere_else(target: str) -> None:
    with pytest.raises(ValidationError, match="is no path below"):
        check_target(target)


@pytest.mark.parametrize("target", ["a.tar.gz", "a/b.tar.gz", "a..b"])
def test_a_path_below_the_prefix_is_a_target(target: str) -> None:
    check_target(target)
