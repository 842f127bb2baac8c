"""What answers invocations: a model of ours or a customer's functions, all the same to HTTP."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from model_server.serving.invocation import Invocation
from model_server.serving.wire import Header


class Answer(NamedTuple):
    """What an invocation is answered with."""

    body: bytes
    content_type: str
    status: int = 200
    headers: Sequence[Header] = ()


class SelfTestError(RuntimeError):
    """A model does not predict what it did when it was loaded: replace the container."""


class Servable(Protocol):
    """A loaded model that answers. It may be asked several things at once."""

    @property
    def version(self) -> str:
        """Give a digest of the model's files: the same for the same model."""
        ...

    async def answer(self, invocation: Invocation, headers: Sequence[Header]) -> Answer:
        """Answer one invocation, given all of its headers, too; never keep the event loop for long.

        Raises the errors of `serving.errors` and `script.errors`.
        """
        ...

    def test(self) -> None:
        """Predict for the sake of it. Raises SelfTestError."""
        ...

    def close(self) -> None:
        """Give back what it holds; nothing is asked of it any more."""
        ...
