"""What the gateway is told by its environment; nothing else here reads it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OWN_PATHS = frozenset({"/health", "/metrics"})
"""What the gateway answers for itself: no stage may be called so."""

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class SettingsError(ValueError):
    """A variable is missing or cannot be: set it as the text says and start again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where the gateway listens and what stands in for what AWS would know of an API."""

    host: str
    port: int
    templates: Path
    """The folder of the templates that declare the API."""
    stage: str
    api_keys: tuple[str, ...]
    """The values of the keys that the templates declare without one; there may be none."""
    region: str
    account_id: str
    log_level: str
    http_api_port: int | None = None
    """Where the HTTP API listens; without it, there is none."""

    @property
    def template(self) -> Path:
        """The template that declares the API, and the HTTP API."""
        return self.templates / "app.yaml"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: a variable is missing or is not what it must be; the text names it.
        """
        return cls(
            host=_read(environ, "HOST", r"\S+", "an address to listen on"),
            port=int(_read(environ, "PORT", r"\d{1,5}", "a port")),
            templates=Path(_read(environ, "TEMPLATES", r".+", "the folder of the templates")),
            # API Gateway developer guide, "Important notes", of a stage's name
            stage=_read(
                environ,
                "STAGE",
                r"(?!(?:health|metrics)$)[A-Za-z0-9_-]{1,128}",
                "a stage's name, neither health nor metrics",
            ),
            api_keys=tuple(
                key.strip()
                for key in _read(environ, "API_KEYS", r".*", "keys, by commas").split(",")
                if key.strip()
            ),
            region=_read(environ, "AWS_DEFAULT_REGION", r"[a-z0-9-]+", "a region"),
            account_id=_read(environ, "AWS_ACCOUNT_ID", r"\d{12}", "an account's 12 digits"),
            log_level=_read(
                environ, "LOG_LEVEL", "|".join(_LOG_LEVELS), f"one of {', '.join(_LOG_LEVELS)}"
            ),
            http_api_port=(
                int(_read(environ, "HTTP_API_PORT", r"\d{1,5}", "a port"))
                if environ.get("HTTP_API_PORT")
                else None
            ),
        )


def _read(environ: Mapping[str, str], name: str, pattern: str, meaning: str) -> str:
    if name not in environ:
        raise SettingsError(f"the gateway needs the variable {name}: {meaning}")
    # the value is not shown: it may be a key
    if not re.fullmatch(pattern, environ[name]):
        raise SettingsError(f"the variable {name} is not what it must be: {meaning}")
    return environ[name]
