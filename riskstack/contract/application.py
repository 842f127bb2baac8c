"""The application and its life, the same for every channel.

Not: how a channel words it (etl), how a table holds it (record).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    """The ways in which an application reaches the company."""

    WEBFORM = "webform"
    MOBILE = "mobile"
    CHAT = "chat"
    PHONE = "phone"
    MAIL = "mail"


class Status(StrEnum):
    """Where an application stands."""

    RECEIVED = "received"
    INCOMPLETE = "incomplete"
    IN_REVIEW = "in_review"
    REJECTED = "rejected"
    ACCEPTED = "accepted"


SUCCESSORS: Mapping[Status, frozenset[Status]] = {
    # a person keyed in what was missing, or a part of it
    Status.INCOMPLETE: frozenset({Status.INCOMPLETE, Status.RECEIVED}),
    Status.RECEIVED: frozenset({Status.REJECTED, Status.IN_REVIEW, Status.ACCEPTED}),
    # a claim leaves an application in review
    Status.IN_REVIEW: frozenset({Status.IN_REVIEW, Status.REJECTED, Status.ACCEPTED}),
    Status.REJECTED: frozenset(),
    Status.ACCEPTED: frozenset(),
}


class Home(StrEnum):
    """How the applicant lives."""

    OWNER = "owner"
    RENT = "rent"
    PARENTS = "parents"
    PRIVATE = "private"
    OTHER = "other"


class Marital(StrEnum):
    """The applicant's marital status."""

    SINGLE = "single"
    MARRIED = "married"
    WIDOWED = "widowed"
    SEPARATED = "separated"
    DIVORCED = "divorced"


class Job(StrEnum):
    """How the applicant is employed."""

    FIXED = "fixed"
    PART_TIME = "part_time"
    FREELANCE = "freelance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What an applicant answered; `None` is a question without an answer.

    Money is in the data set's units: what comes in and goes out each month (`income`, `expenses`),
    what is owned and owed (`assets`, `debt`), the loan and what it is to buy (`amount`, `price`).
    """

    full_name: str | None = None
    age: int | None = None
    """Years."""
    marital: Marital | None = None
    home: Home | None = None
    job: Job | None = None
    seniority: int | None = None
    """Years in the present job."""
    income: float | None = None
    expenses: float | None = None
    assets: float | None = None
    debt: float | None = None
    bad_record: bool | None = None
    """Whether an earlier loan went bad."""
    amount: float | None = None
    price: float | None = None
    term: int | None = None
    """Months to pay the loan back."""


MOST_MONEY = 10**12
"""Well within what DynamoDB's numbers keep exactly and a rule can count with."""

BOUNDS: Mapping[str, tuple[float, float]] = {
    "age": (0, 130),
    "seniority": (0, 130),
    "income": (0, MOST_MONEY),
    "expenses": (0, MOST_MONEY),
    "assets": (0, MOST_MONEY),
    "debt": (0, MOST_MONEY),
    "amount": (0.01, MOST_MONEY),
    "price": (0, MOST_MONEY),
    "term": (1, 600),
}
"""The least and the most that a number among the answers may be."""

REQUIRED = (
    "full_name",
    "age",
    "seniority",
    "expenses",
    "bad_record",
    "amount",
    "price",
    "term",
)
"""The questions that must have an answer before an application is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One application in one version.

    `version` counts its transitions from 1; every write is conditional on the version it read.
    `open_questions` names the answers that a person must still key in: absent or doubtful ones.
    """

    application_id: str
    channel: Channel
    status: Status
    version: int
    source_ref: str
    """The channel's own reference, or the request's id where the channel has none."""
    raw_sha256: str
    """The digest of the payload as it came in, to tell a retry from a correction."""
    received_at: str
    """ISO 8601, UTC."""
    answers: Answers
    open_questions: tuple[str, ...] = ()
    field_confidence: Mapping[str, float] = field(default_factory=dict)
    """From 0 to 1, for the answers that a machine read."""
