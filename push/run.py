"""Carries out steps in their order, and undoes what it did where one fails. Knows no AWS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from push.problem import PushError


@dataclass(frozen=True, slots=True)
class Finding:
    """What a step found before it does anything."""

    done: bool | None
    """Whether there is nothing to do; `None` is not known before an earlier step is done."""
    note: str


class Step(Protocol):
    """One thing that a push makes."""

    @property
    def text(self) -> str:
        """What is made, in one line, by the names that are known by now."""

    @property
    def makes(self) -> bool:
        """Whether it makes something on AWS."""

    def look(self) -> Finding:
        """Find out what is there; changes nothing."""

    def do(self) -> None:
        """Make it; called where it is not there."""

    def undo(self) -> None:
        """Remove what `do` made, and nothing that was there before; it may have failed half-way."""


class RolledBackError(PushError):
    """A push failed and what it made is removed; `left` names what could not be."""


def carry_out(
    steps: Sequence[Step],
    check: Callable[[], None],
    say: Callable[[str], None],
    explain: Callable[[BaseException], str],
) -> bool:
    """Do what is not done yet, then check the whole; tell whether anything was made.

    Args:
        steps: in the order in which each needs those before it.
        check: raises where what was made does not work.
        say: gets a line for each step.
        explain: puts an error in words that say what to do.

    Raises:
        RolledBackError: a step or the check failed, or was interrupted; what this run had made is
            undone, last first.
    """
    begun: list[Step] = []
    try:
        for number, step in enumerate(steps, 1):
            finding = step.look()
            say(f"{number:2}. {step.text}")
            if finding.done:
                say(f"    {finding.note}")
                continue
            begun.append(step)
            step.do()
        check()
    # whatever stops it, Ctrl-C too, leaves nothing behind
    except BaseException as error:
        reason = explain(error)
        made = [step for step in begun if step.makes]
        left = _undo(made, say, explain)
        raise RolledBackError(_summary(reason, made, left)) from error
    return any(step.makes for step in begun)


def _undo(
    made: Sequence[Step], say: Callable[[str], None], explain: Callable[[BaseException], str]
) -> list[str]:
    """Undo steps, last first; give what is left in spite of it."""
    left = []
    for step in reversed(made):
        say(f"undo: {step.text}")
        try:
            step.undo()
        # one that cannot be undone must not keep the others
        except Exception as error:  # noqa: BLE001 - it is told, with what is left
            left.append(f"{step.text} ({explain(error)})")
    return left


def _summary(reason: str, made: Sequence[Step], left: Sequence[str]) -> str:
    if left:
        things = "; ".join(left)
        return (
            f"{reason}\nthis could not be undone: {things}\n"
            "`make push-model DESTROY=1` removes everything that a push has made"
        )
    if made:
        return f"{reason}\nwhat this push had made is removed; what was there before is as it was"
    return f"{reason}\nnothing was changed on AWS"
