"""A letter that was scanned: the result of Textract's AnalyzeDocument with FORMS.

Facts: botocore's service model `textract/2018-06-27`; Textract developer guide, "Form Data
(Key-Value Pairs)". Blocks come in any order and refer to each other by id. Textract gives no name
of the document: the scanner's stands in a member `DocumentId` or the header X-Document-Id.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal

from etl.answers import LONGEST_TEXT
from etl.payload import Reference, body_error, digest, json_object, reference, shaped
from etl.request import Request
from etl.submission import RawAnswer, Submission, gather
from etl.vocabulary import option_named, question_named
from riskstack.contract.application import Channel

_UNSURE = 0.0
"""The confidence in what a machine cannot tell: a person must look."""
_SPARE_RELATIONS = 1000


class _Textract(BaseModel):
    model_config = ConfigDict(alias_generator=to_pascal)


class Relationship(_Textract):
    """How a block hangs together with others."""

    type: str
    ids: list[str] | None = None


class Block(_Textract):
    """One thing found on the page; the confidence is in percent, none where it is not given.

    Unknown types are left alone.
    """

    block_type: str
    id: str
    confidence: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = _UNSURE
    text: str | None = None
    entity_types: list[str] | None = None
    relationships: list[Relationship] | None = None
    selection_status: str | None = None

    def ids(self, kind: str) -> Iterator[str]:
        """Give the ids of the blocks that are related in one way."""
        for relationship in self.relationships or ():
            if relationship.type == kind:
                yield from relationship.ids or ()


class Analysis(_Textract):
    """The result of AnalyzeDocument, or of GetDocumentAnalysis with the blocks of all its pages."""

    blocks: list[Block]
    document_id: Reference | None = None
    job_status: Literal["SUCCEEDED", "PARTIAL_SUCCESS"] | None = None
    next_token: None = None


def adapt(request: Request) -> Submission:
    """Read an analysis; a document without a name is named by its digest.

    An answer is as sure as the least sure of its key-value pair and its words. What is written
    twice, differently, or beside a check box, is for a person to read.

    Raises:
        InvalidSubmissionError: it is no analysis, or a part of one, or its blocks are related more
            often than on any page.
    """
    analysis = shaped(Analysis, json_object(request.body))
    gathered = gather(_answers(_Relations(analysis.blocks)))
    header = request.headers.get("x-document-id")
    named = analysis.document_id or (header and reference("X-Document-Id", header))
    raw_sha256 = digest(request.body)
    return Submission(
        channel=Channel.MAIL,
        reference=named or raw_sha256,
        raw_sha256=raw_sha256,
        answers=gathered.answers,
        doubtful=frozenset(gathered.conflicts),
    )


class _Relations:
    """The blocks of an analysis and what hangs together, with a bound on how much is looked at.

    Every key may name the same values and every value the same words, which is work in the square
    of the body's length; on a page each block belongs to one other.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = {block.id: block for block in blocks}
        self._related: dict[tuple[str, str], list[Block]] = {}
        self._left = 2 * len(blocks) + _SPARE_RELATIONS

    def related(self, block: Block, kind: str) -> list[Block]:
        """Give the blocks that are related in one way, each once.

        Raises:
            InvalidSubmissionError: too many were looked at already.
        """
        place = (block.id, kind)
        if place not in self._related:
            ids = dict.fromkeys(block.ids(kind))
            self._related[place] = [self.blocks[other] for other in ids if other in self.blocks]
        found = self._related[place]
        self._left -= len(found)
        if self._left < 0:
            raise body_error("relates more blocks than it has")
        return found


def _answers(page: _Relations) -> Iterator[tuple[str, RawAnswer]]:
    for key in page.blocks.values():
        if key.block_type == "KEY_VALUE_SET" and "KEY" in (key.entity_types or ()):
            label = _written(page.related(key, "CHILD"))
            values = page.related(key, "VALUE")
            parts = [part for value in values for part in page.related(value, "CHILD")]
            sure = min(block.confidence for block in (key, *values, *parts)) / 100
            text = _written(parts)
            marks = [part for part in parts if part.block_type == "SELECTION_ELEMENT"]
            if not marks:
                yield label, RawAnswer(text, sure)
            elif text:
                yield label, RawAnswer(text, _UNSURE)
            else:
                checked = any(mark.selection_status == "SELECTED" for mark in marks)
                yield from _checked(label, checked=checked, sure=sure)


def _checked(label: str, *, checked: bool, sure: float) -> Iterator[tuple[str, RawAnswer]]:
    """Give what a check box says: yes or no to its label, or that its label is the answer."""
    question, option = question_named(label), option_named(label)
    if question:
        yield label, RawAnswer(checked, sure if question == "bad_record" else _UNSURE)
    elif checked and option:
        yield option[0], RawAnswer(str(option[1]), sure)


def _written(blocks: Iterable[Block]) -> str:
    # a word that is longer than any answer is refused as well when it is cut
    words = [(one.text or "")[: LONGEST_TEXT + 1] for one in blocks if one.block_type == "WORD"]
    return " ".join(words).strip()
