"""Whether the stack's ports are free on 127.0.0.1."""

import socket
from collections.abc import Mapping

from stack.settings import StackError

# how .env names the port of a service whose folder is not its name
_SETTINGS = {"localstack": "EMULATOR_PORT"}


def require_free(ports: Mapping[str, int]) -> None:
    """Check that nothing listens on the ports, by service.

    Raises:
        StackError: one is taken.
    """
    for service, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                variable = _SETTINGS.get(service, f"{service.upper()}_PORT")
                raise StackError(
                    f"port {port} of {service} is taken: end what listens there, "
                    f"or choose another port: {variable}=<port> make up"
                ) from None
