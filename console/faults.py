"""The console's last resort: what nothing else has caught, told in the log without its words."""

from http import HTTPStatus

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.guard import SECURITY_HEADERS
from riskstack.contract.fault import place


class Faults:
    """An ASGI application around all others, out of which no error comes.

    The server would write an error's text to stderr, and that text may quote an answer.
    """

    def __init__(self, app: ASGIApp, logger: Logger) -> None:
        self._app = app
        self._logger = logger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; log a fault, and answer it where nothing inside has."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_answered = False

        async def send_noted(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:  # noqa: BLE001 - the last resort: told in the log
            self._logger.error(
                "request failed",
                code=error.response["Error"]["Code"] if isinstance(error, ClientError) else None,
                **place(error),
                **scope.get("path_params", {}),
            )
            if not is_answered:
                # no page: making one may be what failed
                await PlainTextResponse(
                    "Something went wrong. The fault has been written down.",
                    HTTPStatus.INTERNAL_SERVER_ERROR,
                    SECURITY_HEADERS | {"Cache-Control": "no-store"},
                )(scope, receive, send)
