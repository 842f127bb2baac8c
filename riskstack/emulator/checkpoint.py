"""How far a mapping has come in each shard, kept in files so that a restart goes on from there."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last record that is done in a shard, and whether the shard is read to its end."""

    sequence_number: str | None = None
    finished: bool = False


class Checkpoints:
    """The checkpoints of one mapping: a file a shard, replaced as a whole.

    A lost file is safe: the shard is read again from its start, and records that are delivered
    twice are what every function of a stream must bear.
    """

    def __init__(self, folder: Path, function_name: str, stream_arn: str) -> None:
        self._folder = folder / _digest(function_name, stream_arn)
        self._folder.mkdir(parents=True, exist_ok=True)

    def read(self, shard_id: str) -> Checkpoint:
        """Give a shard's checkpoint; where none can be read, the start of the shard."""
        try:
            return Checkpoint(**json.loads(self._file(shard_id).read_text()))
        except (OSError, ValueError, TypeError):
            return Checkpoint()

    def write(self, shard_id: str, checkpoint: Checkpoint) -> None:
        """Replace a shard's checkpoint."""
        file = self._file(shard_id)
        fresh = file.with_suffix(".new")
        fresh.write_text(
            json.dumps(
                {"sequence_number": checkpoint.sequence_number, "finished": checkpoint.finished}
            )
        )
        os.replace(fresh, file)  # noqa: PTH105 - the atomic call by its own name

    def _file(self, shard_id: str) -> Path:
        return self._folder / f"{_digest(shard_id)}.json"


def _digest(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:24]
