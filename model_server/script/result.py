"""What a customer's functions gave, as an answer that HTTP can carry."""

import json
import re
from collections.abc import Iterator

from model_server.script.context import Context
from model_server.script.errors import ScriptError
from model_server.serving.servable import Answer
from model_server.serving.wire import Header

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_OURS = ("content-length", "content-type", "transfer-encoding", "connection")
_STATUSES = range(200, 600)


def answer_of(result: object, accept: str, context: Context) -> Answer:
    """Take a body, or a body and its type, with what the context was told. Raises ScriptError.

    A body is str or bytes, or else becomes JSON, as Multi Model Server has it.
    """
    match result:
        case tuple((body, content_type)):
            pass
        case body:
            content_type = accept
    if not isinstance(content_type, str) or not _VALUE.fullmatch(content_type):
        raise ScriptError(f"the functions gave {content_type!r} for a content type")
    if context.status not in _STATUSES:
        raise ScriptError(f"the functions set the status {context.status!r}")
    return Answer(_bytes(body), content_type, context.status, tuple(_headers(context)))


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    try:
        return json.dumps(body).encode()
    except (TypeError, ValueError) as error:
        raise ScriptError(
            f"the functions gave a {type(body).__name__}: give str, bytes or what JSON knows"
        ) from error


def _headers(context: Context) -> Iterator[Header]:
    for name, value in context.response_headers.items():
        if name in _OURS:
            continue
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(str(value)):
            raise ScriptError(f"the functions set the header {name!r}, which HTTP cannot carry")
        yield name.encode(), str(value).encode("latin-1")
