"""Letters that people typed in: a CSV batch in which two operators keyed every document.

Columns: batch_id, operator_id, keyed_at, doc_id, then one for each question; one row for each
document and operator. What both keyed alike is an answer; what they keyed differently, or only one
of them keyed, is for a person to look up in the letter.
"""

import csv
import io
from collections.abc import Iterator

from etl.answers import QUESTIONS, is_blank, same
from etl.payload import body_error, digest_of_json, reference
from etl.problem import InvalidSubmissionError, Problem
from etl.request import Request
from etl.submission import RawAnswer, Submission, gather
from etl.vocabulary import question_named
from riskstack.contract.application import Channel

LARGEST_BATCH = 200
"""Documents; each takes two or three calls of DynamoDB, and the function ends after 10 seconds."""
_COLUMNS = ("batch_id", "operator_id", "keyed_at", "doc_id")
_OPERATORS = 2
# the data entry program's words are the data set's; elsewhere a time is no loan's term
_QUESTION_OF_COLUMN = {"records": "bad_record", "time": "term"}


def adapt(request: Request) -> tuple[Submission, ...]:
    """Read a batch, with `;` or `,` between cells: one submission for each `doc_id`, in file order.

    Raises:
        InvalidSubmissionError: the file is no batch; names the line where it can.
    """
    documents: dict[str, list[dict[str, str]]] = {}
    for row in _rows(request.text()):
        documents.setdefault(row["doc_id"], []).append(row)
    if not documents:
        raise body_error("holds no documents")
    if len(documents) > LARGEST_BATCH:
        raise body_error(f"holds more than {LARGEST_BATCH} documents: split it")
    return tuple(_submission(doc_id, rows) for doc_id, rows in documents.items())


def _rows(text: str) -> Iterator[dict[str, str]]:
    """Give the rows by column; the names of the columns in lower case."""
    first_line = text.partition("\n")[0]
    delimiter = max(";,", key=first_line.count)
    # strict, so that a broken quotation is an error and not a guess
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_header(header)
        for cells in reader:
            if any(cells):
                yield _row(header, cells, reader.line_num)
    except csv.Error:
        raise body_error(f"is not CSV at line {reader.line_num}") from None


def _check_header(header: list[str]) -> None:
    missing = [column for column in _COLUMNS if column not in header]
    if missing:
        raise body_error(f"lacks the columns {', '.join(missing)}")
    twice = sorted({column for column in header if header.count(column) > 1})
    if twice:
        raise InvalidSubmissionError([Problem(column, "is a column twice") for column in twice])
    if not any(question_named(_question(column)) for column in header):
        raise body_error("has no column for any question")


def _row(header: list[str], cells: list[str], line: int) -> dict[str, str]:
    if len(cells) != len(header):
        raise body_error(f"has {len(cells)} cells at line {line}; expected {len(header)}")
    row = dict(zip(header, cells, strict=True))
    for column in ("doc_id", "operator_id"):
        row[column] = reference(f"{column} at line {line}", row[column])
    return row


def _submission(doc_id: str, rows: list[dict[str, str]]) -> Submission:
    # of two rows by one operator the later one is the correction
    keyed = {row["operator_id"]: row for row in rows}
    operators = [
        gather((_question(column), RawAnswer(cell)) for column, cell in row.items())
        for row in keyed.values()
    ]
    answers: dict[str, RawAnswer] = {}
    doubtful = {question for operator in operators for question in operator.conflicts}
    for question in QUESTIONS:
        values = [operator.answers.get(question, RawAnswer(None)).value for operator in operators]
        given = [value for value in values if not is_blank(value)]
        if not given:
            continue
        answers[question] = RawAnswer(given[0])
        if len(given) < max(_OPERATORS, len(operators)) or not _agree(question, given):
            doubtful.add(question)
    return Submission(
        channel=Channel.MAIL,
        reference=doc_id,
        raw_sha256=digest_of_json(rows),
        answers=answers,
        doubtful=frozenset(doubtful),
    )


def _question(column: str) -> str:
    return _QUESTION_OF_COLUMN.get(column, column)


def _agree(question: str, values: list[object]) -> bool:
    return all(same(question, values[0], value) for value in values)
