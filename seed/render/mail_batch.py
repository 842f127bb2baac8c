"""Letters that two operators keyed: the CSV that their data entry program exports."""

import csv
import io
from collections.abc import Iterable

from riskstack.contract.application import Answers, Home, Job, Marital
from seed.render.request import Request
from seed.render.wording import written

# the program has words of its own, those of the data set
_WORDS = {
    Home.PRIVATE: "priv",
    Job.PART_TIME: "partime",
    Job.OTHER: "others",
    Marital.WIDOWED: "widow",
}
_COLUMNS = (
    "batch_id",
    "operator_id",
    "keyed_at",
    "doc_id",
    "name",
    "age",
    "marital",
    "home",
    "job",
    "seniority",
    "income",
    "expenses",
    "assets",
    "debt",
    "records",
    "amount",
    "price",
    "time",
)


def render(answers: Answers, reference: str) -> Request:
    """Render a batch of one letter; its document id is the reference."""
    return batch([(reference, answers)])


def batch(letters: Iterable[tuple[str, Answers]]) -> Request:
    """Render a batch of letters, each with its document id, as the program posts it.

    As spreadsheets have it where the comma is the decimal sign: `;` between cells, and a byte
    order mark. One operator keys thousands separators, the other does not.
    """
    file = io.StringIO(newline="")
    table = csv.writer(file, delimiter=";")
    table.writerow(_COLUMNS)
    for doc_id, answers in letters:
        for operator, keyed_at in (("op-17", "02.03.2026 09:14"), ("op-23", "02.03.2026 10:41")):
            cells = _cells(answers, grouped=operator == "op-17")
            table.writerow(["2026-03-02/1", operator, keyed_at, doc_id, *cells])
    return Request(
        "/applications/mail",
        {"Content-Type": "text/csv; charset=utf-8"},
        file.getvalue().encode("utf-8-sig"),
    )


def _cells(answers: Answers, *, grouped: bool) -> list[str]:
    def number(value: float | None) -> str:
        if value is None:
            return ""
        text = written(value).translate(str.maketrans(",.", ".,"))
        return text if grouped else text.replace(".", "")

    def word(category: Home | Job | Marital | None) -> str:
        return "" if category is None else _WORDS.get(category, str(category))

    return [
        answers.full_name or "",
        number(answers.age),
        word(answers.marital),
        word(answers.home),
        word(answers.job),
        number(answers.seniority),
        number(answers.income),
        number(answers.expenses),
        number(answers.assets),
        number(answers.debt),
        {True: "yes", False: "no", None: ""}[answers.bad_record],
        number(answers.amount),
        number(answers.price),
        number(answers.term),
    ]
