"""Starting `serve` as SageMaker does, and waiting until it is healthy."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from image_check.engine import Container, Engine
from image_check.exchange import Request, call
from image_check.seen import Answer, NoReply, Start, is_ok

PORT = 8080
MODEL = "/opt/ml/model"
PATIENCE = 10.0
"""A health check that takes longer than SageMaker's 2 s is still seen, as a late one."""
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Launch:
    """How containers of the image are started."""

    engine: Engine
    environment: Mapping[str, str]
    model: Path | None
    writable: bool = False
    """The model lies in the container, where it may be written to, as SageMaker does not allow."""

    @contextmanager
    def container(
        self,
        *,
        model: Path | None = None,
        model_path: str = MODEL,
        environment: Mapping[str, str] | None = None,
        port: int = PORT,
        network: str = "bridge",
    ) -> Iterator[Container]:
        """Run `serve` until the end of the block, with the image's model or another."""
        folder = model or self.model
        with self.engine.container(
            ["serve"],
            {**self.environment, **(environment or {})},
            read_only={model_path: folder} if folder and not self.writable else {},
            ports=[port],
            network=network,
        ) as container:
            if folder and self.writable:
                container.put(folder, model_path)
            container.start()
            yield container


def wait_until_ready(container: Container, port: int, seconds: float) -> Start:
    """Ask GET /ping until it answers 200, the container ends or the time is over."""
    began = time.monotonic()
    while True:
        exit_code = container.exit_code()
        answer = ping(container, port)
        elapsed = time.monotonic() - began
        if is_ok(answer) or exit_code is not None or elapsed > seconds:
            return Start(is_ok(answer), elapsed, exit_code, answer, container.log())
        time.sleep(_POLL_SECONDS)


def ping(container: Container, port: int) -> Answer:
    """Ask once."""
    address = container.address(port)
    if address is None:
        return NoReply("it has no address", 0.0, heard=False)
    return call(address, Request("GET", "/ping"), PATIENCE)
