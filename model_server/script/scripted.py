"""A customer's functions as what answers invocations: one call after another, off the event loop.

They run on threads of their own, so that they may block; on one thread unless
SAGEMAKER_MODEL_SERVER_WORKERS says more, since each worker of AWS's images is one process that
calls them one at a time.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from model_server.logs import place
from model_server.script import defaults
from model_server.script.context import Context
from model_server.script.errors import ScriptError
from model_server.script.functions import Function
from model_server.script.result import answer_of
from model_server.serving.errors import STATUS, UnsupportedContentTypeError
from model_server.serving.invocation import Invocation
from model_server.serving.servable import Answer, SelfTestError
from model_server.serving.wire import Header

_REFUSALS: tuple[type[Exception], ...] = (ScriptError, *STATUS)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scripted:
    """Functions with their model; see `Servable`."""

    folder: Path
    functions: Mapping[str, Function]
    model: object
    defaults: defaults.Own | defaults.Theirs
    default_accept: str
    pool: ThreadPoolExecutor
    seconds: float
    """A call that takes longer is stuck."""
    version: str = ""
    """Not known: what functions answer depends on more than files."""
    begun: dict[int, float] = field(default_factory=dict)
    """When the calls that run were begun, by thread; `time.monotonic` tells."""

    async def answer(self, invocation: Invocation, headers: Sequence[Header]) -> Answer:
        """Call the functions. Raises ScriptError and, from the defaults, `serving.errors`."""
        context = Context(
            self.folder,
            {name.decode("latin-1"): value.decode("latin-1") for name, value in headers},
        )
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, self._timed, invocation, context)

    def test(self) -> None:
        """See whether a call is stuck; nobody knows of a body that these functions would take.

        Raises SelfTestError.
        """
        now = time.monotonic()
        longest = max((now - begun for begun in list(self.begun.values())), default=0.0)
        if longest > self.seconds:
            raise SelfTestError(
                f"a call of the functions runs for {longest:.0f} s, more than {self.seconds:g} s"
            )

    def close(self) -> None:
        """Drop what waits; a call that runs cannot be stopped."""
        self.pool.shutdown(wait=False, cancel_futures=True)

    def _timed(self, invocation: Invocation, context: Context) -> Answer:
        thread = threading.get_ident()
        self.begun[thread] = time.monotonic()
        try:
            return self._answer(invocation, context)
        finally:
            del self.begun[thread]

    def _answer(self, invocation: Invocation, context: Context) -> Answer:
        kind = invocation.content_type or defaults.JSON
        accept = invocation.accept
        if accept in ("", "*/*"):
            accept = self.default_accept
        if "transform_fn" in self.functions:
            body = _body(invocation, kind)
            result = self._call("transform_fn", context, self.model, body, kind, accept)
        else:
            data = self._data(invocation, kind, context)
            if "predict_fn" in self.functions:
                prediction = self._call("predict_fn", context, data, self.model)
            else:
                prediction = _guarded("the default predict_fn", self.defaults.predict, data)
            if "output_fn" in self.functions:
                result = self._call("output_fn", context, prediction, accept)
            else:
                result = _guarded("the default output_fn", defaults.write, prediction, accept)
        return answer_of(result, accept, context)

    def _data(self, invocation: Invocation, kind: str, context: Context) -> object:
        if "input_fn" in self.functions:
            return self._call("input_fn", context, _body(invocation, kind), kind)
        return self.defaults.read(invocation.body, kind)

    def _call(self, name: str, context: Context, *arguments: object) -> object:
        return _guarded(name, self.functions[name], context, *arguments)


def _guarded(name: str, function: Callable[..., object], *arguments: object) -> object:
    """Call a function. Raises ScriptError for whatever goes wrong in it, and logs its place."""
    try:
        return function(*arguments)
    except _REFUSALS:
        raise
    except (Exception, SystemExit) as error:
        kind = type(error).__name__
        logger.error(
            "script failed", extra={"function": name, "error": kind, "exception": place(error)}
        )
        raise ScriptError(f"{name} raised {kind}: {error}") from error


def _body(invocation: Invocation, kind: str) -> str | bytes:
    if kind not in defaults.TEXTS:
        return invocation.body
    try:
        return invocation.body.decode()
    except UnicodeDecodeError as error:
        raise UnsupportedContentTypeError(f"Content-Type {kind!r}: the body is no UTF-8") from error
