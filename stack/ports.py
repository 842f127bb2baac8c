"""Whether the stack's ports are free on 127.0.0.1."""

import socket
from collections.abc import Iterable

from stack.services import Port
from stack.settings import StackError


def require_free(ports: Iterable[Port]) -> None:
    """Check that nothing listens on the ports.

    Raises:
        StackError: one is taken.
    """
    for port in ports:
        if not is_free(port.number):
            raise StackError(
                f"port {port.number} of {port.service} is taken: end what listens there, "
                f"or choose another port: {port.setting}=<port> make up"
            )


def is_free(number: int) -> bool:
    """Whether nothing listens on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            return False
    return True
