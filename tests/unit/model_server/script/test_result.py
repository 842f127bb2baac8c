from pathlib import Path

import pytest

from model_server.script.context import Context
from model_server.script.errors import ScriptError
from model_server.script.result import answer_of
from model_server.serving.servable import Answer


@pytest.fixture
def context() -> Context:
    return Context(Path("/"), {})


@pytest.mark.parametrize(
    ("result", "answer"),
    [
        ("é", Answer("é".encode(), "text/csv")),
        (b"1", Answer(b"1", "text/csv")),
        (bytearray(b"1"), Answer(b"1", "text/csv")),
        ({"score": 0.5}, Answer(b'{"score": 0.5}', "text/csv")),
        (["a", "b"], Answer(b'["a", "b"]', "text/csv")),
        (("1", "text/plain"), Answer(b"1", "text/plain")),
    ],
)
def test_a_result_is_a_body_with_or_without_its_type(
    result: object, answer: Answer, context: Context
) -> None:
    assert answer_of(result, "text/csv", context) == answer


def test_status_and_headers_are_those_of_the_context(context: Context) -> None:
    context.set_response_status(422)
    context.set_response_header(0, "X-Model", "a")
    context.set_response_header(0, "Content-Length", "9")

    answer = answer_of("1", "text/csv", context)

    assert (answer.status, answer.headers) == (422, ((b"x-model", b"a"),))


@pytest.mark.parametrize("result", [object(), {1, 2}, ("1", 2), ("1", "a\r\nb")])
def test_what_http_cannot_carry_is_refused(result: object, context: Context) -> None:
    with pytest.raises(ScriptError, match="the functions gave"):
        answer_of(result, "text/csv", context)


@pytest.mark.parametrize(("name", "value"), [("a b", "c"), ("x", "a\r\nb: c"), ("x", "\u20ac")])
def test_a_header_that_is_none_is_refused(name: str, value: str, context: Context) -> None:
    context.set_response_header(0, name, value)

    with pytest.raises(ScriptError, match="the functions set the header"):
        answer_of("1", "text/csv", context)


@pytest.mark.parametrize("status", [0, 99, 600])
def test_a_status_that_is_none_is_refused(status: int, context: Context) -> None:
    context.set_response_status(status)

    with pytest.raises(ScriptError, match="the functions set the status"):
        answer_of("1", "text/csv", context)
