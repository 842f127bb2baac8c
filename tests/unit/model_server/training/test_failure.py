import json
import logging
from pathlib import Path

import pytest

from model_server.training.failure import LONGEST_REASON, leave, shortened, unforeseen


def test_a_reason_is_left_and_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reason = "\n".join(f"hyperparameter_{number}: {'x' * 90}" for number in range(20))

    with caplog.at_level(logging.ERROR):
        leave(tmp_path / "output" / "failure", reason)

    left = (tmp_path / "output" / "failure").read_text()
    assert len(left) <= LONGEST_REASON
    *lines, last = left.splitlines()
    assert lines == reason.splitlines()[: len(lines)]
    assert last == f"and {20 - len(lines)} more lines, in the log"
    assert json.dumps(vars(caplog.records[0])["reason"]) == json.dumps(reason)


def test_a_reason_that_fits_is_left_whole() -> None:
    assert shortened("one\ntwo") == "one\ntwo"
    assert len(shortened("x" * 5_000)) == LONGEST_REASON - 1


def test_an_error_of_ours_names_its_place() -> None:
    def fail() -> None:
        raise MemoryError("no room")

    with pytest.raises(MemoryError) as caught:
        fail()

    first, *rest = unforeseen(caught.value).splitlines()
    assert first == "an unforeseen error, not of the input: MemoryError: no room"
    assert any("in fail" in line for line in rest)
