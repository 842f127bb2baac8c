"""The contract as checks: what was seen goes in, a verdict on each demand comes out. No I/O."""

from image_check.check import Check, Finding
from image_check.seen import Seen
from image_check.verdicts import (
    capabilities,
    image,
    invocations,
    lifetime,
    multi_model,
    ping,
    training,
)

GROUPS: dict[str, tuple[Check, ...]] = {
    "image": image.CHECKS,
    "start and health": ping.CHECKS,
    "invocations": invocations.CHECKS,
    "surroundings, end": lifetime.CHECKS,
    "capabilities": capabilities.CHECKS,
    "multi-model": multi_model.CHECKS,
    "train": training.CHECKS,
}


def judge(seen: Seen) -> dict[str, list[Finding]]:
    """Judge everything; give the findings of each group."""
    return {
        group: [Finding(check, check.judge(seen)) for check in checks]
        for group, checks in GROUPS.items()
    }
