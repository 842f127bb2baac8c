"""The shadow's copies: bounded, compared, counted, and never in the way."""

import asyncio

import pytest

from hosting.container import ContainerAnswer
from hosting.live import LiveEndpoint
from hosting.runtime import shadow
from hosting.runtime.call import Account, Call
from hosting.runtime.metrics import Metrics
from hosting.runtime.shadow import Shadows
from tests.hosting_stand import MemoryContainer, ReadableLog
from tests.runtime_stand import variant, watched

SCORE = ContainerAnswer(200, "text/csv", None, b"0.5")


class Stand:
    """A shadow variant with a container in memory."""

    def __init__(self, outcome: ContainerAnswer | Exception = SCORE) -> None:
        self.log = ReadableLog()
        self.metrics = Metrics()
        self.shadows = Shadows(self.metrics, self.log.logger, lambda: 0.0)
        self.found = variant("s", watched(MemoryContainer(outcome), self.log))
        [self.instance] = self.found.instances
        production = variant("p", watched(MemoryContainer(), self.log))
        self.call = Call(
            Account("0", "eu"),
            LiveEndpoint("risk", (production,), shadow=self.found),
            production,
            production.instances[0],
            ("primary",),
            {},
            b"1",
        )

    def counts(self) -> dict[str, float]:
        names = ("equal", "different", "failed", "dropped")
        lines = dict(line.rsplit(" ", 1) for line in self.metrics.text().decode().splitlines())
        labels = 'EndpointName="risk",Result="{}",VariantName="s"'
        return {
            name: float(lines[f"ShadowComparisons_total{{{labels.format(name)}}}"])
            for name in names
        }

    async def send(self, production: ContainerAnswer | None) -> None:
        self.shadows.copy(self.call, self.found, production)
        assert self.instance.outstanding == 1
        # a container in memory never waits: it runs to its end
        await asyncio.sleep(0)
        assert self.instance.outstanding == 0
        await self.shadows.close()


@pytest.mark.parametrize(
    ("outcome", "production", "result"),
    [
        (SCORE, SCORE, "equal"),
        (SCORE, ContainerAnswer(200, "text/csv", "a=b", b"0.5"), "equal"),
        (SCORE, ContainerAnswer(200, "text/csv", None, b"0.6"), "different"),
        (SCORE, ContainerAnswer(200, "text/plain", None, b"0.5"), "different"),
        (SCORE, None, "different"),
        (ContainerAnswer(500, None, None, b""), SCORE, "failed"),
    ],
)
def test_an_answer_is_compared(
    outcome: ContainerAnswer, production: ContainerAnswer | None, result: str
) -> None:
    stand = Stand(outcome)
    asyncio.run(stand.send(production))
    counts = stand.counts()
    assert counts.pop(result) == 1
    assert set(counts.values()) == {0}


def test_copies_beyond_the_bound_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadow, "AT_ONCE", 1)
    stand = Stand()

    async def scenario() -> None:
        stand.shadows.copy(stand.call, stand.found, SCORE)
        stand.shadows.copy(stand.call, stand.found, SCORE)
        await asyncio.sleep(0)
        await stand.shadows.close()

    asyncio.run(scenario())
    assert stand.counts()["dropped"] == 1
    assert stand.instance.outstanding == 0


def test_a_fault_is_logged() -> None:
    stand = Stand(ZeroDivisionError())
    asyncio.run(stand.send(SCORE))
    [line] = stand.log.lines("shadow failed")
    assert line["cause"] == "ZeroDivisionError"


def test_a_shadow_that_is_not_in_service_has_failed() -> None:
    stand = Stand()
    stand.found.instances.clear()
    stand.shadows.copy(stand.call, stand.found, SCORE)
    assert stand.counts()["failed"] == 1


def test_a_shadow_without_weight_gets_nothing() -> None:
    stand = Stand()
    stand.found.weight = 0
    stand.shadows.copy(stand.call, stand.found, SCORE)
    assert not stand.metrics.text().decode().count("ShadowComparisons_total{")
