"""Answers as application/json and application/jsonlines: an object of the fields for each row.

Both are strict: a missing number is null. AWS's image writes NaN there, which is no JSON.
"""

from model_server.serving.answers import texts
from model_server.serving.answers.writer import Fields, Writer


def _object(fields: Fields) -> str:
    members = [f'"{name}":{texts.slots(field.shape[1:], ",")}' for name, field in fields.items()]
    return "{" + ",".join(members) + "}"


def _members(fields: Fields) -> bytes:
    return texts.rows(fields, _object(fields) + ",", ["null"])[:-1].encode()


def _lines(fields: Fields) -> bytes:
    return texts.rows(fields, _object(fields) + "\n", ["null"]).encode()


DOCUMENT = Writer(
    "application/json",
    _members,
    head=b'{"predictions":[',
    separator=b",",
    tail=b"]}",
    single=b'{"predictions":[{"score":%.9g}]}',
)
DOCUMENT_BATCH = Writer(
    "application/json", _members, head=b'{"predictions":[', separator=b",", tail=b"]}\n"
)
"""With a newline at the end: a batch transform puts documents one after the other."""
LINES = Writer("application/jsonlines", _lines)
