"""What the console must be told, read once from the environment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})

_HOST = re.compile(r"[a-z0-9.-]+")


class SettingsError(ValueError):
    """A variable is missing or is not what it must be: set the one that the message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The console's settings; where DynamoDB is, the SDK reads from its own variables.

    `allowed_hosts` are the names, in lower case, under which browsers may ask for its pages.
    """

    host: str
    port: int
    applications_table: str
    audit_table: str
    log_level: str
    allowed_hosts: frozenset[str]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: a variable is missing, or the port or a host is not one.
        """

        def required(name: str) -> str:
            value = environ.get(name, "")
            if not value:
                raise SettingsError(f"set {name}: the console cannot start without it")
            return value

        port = required("PORT")
        if not (port.isascii() and port.isdecimal() and 0 < int(port) < 2**16):
            raise SettingsError(f"PORT must be a number from 1 to 65535, not {port!r}")
        return cls(
            host=required("HOST"),
            port=int(port),
            applications_table=required("APPLICATIONS_TABLE"),
            audit_table=required("AUDIT_TABLE"),
            log_level=required("LOG_LEVEL"),
            allowed_hosts=_hosts(environ.get("ALLOWED_HOSTS", "")) or LOCAL_HOSTS,
        )


def _hosts(text: str) -> frozenset[str]:
    names = [name.strip().lower() for name in text.split(",")] if text else []
    for name in names:
        if not _HOST.fullmatch(name):
            raise SettingsError(
                f"ALLOWED_HOSTS must be names with commas between them and no port, not {name!r}"
            )
    return frozenset(names)
