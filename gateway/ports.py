"""Which API a request is for: an HTTP API has a port of its own, as on AWS it has a host name.

Both are served by one process and one event loop.
"""

import socket

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http_api.app import HttpApi


class ByPort:
    """Gives an HTTP API what comes in on its port, and the REST API everything else."""

    def __init__(self, rest_api: ASGIApp, http_api: HttpApi, port: int) -> None:
        self._rest_api = rest_api
        self._http_api = http_api
        self._port = port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope["server"][1] == self._port:
            await self._http_api(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._rest_api(scope, receive, self._closing(send))
        else:
            await self._rest_api(scope, receive, send)

    def _closing(self, send: Send) -> Send:
        async def send_and_close(message: Message) -> None:
            if message["type"].startswith("lifespan.shutdown"):
                self._http_api.close()
            await send(message)

        return send_and_close


def listen(host: str, port: int) -> socket.socket:
    """Listen on an address; raises OSError where that cannot be."""
    return socket.create_server((host, port), backlog=2048)
