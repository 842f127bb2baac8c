"""Serves the API until SIGTERM: python -m gateway."""

import os

import uvicorn

from gateway.app import DEFINITION, create_app
from gateway.openapi import DefinitionError
from gateway.server import configuration
from gateway.settings import Settings, SettingsError


def main() -> None:
    """Run the gateway as its environment says; a setting or a definition that is wrong ends it."""
    try:
        settings = Settings.from_environment(os.environ)
        app = create_app(settings, DEFINITION.read_text(encoding="utf-8"))
    except (SettingsError, DefinitionError) as error:
        raise SystemExit(str(error)) from None
    uvicorn.Server(configuration(app, settings.host, settings.port)).run()


if __name__ == "__main__":
    main()
