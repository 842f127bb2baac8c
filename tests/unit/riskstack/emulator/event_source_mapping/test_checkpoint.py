import json
import logging
import os
from pathlib import Path

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from riskstack.emulator.event_source_mapping import Checkpoint, Checkpoints
from riskstack.emulator.event_source_mapping.lane import Attempt
from riskstack.emulator.event_source_mapping.window import Window

LOGGER = Logger(service="test")
NUMBERS = st.integers(0, 10**40)
FULL = Checkpoint(
    "0012",
    finished=True,
    factor=3,
    done=((1, 15), (2, 10**30)),
    attempts=(Attempt(1, 16, 18, 2, "Unhandled"), Attempt(0, 13, 13, 1, None)),
    window=Window(60, 30, '{"a": [1.50, "é"]}'),
)


def make(folder: Path, function: str = "f", stream: str = "arn") -> Checkpoints:
    return Checkpoints(folder, function, stream, LOGGER)


def test_a_checkpoint_is_there_after_a_restart(tmp_path: Path) -> None:
    make(tmp_path).write("shard/1", FULL)
    again = make(tmp_path)
    assert again.read("shard/1") == FULL
    assert again.read("shard/2") == Checkpoint()


@given(
    number=st.none() | NUMBERS.map(str),
    done=st.lists(st.tuples(st.integers(0, 9), NUMBERS)),
    attempts=st.lists(
        st.builds(
            Attempt, st.integers(0, 9), NUMBERS, NUMBERS, st.integers(1), st.none() | st.text()
        )
    ),
    window=st.none() | st.builds(Window, NUMBERS, st.integers(1, 900), st.text()),
)
def test_a_checkpoint_goes_through_json(
    number: str | None,
    done: list[tuple[int, int]],
    attempts: list[Attempt],
    window: Window | None,
) -> None:
    checkpoint = Checkpoint(
        number, factor=10, done=tuple(done), attempts=tuple(attempts), window=window
    )
    assert Checkpoint.from_json(json.loads(json.dumps(checkpoint.to_json()))) == checkpoint


def test_mappings_do_not_share_checkpoints(tmp_path: Path) -> None:
    make(tmp_path).write("s", Checkpoint("12"))
    assert make(tmp_path, stream="another").read("s") == Checkpoint()
    assert make(tmp_path, function="g").read("s") == Checkpoint()


def test_a_file_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    checkpoints = make(tmp_path)
    checkpoints.write("s", Checkpoint())
    (file,) = tmp_path.rglob("*.json")
    file.write_text('{"sequence_number": "7", "finished": false}')
    assert checkpoints.read("s") == Checkpoint("7")


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b'{"other": 1}',
        b'{"sequence_number": "x", "finished": false}',
        b'{"sequence_number": "1", "finished": false, "attempts": [{}]}',
        b'{"sequence_number": "1", "finished": false, "window": {"start": 1}}',
        b"\xff\xfe",
    ],
)
def test_a_broken_file_is_the_start_of_the_shard_and_a_line_in_the_log(
    tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    checkpoints = make(tmp_path)
    checkpoints.write("s", Checkpoint("12"))
    (file,) = tmp_path.rglob("*.json")
    file.write_bytes(text)
    logger = logging.getLogger("test")
    logger.addHandler(caplog.handler)
    try:
        assert checkpoints.read("s") == Checkpoint()
    finally:
        logger.removeHandler(caplog.handler)
    assert "a checkpoint cannot be read; the shard starts anew" in caplog.messages


def test_what_a_kill_left_half_written_is_not_read(tmp_path: Path) -> None:
    checkpoints = make(tmp_path)
    checkpoints.write("s", Checkpoint("12"))
    (file,) = tmp_path.rglob("*.json")
    file.with_suffix(f".{os.getpid()}.new").write_text('{"sequence_nu')
    assert checkpoints.read("s") == Checkpoint("12")
    checkpoints.write("s", Checkpoint("13"))
    assert checkpoints.read("s") == Checkpoint("13")


def test_two_processes_do_not_write_into_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints, replace = make(tmp_path), os.replace

    def replace_behind_another(fresh: Path, file: Path) -> None:
        monkeypatch.setattr(os, "replace", replace)
        monkeypatch.setattr(os, "getpid", lambda: 2)
        checkpoints.write("s", FULL)
        assert checkpoints.read("s") == FULL
        replace(fresh, file)

    monkeypatch.setattr(os, "getpid", lambda: 1)
    monkeypatch.setattr(os, "replace", replace_behind_another)
    checkpoints.write("s", Checkpoint("13"))
    assert checkpoints.read("s") == Checkpoint("13")


def test_a_beginning_is_kept(tmp_path: Path) -> None:
    assert make(tmp_path).begun() is None
    make(tmp_path).begin(12.5)
    assert make(tmp_path).begun() == 12.5
