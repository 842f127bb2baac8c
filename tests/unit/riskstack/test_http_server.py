import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from riskstack.http_server import Joining


class Transport:
    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent.append(data)

    def writelines(self, pieces: Sequence[bytes]) -> None:
        self.write(b"".join(pieces))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return name


def writing(*steps: str) -> Transport:
    """Write pieces, close, or let the loop go on, as each step says."""
    transport = Transport()

    async def write() -> None:
        joining = Joining(cast("asyncio.Transport", transport))
        for step in steps:
            match step:
                case "close":
                    joining.close()
                case "go on":
                    await asyncio.sleep(0)
                case piece:
                    joining.write(piece.encode())
        await asyncio.sleep(0)

    asyncio.run(write())
    return transport


@pytest.mark.parametrize(
    ("steps", "sent"),
    [
        (["head", "body"], ["headbody"]),
        # what comes later waits no longer than the loop takes
        (["head", "go on", "body"], ["head", "body"]),
        (["head", "a", "b", "c"], ["heada", "bc"]),
        (["head", "a", "go on", "b"], ["heada", "b"]),
        (["head", ""], ["head"]),
        (["head"], ["head"]),
        (["head", "body", "close"], ["headbody"]),
        (["head", "close"], ["head"]),
        (["close"], []),
    ],
)
def test_a_piece_goes_out_with_the_next(steps: list[str], sent: list[str]) -> None:
    transport = writing(*steps)
    assert [piece.decode() for piece in transport.sent] == sent
    assert transport.closed == ("close" in steps)


def test_everything_else_is_the_transport_s() -> None:
    async def ask() -> Any:  # noqa: ANN401 - the transport's
        return Joining(cast("asyncio.Transport", Transport())).get_extra_info("peername")

    assert asyncio.run(ask()) == "peername"
