"""A port where nobody listens, and nobody else will as long as a test needs that."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def refusing_port() -> Iterator[int]:
    """Give a port of 127.0.0.1 that refuses connections: it is bound, and no one listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        yield port
