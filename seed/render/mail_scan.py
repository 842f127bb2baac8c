"""A letter: the blocks that Textract's AnalyzeDocument finds on a scanned form.

Facts: botocore's service model `textract/2018-06-27`, shapes AnalyzeDocumentResponse and Block.
"""

from collections.abc import Iterator
from typing import Any

from riskstack.contract.application import Answers, Marital
from seed.render.request import Request, json_request
from seed.render.wording import written


def render(answers: Answers, reference: str) -> Request:
    """Render the analysis as the mail room posts it; `DocumentId` is the reference."""
    return json_request("/applications/mail", {"DocumentId": reference, **analysis(answers)})


def analysis(answers: Answers) -> dict[str, Any]:
    """Make the result of AnalyzeDocument for a form of one page."""
    words: list[dict[str, Any]] = []
    pairs: list[dict[str, Any]] = []
    for line, (label, value) in enumerate(_lines(answers)):
        key = list(_words(f"k{line}", label, line, left=0.08, kind="PRINTED"))
        if isinstance(value, bool):
            found = [_mark(f"v{line}", line, selected=value)]
        else:
            found = list(_words(f"v{line}", value, line, left=0.5, kind="HANDWRITING"))
        words += key + found
        pairs += _pair(line, key, found)
    page = {
        "BlockType": "PAGE",
        "Id": "page-1",
        "Geometry": _geometry(0, 0, 1, 1),
        "Relationships": [{"Type": "CHILD", "Ids": [pair["Id"] for pair in pairs]}],
    }
    return {
        "DocumentMetadata": {"Pages": 1},
        "Blocks": [page, *words, *pairs],
        "AnalyzeDocumentModelVersion": "1.0",
    }


def _lines(answers: Answers) -> Iterator[tuple[str, str | bool]]:
    """Give the form's labels with what stands beside them, or whether their box is checked."""
    yield "Full name:", answers.full_name or ""
    yield "AGE", _text(answers.age)
    for option in Marital:
        yield option.title(), answers.marital == option
    yield "Housing:", answers.home or ""
    yield "Employment:", (answers.job or "").replace("_", "-")
    yield "Years in present job:", _text(answers.seniority)
    yield "Monthly income (EUR):", _text(answers.income)
    yield "Monthly expenses (EUR):", _text(answers.expenses)
    yield "Assets:", _text(answers.assets)
    yield "Debt:", _text(answers.debt)
    yield "Earlier loan went bad:", {True: "Yes", False: "No", None: ""}[answers.bad_record]
    yield "Loan amount:", _text(answers.amount)
    yield "Purchase price:", _text(answers.price)
    yield "Term (months):", _text(answers.term)
    yield "Date:", "2.3.2026"


def _text(number: float | None) -> str:
    return "" if number is None else written(number)


def _words(
    prefix: str, text: str, line: int, *, left: float, kind: str
) -> Iterator[dict[str, Any]]:
    for place, word in enumerate(text.split()):
        yield {
            "BlockType": "WORD",
            "Id": f"{prefix}-word-{place}",
            "Text": word,
            "TextType": kind,
            "Confidence": _confidence(line + place),
            "Geometry": _geometry(left + place * 0.1, _top(line), 0.09, 0.02),
        }


def _mark(prefix: str, line: int, *, selected: bool) -> dict[str, Any]:
    return {
        "BlockType": "SELECTION_ELEMENT",
        "Id": f"{prefix}-mark",
        "SelectionStatus": "SELECTED" if selected else "NOT_SELECTED",
        "Confidence": _confidence(line),
        "Geometry": _geometry(0.5, _top(line), 0.02, 0.02),
    }


def _pair(
    line: int, key: list[dict[str, Any]], found: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Give the two blocks of a key and its value, which share one confidence."""
    both = {"BlockType": "KEY_VALUE_SET", "Confidence": _confidence(line + 7)}
    yield {
        **both,
        "EntityTypes": ["KEY"],
        "Id": f"key-{line}",
        "Geometry": _geometry(0.08, _top(line), 0.4, 0.02),
        "Relationships": [
            {"Type": "VALUE", "Ids": [f"value-{line}"]},
            {"Type": "CHILD", "Ids": [word["Id"] for word in key]},
        ],
    }
    value = {
        **both,
        "EntityTypes": ["VALUE"],
        "Id": f"value-{line}",
        "Geometry": _geometry(0.5, _top(line), 0.4, 0.02),
    }
    # the value of an empty field has no children at all
    if found:
        value["Relationships"] = [{"Type": "CHILD", "Ids": [part["Id"] for part in found]}]
    yield value


def _confidence(number: int) -> float:
    """Give a confidence in percent, from 95 up, that differs from block to block."""
    return round(99.9 - (number * 7 % 49) / 10, 2)


def _top(line: int) -> float:
    return 0.1 + line * 0.04


def _geometry(left: float, top: float, width: float, height: float) -> dict[str, Any]:
    """Give a box as ratios of the page, from its upper left corner clockwise."""
    right, bottom = left + width, top + height
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return {
        "BoundingBox": {"Width": width, "Height": height, "Left": left, "Top": top},
        "Polygon": [{"X": x, "Y": y} for x, y in corners],
    }
