from dataclasses import dataclass

import pytest

from push.run import Finding, RolledBackError, carry_out


@dataclass
class Recorded:
    """A step that notes what is asked of it."""

    text: str
    log: list[str]
    done: bool = False
    makes: bool = True
    fails: BaseException | None = None
    stays: Exception | None = None

    def look(self) -> Finding:
        return Finding(self.done, f"{self.text} is there")

    def do(self) -> None:
        self.log.append(f"do {self.text}")
        if self.fails:
            raise self.fails

    def undo(self) -> None:
        self.log.append(f"undo {self.text}")
        if self.stays:
            raise self.stays


def nothing() -> None:
    """Find no fault."""


def ignore(_: str) -> None:
    """Say nothing."""


def test_what_is_there_is_not_done_again() -> None:
    log: list[str] = []
    said: list[str] = []
    steps = [Recorded("a", log, done=True), Recorded("b", log)]
    assert carry_out(steps, nothing, said.append, str)
    assert log == ["do b"]
    assert said == [" 1. a", "    a is there", " 2. b"]


def test_nothing_to_do_changes_nothing() -> None:
    log: list[str] = []
    steps = [Recorded("a", log, done=True), Recorded("built", log, makes=False)]
    assert not carry_out(steps, nothing, ignore, str)


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt("no")])
def test_a_failure_undoes_what_was_done_last_first(error: BaseException) -> None:
    log: list[str] = []
    steps = [
        Recorded("there", log, done=True),
        Recorded("a", log),
        Recorded("built", log, makes=False),
        Recorded("b", log, fails=error),
        Recorded("never", log),
    ]
    with pytest.raises(RolledBackError, match="no\nwhat this push had made is removed") as failed:
        carry_out(steps, nothing, ignore, str)
    assert failed.value.__cause__ is error
    assert log == ["do a", "do built", "do b", "undo b", "undo a"]


def test_a_check_that_fails_undoes_all() -> None:
    log: list[str] = []

    def fail() -> None:
        raise ValueError("no score")

    with pytest.raises(RolledBackError, match="no score"):
        carry_out([Recorded("a", log)], fail, ignore, str)
    assert log == ["do a", "undo a"]


def test_what_cannot_be_undone_is_named_and_keeps_nothing_else() -> None:
    log: list[str] = []
    steps = [
        Recorded("a", log),
        Recorded("b", log, stays=ValueError("in use")),
        Recorded("c", log, fails=ValueError("no")),
    ]
    with pytest.raises(RolledBackError) as failed:
        carry_out(steps, nothing, ignore, str)
    assert log[-3:] == ["undo c", "undo b", "undo a"]
    assert "this could not be undone: b (in use)\n`make push-model DESTROY=1`" in str(failed.value)


def test_a_failure_before_anything_was_made_says_so() -> None:
    steps = [Recorded("built", [], makes=False, fails=ValueError("no"))]
    with pytest.raises(RolledBackError, match="no\nnothing was changed on AWS"):
        carry_out(steps, nothing, ignore, str)
