"""What the operations of the control API share: where documents are kept, and how they are named.

Not: what any of them does.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from hosting.control.arn import Owner
from hosting.control.tags import Tags
from hosting.store import Store


@dataclass(frozen=True, slots=True)
class Registry:
    """Documents, their owner, their tags and the time."""

    store: Store
    owner: Owner
    tags: Tags
    clock: Callable[[], float]
    """Seconds since the epoch."""
    given: Collection[str]
    """Models whose containers run already, one each: these need no Image and have no instances."""
    instance_limit: int
    """The most instances that this machine is to carry, of all endpoints together."""

    def now(self) -> float:
        """Give the time as AWS writes it: seconds to the millisecond."""
        return round(self.clock(), 3)
