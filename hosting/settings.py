"""What hosting is told by its environment; nothing else in it reads the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

INVOCATION_TIMEOUT_S = 60.0
"""How long AWS waits for a container (InvokeEndpoint in the service model, botocore)."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LARGEST_PORT = 65535

_ROOTS = (("", "", ""), ("/", "", ""))
"""What may follow host and port in the URL of a container: path, query and fragment."""


class SettingsError(ValueError):
    """A variable is missing or wrong: set the one that the message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of the service; `containers` tells each ModelName's container by its URL."""

    host: str
    port: int
    endpoints_file: Path
    containers: Mapping[str, str]
    account_id: str
    region: str
    log_level: str
    invocation_timeout_s: float

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: a variable is missing or cannot be read.
        """
        return cls(
            host=_required(environ, "HOST"),
            port=_port(_required(environ, "PORT")),
            endpoints_file=Path(_required(environ, "ENDPOINTS_FILE")),
            containers=_containers(_required(environ, "CONTAINERS")),
            account_id=_required(environ, "AWS_ACCOUNT_ID"),
            region=_required(environ, "AWS_DEFAULT_REGION"),
            log_level=_log_level(environ.get("LOG_LEVEL", "INFO")),
            invocation_timeout_s=_seconds(environ.get("INVOCATION_TIMEOUT_SECONDS")),
        )


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingsError(f"{name} is not set: hosting needs it")
    return value


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= LARGEST_PORT):
        raise SettingsError(f"PORT is {text!r}: give a number from 0 to {LARGEST_PORT}")
    return int(text)


def _containers(text: str) -> dict[str, str]:
    """Read `ModelName=URL,...`."""
    containers: dict[str, str] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, _, url = (part.strip() for part in item.partition("="))
        if not name or not _is_root(url):
            raise SettingsError(f"CONTAINERS has {item!r}: give ModelName=http://host:port")
        if name in containers:
            raise SettingsError(f"CONTAINERS names {name} twice: one container answers for a model")
        containers[name] = url.rstrip("/")
    return containers


def _is_root(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme == "http" and bool(parts.hostname) and has_port and parts[2:] in _ROOTS


def _log_level(text: str) -> str:
    level = text.strip().upper()
    if level not in LOG_LEVELS:
        raise SettingsError(f"LOG_LEVEL is {text!r}: give one of {', '.join(LOG_LEVELS)}")
    return level


def _seconds(text: str | None) -> float:
    if text is None:
        return INVOCATION_TIMEOUT_S
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # a comparison, for it is false for NaN too
    if not 0 < seconds < float("inf"):
        raise SettingsError(f"INVOCATION_TIMEOUT_SECONDS is {text!r}: give seconds above 0")
    return seconds
