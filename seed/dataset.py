"""The credit data set, its rows as answers and outcomes (its source: seed/data/README.md)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from riskstack.contract.application import Answers, Home, Job, Marital

FILE = Path(__file__).parent / "data" / "credit_data.csv"

_HOME = {
    "owner": Home.OWNER,
    "rent": Home.RENT,
    "parents": Home.PARENTS,
    "priv": Home.PRIVATE,
    "other": Home.OTHER,
}  # `ignore` and an empty cell are no answer
_MARITAL = {
    "single": Marital.SINGLE,
    "married": Marital.MARRIED,
    "widow": Marital.WIDOWED,
    "separated": Marital.SEPARATED,
    "divorced": Marital.DIVORCED,
}
_JOB = {
    "fixed": Job.FIXED,
    "partime": Job.PART_TIME,
    "freelance": Job.FREELANCE,
    "others": Job.OTHER,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One loan: what the applicant answered and whether the loan went bad."""

    answers: Answers
    bad: bool


def rows(file: Path = FILE) -> Iterator[Row]:
    """Read the data set in its order; the applicants have no names."""
    with file.open(newline="") as lines:
        for cells in csv.DictReader(lines):
            yield Row(_answers(cells), cells["Status"] == "bad")


def _answers(cells: dict[str, str]) -> Answers:
    def number(column: str) -> float | None:
        return float(cells[column]) if cells[column] else None

    return Answers(
        age=int(cells["Age"]),
        marital=_MARITAL.get(cells["Marital"]),
        home=_HOME.get(cells["Home"]),
        job=_JOB.get(cells["Job"]),
        seniority=int(cells["Seniority"]),
        income=number("Income"),
        expenses=number("Expenses"),
        assets=number("Assets"),
        debt=number("Debt"),
        bad_record=cells["Records"] == "yes",
        amount=number("Amount"),
        price=number("Price"),
        term=int(cells["Time"]),
    )
