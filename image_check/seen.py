"""What was seen of an image: plain values, and no opinion about them (verdicts)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

OK = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer; the names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def __str__(self) -> str:
        return f"{self.status} after {self.seconds:.2f} s"


@dataclass(frozen=True, slots=True)
class NoReply:
    """Why no HTTP answer came: refused, closed, timed out."""

    reason: str
    seconds: float
    heard: bool
    """Whether somebody listened at all."""

    def __str__(self) -> str:
        return f"no answer ({self.reason}) after {self.seconds:.2f} s"


Answer: TypeAlias = Reply | NoReply


def is_ok(answer: Answer) -> bool:
    """Tell whether the answer has status 200."""
    return isinstance(answer, Reply) and answer.status == OK


@dataclass(frozen=True, slots=True)
class Image:
    """What the engine says of the image without starting it."""

    user: str
    entrypoint: Sequence[str]
    labels: Mapping[str, str]
    platform: str
    files_under_opt_ml: Sequence[str]


@dataclass(frozen=True, slots=True)
class Start:
    """How a container came up: until its first 200 from /ping, its end, or the end of the wait."""

    ready: bool
    seconds: float
    exit_code: int | None
    """The code of a container that ended by itself."""
    last: Answer
    """The last answer to GET /ping."""
    log: str = field(default="", repr=False)
    """The end of what it wrote to stdout and stderr."""

    def __str__(self) -> str:
        if self.ready:
            return f"200 from /ping after {self.seconds:.1f} s"
        if self.exit_code is not None:
            return f"exited with {self.exit_code} after {self.seconds:.1f} s"
        return f"no 200 from /ping in {self.seconds:.0f} s, last: {self.last}"

    def with_log(self) -> str:
        """Say how it came up and what it wrote last."""
        lines = self.log.strip().splitlines()
        return f"{self}; its log ends: {lines[-1][:200]}" if lines and not self.ready else str(self)


@dataclass(frozen=True, slots=True)
class Sample:
    """A body for /invocations."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Stop:
    """How a container ended after SIGTERM."""

    seconds: float
    exit_code: int | None
    """None where it still ran at the end of the wait."""
    under_way: Answer
    """To a request whose head was in and whose body was still coming when SIGTERM came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The answers of a container that came up."""

    sample: Sample
    pings: Sequence[Answer]
    ping_post: Answer
    connects: Sequence[float | None]
    """Seconds until each of several connections at once was accepted, None where it was not."""
    invocation: Answer
    unknown_headers: Answer
    unreadable: Answer
    large: Answer
    pings_under_load: Sequence[Answer]
    execution_parameters: Answer
    metrics: Answer
    logged: bool
    died: int | None = None
    """The code of a container that ended by itself before it was told to."""
    stop: Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiModel:
    """The answers of the multi-model API, in the order in which they were asked for."""

    none_loaded: Answer
    load: Answer
    loaded: Answer
    described: Answer
    load_again: Answer
    invocation: Answer
    unknown_described: Answer
    unknown_invocation: Answer
    unload: Answer
    described_after: Answer
    unload_again: Answer
    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Training:
    """How one run of `train` ended."""

    exit_code: int | None
    """None where it still ran at the end of the wait."""
    seconds: float
    model_files: Sequence[str]
    failure: str | None
    """What stands in /opt/ml/output/failure, None where there is no such file."""
    log: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that was seen; None stands for what was not tried."""

    image: Image
    start: Start
    """With the model read-only, if there is one."""
    writable_start: Start | None = None
    """With a model folder of its own, where the first start failed."""
    served: Served | None = None
    has_model: bool = False
    offline: Start | None = None
    offline_reachable: bool = True
    """Whether containers without a network can be reached from this machine at all."""
    other_port: Start | None = None
    broken_model: Start | None = None
    multi_model_start: Start | None = None
    multi_model: MultiModel | None = None
    training: Training | None = None
    failed_training: Training | None = None
