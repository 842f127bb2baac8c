"""How the console words what an application says: labels, numbers, times. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from riskstack.contract.application import Answers, Application, Home, Job, Status

STATUSES: Mapping[Status, str] = {
    Status.IN_REVIEW: "In review",
    Status.INCOMPLETE: "Incomplete",
    Status.RECEIVED: "Received",
    Status.ACCEPTED: "Accepted",
    Status.REJECTED: "Rejected",
}
"""In the order in which an auditor cares."""

_CHANNELS = {
    "webform": "Web form",
    "mobile": "Mobile app",
    "chat": "Chat bot",
    "phone": "Phone",
    "mail": "Mail",
}

_HOMES = {
    Home.OWNER: "own home",
    Home.RENT: "rented",
    Home.PARENTS: "with the parents",
    Home.PRIVATE: "private arrangement",
    Home.OTHER: "other",
}

_JOBS = {
    Job.FIXED: "permanent",
    Job.PART_TIME: "part-time",
    Job.FREELANCE: "freelance",
    Job.OTHER: "other",
}


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the form: its label, and how an answer to it reads."""

    name: str
    label: str
    text: Callable[[Answers], str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One question of an application with its answer in words.

    `text` is `None` without an answer, `confidence` (0 to 1) is set where a machine read it, and
    `is_open` says that a person must still key it in.
    """

    label: str
    text: str | None
    confidence: float | None
    is_open: bool


def rows(application: Application) -> Iterator[Row]:
    """Give every question with its answer in words."""
    for question in _QUESTIONS:
        yield Row(
            question.label,
            question.text(application.answers),
            application.field_confidence.get(question.name),
            is_open=question.name in application.open_questions,
        )


def number(value: float) -> str:
    """Write a number with its thousands apart."""
    return f"{value:,.10g}"


def percent(share: float) -> str:
    """Write a share from 0 to 1 as a percentage."""
    return f"{share * 100:.0f} %"


def moment(at: datetime) -> str:
    """Write a time to the minute, in UTC."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def span(duration: timedelta) -> str:
    """Write how long something has waited, in its two largest units."""
    minutes = max(0, int(duration.total_seconds() // 60))
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min" if minutes else "just now"


def status(value: str) -> str:
    """Name a status."""
    return STATUSES[Status(value)]


def channel(value: str) -> str:
    """Name a channel."""
    return _CHANNELS[value]


def actor(value: str) -> str:
    """Name who took a step, given as `auditor:<name>`, `channel:<channel>` or `rules:<version>`."""
    kind, _, name = value.partition(":")
    match kind:
        case "auditor":
            return name
        case "channel":
            return _CHANNELS.get(name, name)
        case "rules":
            return "the rules"
        case _:
            return value


FILTERS: Mapping[str, Callable[..., object]] = {
    "actor": actor,
    "channel": channel,
    "moment": moment,
    "number": number,
    "percent": percent,
    "rows": rows,
    "span": span,
    "status": status,
}
"""What the templates may call, by name."""


def _number_of(name: str, label: str, unit: str = "") -> Question:
    """Make the question of a number; `unit` is the singular of what it counts."""

    def text(answers: Answers) -> str | None:
        value = getattr(answers, name)
        if value is None:
            return None
        plural = "s" if unit and value != 1 else ""
        return f"{number(value)} {unit}{plural}".rstrip()

    return Question(name, label, text)


def _record(bad: bool | None) -> str | None:  # noqa: FBT001 - the answer itself
    if bad is None:
        return None
    return "an earlier loan went bad" if bad else "no earlier loan went bad"


_QUESTIONS = (
    Question("full_name", "Name", lambda answers: answers.full_name),
    _number_of("amount", "Amount asked for"),
    _number_of("price", "Price of what it buys"),
    _number_of("term", "To pay back in", "month"),
    _number_of("income", "Income a month"),
    _number_of("expenses", "Expenses a month"),
    _number_of("assets", "Assets"),
    _number_of("debt", "Debt"),
    Question("bad_record", "Record", lambda answers: _record(answers.bad_record)),
    Question("job", "Job", lambda answers: _JOBS[answers.job] if answers.job else None),
    _number_of("seniority", "In this job for", "year"),
    _number_of("age", "Age", "year"),
    Question("marital", "Marital status", lambda answers: answers.marital),
    Question("home", "Home", lambda answers: _HOMES[answers.home] if answers.home else None),
)
