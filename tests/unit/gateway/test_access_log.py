import asyncio
import io

import pytest

from gateway.access_log import MOMENT_S, AccessLog, FormatError
from gateway.exchange import Exchange
from tests.gateway_stand import exchange


def line(line_format: str, made: Exchange) -> str:
    return AccessLog(line_format).line(made)


def test_a_line_is_written_in_its_format() -> None:
    made = exchange(("User-Agent", "curl/8"))
    made.status, made.length = 202, 17
    text = (
        '$context.identity.sourceIp [$context.requestTime] "$context.httpMethod '
        '$context.resourcePath $context.protocol" $context.status $context.responseLength '
        "$context.requestId-$context.extendedRequestId\n"
    )
    assert line(text, made) == (
        '192.0.2.7 [04/Mar/2026:19:15:17 +0000] "POST /things/{thing} HTTP/1.1" 202 17 id-1-ext=\n'
    )


def test_what_is_not_there_is_a_dash() -> None:
    text = "$context.requestId $context.identity.user $context.error.message $context.status"
    assert line(text, exchange()) == "id-1 - - -\n"


def test_a_caller_cannot_write_a_line_of_its_own() -> None:
    made = exchange(("User-Agent", "a\r\nid-2 200"))
    assert line("$context.requestId $context.identity.userAgent", made) == "id-1 a  id-2 200\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$context.requestId $context.nothing", r"\$context\.nothing is not emulated"),
        ("$context.status", r"\$context\.requestId or \$context\.extendedRequestId must stand"),
        ("$context.requestId $input.body", r"only variables of \$context can stand in it"),
    ],
)
def test_a_format_that_cannot_be_written_is_refused(text: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        AccessLog(text)


def test_the_lines_of_a_moment_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _Counting()
    monkeypatch.setattr("sys.stdout", stream)

    async def answer_twice_two() -> None:
        log = AccessLog("$context.requestId")
        for _ in range(2):
            log.add(exchange())
            log.add(exchange())
            await asyncio.sleep(2 * MOMENT_S)

    asyncio.run(answer_twice_two())
    assert (stream.getvalue(), stream.flushes) == ("id-1\n" * 4, 2)


class _Counting(io.StringIO):
    flushes = 0

    def flush(self) -> None:
        self.flushes += 1
