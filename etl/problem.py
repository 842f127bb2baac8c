"""What can be wrong with a submission, as the errors that its sender can act on."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that cannot be taken: where it is, what is wrong, what is expected.

    The text never repeats a value, so that it may be logged.
    """

    field: str
    problem: str


class InvalidSubmissionError(Exception):
    """A payload is not what its channel sends, or an answer cannot be true: send it corrected."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{one.field}: {one.problem}" for one in self.problems))


class UnsupportedMediaTypeError(Exception):
    """A channel does not take the content type: the message says which it takes."""
