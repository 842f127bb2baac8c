"""What becomes of a container's answer: filtered, joined with its input, appended to the output.

Facts: AssembleWith and DataProcessing in the service model (botocore) and in the SageMaker
developer guide, "Associate Prediction Results with Input Records".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from hosting.control.api_errors import InvalidRequestError
from hosting.jobs.transform.columns import Columns, ColumnsError, RowError, read_row, write_row
from hosting.jobs.transform.request import CreateTransformJob


@dataclass(frozen=True, slots=True)
class Assembly:
    """How records become payloads and answers become output."""

    by_line: bool
    """AssembleWith Line: every answer ends with a newline."""
    sent: Columns | None
    """Which columns are sent; None where no record is looked into."""
    kept: Columns | None
    """Which columns are written; None where no answer is looked into."""
    joined: bool

    @classmethod
    def of(cls, request: CreateTransformJob) -> Self:
        """Read the members of a request. Raises InvalidRequestError."""
        processing = request.DataProcessing
        by_line = request.TransformOutput.AssembleWith == "Line"
        if not processing.does_something:
            return cls(by_line, None, None, joined=False)
        return cls(
            by_line,
            _columns("InputFilter", processing.InputFilter),
            _columns("OutputFilter", processing.OutputFilter),
            joined=processing.JoinSource == "Input",
        )

    def payload(self, records: Sequence[bytes]) -> bytes:
        """Give the body of a request. Raises RowError."""
        columns = self.sent
        if columns is None or columns.parts is None:
            return b"\n".join(records)
        return b"\n".join(write_row(columns.of(read_row(record))) for record in records)

    def output(self, records: Sequence[bytes], answer: bytes) -> bytes:
        """Give what is appended to the output for the answer to these records. Raises RowError."""
        if self.kept is not None:
            answer = b"\n".join(self._rows(records, answer.splitlines(), self.kept))
        return answer + b"\n" if self.by_line and not answer.endswith(b"\n") else answer

    def _rows(
        self, records: Sequence[bytes], answers: Sequence[bytes], columns: Columns
    ) -> list[bytes]:
        if not self.joined:
            return [write_row(columns.of(read_row(answer))) for answer in answers]
        if len(answers) != len(records):
            raise RowError(
                f"{len(answers)} lines were answered to {len(records)} records: none can be joined"
            )
        return [
            write_row(columns.of([*read_row(record), *read_row(answer)]))
            for record, answer in zip(records, answers, strict=True)
        ]


def _columns(member: str, expression: str) -> Columns:
    try:
        return Columns.parse(expression)
    except ColumnsError as error:
        raise InvalidRequestError(f"DataProcessing.{member}: {error}") from error
