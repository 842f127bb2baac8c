"""How far a mapping has come in each shard, kept in files so that a restart goes on from there.

A file is replaced as a whole, so that a kill leaves the old or the new one. They are not forced to
the disk: what a power cut takes away is delivered again, as every function of a stream must bear.
Only where the mapping began is forced there, because LATEST would begin anew without it.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from riskstack.emulator.event_source_mapping.lane import Attempt
from riskstack.emulator.event_source_mapping.window import Window


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a shard stands."""

    sequence_number: str | None = None
    """Of the last record before which everything is done."""
    finished: bool = False
    """Whether the shard is read to its end and done."""
    factor: int = 1
    """The ParallelizationFactor that lanes below count with."""
    done: tuple[tuple[int, int], ...] = ()
    """Lanes that are further than the whole, each with the last of its records that is done."""
    attempts: tuple[Attempt, ...] = ()
    """Batches that have failed."""
    window: Window | None = None
    """The open tumbling window."""

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Checkpoint":
        """Read what `to_json` gave.

        Raises:
            KeyError, TypeError, ValueError: it is not that.
        """
        number, window = body["sequence_number"], body.get("window")
        if number is not None:
            int(number)
        return cls(
            sequence_number=number,
            finished=bool(body["finished"]),
            factor=int(body.get("factor", 1)),
            done=tuple((int(lane), int(last)) for lane, last in body.get("done", ())),
            attempts=tuple(Attempt(**attempt) for attempt in body.get("attempts", ())),
            window=Window(**window) if window else None,
        )

    def to_json(self) -> dict[str, Any]:
        """Give it as JSON."""
        return asdict(self)


class Checkpoints:
    """The checkpoints of one mapping."""

    def __init__(self, folder: Path, function_name: str, stream_arn: str, logger: Logger) -> None:
        self._folder = folder / _digest(function_name, stream_arn)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._logger = logger

    def read(self, shard_id: str) -> Checkpoint:
        """Give a shard's checkpoint; where none can be read, the start of the shard."""
        file = self._file(shard_id)
        try:
            return Checkpoint.from_json(json.loads(file.read_text()))
        except FileNotFoundError:
            return Checkpoint()
        except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
            self._logger.error(
                "a checkpoint cannot be read; the shard starts anew",
                extra={"shard": shard_id, "file": file.name, "cause": repr(error)},
            )
            return Checkpoint()

    def write(self, shard_id: str, checkpoint: Checkpoint) -> None:
        """Replace a shard's checkpoint."""
        file = self._file(shard_id)
        fresh = _fresh(file)
        fresh.write_text(json.dumps(checkpoint.to_json()))
        os.replace(fresh, file)  # noqa: PTH105 - the atomic call by its own name

    def begun(self) -> float | None:
        """Give when the mapping began, in seconds since the epoch; `None` before that."""
        try:
            return float(self._beginning.read_text())
        except (OSError, ValueError):
            return None

    def begin(self, now: float) -> None:
        """Note that the mapping begins, for good."""
        fresh = _fresh(self._beginning)
        with fresh.open("w") as file:
            file.write(repr(now))
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, self._beginning)  # noqa: PTH105 - as above

    @property
    def _beginning(self) -> Path:
        return self._folder / "beginning"

    def _file(self, shard_id: str) -> Path:
        return self._folder / f"{_digest(shard_id)}.json"


def _fresh(file: Path) -> Path:
    """Name what is to replace a file; two processes shall not write into the same."""
    return file.with_suffix(f".{os.getpid()}.new")


def _digest(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:24]
