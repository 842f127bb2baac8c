"""What the console must be told, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class SettingsError(ValueError):
    """A variable is missing or is not what it must be: set the one that the message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The console's settings; where DynamoDB is, the SDK reads from its own variables."""

    host: str
    port: int
    applications_table: str
    audit_table: str
    log_level: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Read the settings.

        Raises:
            SettingsError: a variable is missing, or the port is not one.
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
        )
