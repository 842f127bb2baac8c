"""The web form: JSON, or the form encoding of browsers."""

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs

from etl.payload import body_error, digest, json_object
from etl.request import Request
from etl.submission import RawAnswer, Submission, gather
from etl.vocabulary import question_named
from riskstack.contract.application import Channel

_CHECKBOX = "bad_record"
_MOST_FIELDS = 200


def from_form(request: Request) -> Submission:
    """Read application/x-www-form-urlencoded.

    A browser sends nothing for a check box that is not checked (HTML standard, "constructing the
    entry list"), so that an absent one is a no; an empty one is no answer.

    Raises:
        InvalidSubmissionError: the body is not the encoding of a form.
    """
    text = request.text()
    try:
        fields: dict[str, object] = dict(
            parse_qs(
                text,
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        )
    except UnicodeDecodeError:
        raise body_error("is not UTF-8") from None
    except ValueError:
        raise body_error(f"has more than {_MOST_FIELDS} fields") from None
    if _CHECKBOX not in map(question_named, fields):
        fields[_CHECKBOX] = False
    return _submission(request, fields)


def from_json(request: Request) -> Submission:
    """Read a JSON object of answers; a list holds the values of a repeated field.

    Raises:
        InvalidSubmissionError: the body is not a JSON object.
    """
    return _submission(request, json_object(request.body))


def _submission(request: Request, fields: Mapping[str, object]) -> Submission:
    gathered = gather(_answers(fields))
    return Submission(
        channel=Channel.WEBFORM,
        reference=request.idempotency_key(),
        raw_sha256=digest(request.body),
        answers=gathered.answers,
        problems=gathered.problems(),
    )


def _answers(fields: Mapping[str, object]) -> Iterator[tuple[str, RawAnswer]]:
    for name, field in fields.items():
        for value in field if isinstance(field, list) else [field]:
            yield name, RawAnswer(value)
