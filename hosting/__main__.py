"""Start hosting: `python -m hosting`."""

import os
import signal
import sys
from collections.abc import Mapping

import uvicorn
from aws_lambda_powertools import Logger

from hosting.app import create_app
from hosting.declaration import DeclarationError
from hosting.settings import Settings, SettingsError
from riskstack.http_server import Protocol

IDLE_CONNECTION_S = 75
"""Longer than clients keep an idle connection, so that it is they who close it."""

DRAIN_S = 8
"""How long invocations may go on after SIGTERM; Compose kills after 10 s."""


def main(environ: Mapping[str, str]) -> None:
    """Serve until SIGTERM."""
    try:
        settings = Settings.from_environment(environ)
        log = Logger(
            service="hosting",
            level=settings.log_level,
            utc=True,
            use_rfc3339=True,
            # a message is a text: without this the logger tries to read each as JSON
            json_deserializer=str,
        )
        app = create_app(settings, log)
    except (SettingsError, DeclarationError) as error:
        sys.exit(f"hosting: {error}")
    # uvicorn raises the signal again after it has drained: that is a clean end
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        http=Protocol,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        # nobody stands between the client and hosting
        proxy_headers=False,
        timeout_keep_alive=IDLE_CONNECTION_S,
        timeout_graceful_shutdown=DRAIN_S,
    )


if __name__ == "__main__":
    main(os.environ)
