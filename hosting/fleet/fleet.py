"""What runs containers, as the rest of hosting sees it.

Two kinds stand behind it: a container engine, and plain processes where no engine runs. Not: when
a container is started (control, jobs), or whether it is well (watch).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class FleetError(Exception):
    """The container cannot be run: the message says what to change. It ends up in FailureReason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingContainer:
    """A container that answers /ping and /invocations, as a ContainerDefinition describes it."""

    name: str
    """Names the container among all that run; the same name never runs twice."""
    image: str
    environment: Mapping[str, str]
    model_data_url: str | None
    """`s3://bucket/key.tar.gz`, `file:///folder` or None; None for a multi-model container too."""
    multi_model: bool = False
    """The container has an empty, writable /opt/ml/models that `Running.put_model` fills."""
    hostname: str | None = None
    """ContainerHostname, which is a container's own name for itself too (AWS-hosting)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A container that ends: `train` with a folder of its own as /opt/ml."""

    name: str
    image: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    """Becomes /opt/ml; what the job leaves there is in it when the job has ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended."""

    exit_code: int
    log: str = field(repr=False)
    """The end of what it wrote to stdout and stderr."""


class Running(Protocol):
    """A container that serves."""

    @property
    def url(self) -> str:
        """Give http://host:port, where hosting reaches it."""
        ...

    async def put_model(self, name: str, model_data_url: str) -> str:
        """Lay a multi-model endpoint's model into the container; give its folder in there.

        Raises FleetError.
        """
        ...

    async def remove_model(self, name: str) -> None:
        """Remove what `put_model` laid in."""
        ...

    async def exited(self) -> Outcome | None:
        """Give how it ended, or None while it runs."""
        ...

    async def stop(self) -> None:
        """Send SIGTERM, SIGKILL after 30 s as SageMaker does, and remove what is left of it."""
        ...


class Fleet(Protocol):
    """Runs containers."""

    async def launch(self, container: ServingContainer) -> Running:
        """Start a container, or take over the one of that name that a former hosting started.

        It is started, not yet healthy. Raises FleetError.
        """
        ...

    async def run(self, job: Job) -> Outcome:
        """Run a job to its end. Cancelled, it sends SIGTERM, and SIGKILL after 120 s.

        Raises FleetError.
        """
        ...

    async def stop_others(self, names: Sequence[str]) -> None:
        """Stop what a former hosting started, but for the containers of these names."""
        ...

    async def close(self) -> None:
        """Stop all that runs, in seconds: hosting ends, and nothing is to outlive it.

        Nothing can be launched or run any more; closing twice does no harm.
        """
        ...
