"""What an adapter gives: raw answers under the contract's names, not yet read (answers)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from etl.answers import is_blank, same
from etl.problem import Problem
from etl.vocabulary import FIRST_NAME, LAST_NAME, question_named
from riskstack.contract.application import Channel

_WHOLE_NAME = {FIRST_NAME: "full_name", LAST_NAME: "full_name"}


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as the channel gave it; `confidence` is from 0 to 1 where a machine read it."""

    value: object
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """One application as its channel sent it.

    `reference` is the channel's own, `None` where it has none. `doubtful` names the answers that a
    person must look at whatever they say; `problems` are those that the adapter alone can see.
    """

    channel: Channel
    reference: str | None
    raw_sha256: str
    answers: Mapping[str, RawAnswer]
    doubtful: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Gathered:
    """Answers by question, and the questions that were answered twice, differently."""

    answers: dict[str, RawAnswer] = field(default_factory=dict)
    conflicts: set[str] = field(default_factory=set)

    def problems(self) -> tuple[Problem, ...]:
        """Give the conflicts as problems."""
        return tuple(
            Problem(question, "was answered twice, differently; expected one answer")
            for question in sorted(self.conflicts)
        )


def gather(found: Iterable[tuple[str, RawAnswer]]) -> Gathered:
    """Sort named raw answers by question.

    Names that are no question are left out, a blank never displaces an answer, and of two equal
    answers the surer one stays. First and last name make the full name where both are there.
    """
    gathered = Gathered()
    for name, answer in found:
        question = question_named(name)
        if question is not None:
            _add(gathered, question, answer)
    first = gathered.answers.pop(FIRST_NAME, None)
    last = gathered.answers.pop(LAST_NAME, None)
    if first and last and not (is_blank(first.value) or is_blank(last.value)):
        _add(gathered, "full_name", _joined(first, last))
    gathered.conflicts = {_WHOLE_NAME.get(question, question) for question in gathered.conflicts}
    return gathered


def _add(gathered: Gathered, question: str, answer: RawAnswer) -> None:
    known = gathered.answers.get(question)
    if known is None or is_blank(known.value):
        gathered.answers[question] = answer
    elif not is_blank(answer.value):
        if not same(_WHOLE_NAME.get(question, question), known.value, answer.value):
            gathered.conflicts.add(question)
        elif _sureness(answer) > _sureness(known):
            gathered.answers[question] = answer


def _sureness(answer: RawAnswer) -> float:
    return 1.0 if answer.confidence is None else answer.confidence


def _joined(first: RawAnswer, last: RawAnswer) -> RawAnswer:
    less_sure = min(first, last, key=_sureness)
    for part in (first, last):
        if not isinstance(part.value, str):
            # left as it is, for the reader to refuse
            return RawAnswer(part.value, less_sure.confidence)
    return RawAnswer(f"{first.value} {last.value}", less_sure.confidence)
