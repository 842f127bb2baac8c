"""Serves the API until SIGTERM: python -m gateway."""

import os

import uvicorn
from starlette.types import ASGIApp

from gateway import ports
from gateway.app import create_app, declared
from gateway.declaration import StageError
from gateway.http_api import app as http_api
from gateway.http_api.definition import DefinitionError as HttpDefinitionError
from gateway.openapi import DefinitionError
from gateway.server import configuration
from gateway.settings import Settings, SettingsError


def main() -> None:
    """Run the gateway as its environment says; a setting or a definition that is wrong ends it."""
    try:
        settings = Settings.from_environment(os.environ)
        app: ASGIApp = create_app(settings, declared(settings))
        sockets = [ports.listen(settings.host, settings.port)]
        if settings.http_api_port is not None:
            second = ports.listen(settings.host, settings.http_api_port)
            sockets.append(second)
            app = ports.ByPort(app, http_api.create(settings), second.getsockname()[1])
    except (SettingsError, StageError, DefinitionError, HttpDefinitionError) as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"the gateway cannot listen: {error}") from None
    uvicorn.Server(configuration(app, settings.host, settings.port)).run(sockets)


if __name__ == "__main__":
    main()
