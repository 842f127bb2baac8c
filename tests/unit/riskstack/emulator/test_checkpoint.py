from pathlib import Path

import pytest

from riskstack.emulator.checkpoint import Checkpoint, Checkpoints


def test_a_checkpoint_is_there_after_a_restart(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "f", "arn").write("shard/1", Checkpoint("12", finished=True))
    again = Checkpoints(tmp_path, "f", "arn")
    assert again.read("shard/1") == Checkpoint("12", finished=True)
    assert again.read("shard/2") == Checkpoint()


def test_mappings_do_not_share_checkpoints(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "f", "arn").write("s", Checkpoint("12"))
    assert Checkpoints(tmp_path, "f", "another").read("s") == Checkpoint()
    assert Checkpoints(tmp_path, "g", "arn").read("s") == Checkpoint()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"other": 1}'])
def test_a_broken_file_is_the_start_of_the_shard(tmp_path: Path, text: str) -> None:
    checkpoints = Checkpoints(tmp_path, "f", "arn")
    checkpoints.write("s", Checkpoint("12"))
    (file,) = tmp_path.rglob("*.json")
    file.write_text(text)
    assert checkpoints.read("s") == Checkpoint()
