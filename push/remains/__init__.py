"""What pushes have left on AWS, by service: found by its tag, and removed on demand."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """Which endpoint, and where its model may be."""

    endpoint: str
    config: str
    models: tuple[str, ...]
    """The names in the declaration, with which those of versions begin."""
    buckets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that a push has made."""

    kind: str
    name: str
    remove: Callable[[], object]
    data_url: str = ""
    """Of a model: where its data is."""

    @property
    def text(self) -> str:
        """What it is, in words."""
        return f"{self.kind} {self.name}"
