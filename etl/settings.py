"""The settings of the ETL function, read once from its environment (deploy/app.yaml)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from riskstack.contract.record import Tables


class SettingError(ValueError):
    """A variable of the environment is missing or makes no sense: the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where applications are kept and how answers are judged."""

    tables: Tables
    min_confidence: float
    """From 0 to 1; below it, an answer that a machine read must be keyed in by a person."""
    retention: timedelta
    """How long an application is kept."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingError: a variable is missing or makes no sense.
        """
        return cls(
            tables=Tables(
                applications=_text(environ, "APPLICATIONS_TABLE"),
                audit=_text(environ, "AUDIT_TABLE"),
            ),
            min_confidence=_number(environ, "MIN_CONFIDENCE", most=1),
            retention=timedelta(days=_number(environ, "RETENTION_DAYS", most=36_500)),
        )


def _text(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise SettingError(f"set the variable {name}: the ETL function needs it")
    return environ[name]


def _number(environ: Mapping[str, str], name: str, most: float) -> float:
    text = _text(environ, name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= most:
        raise SettingError(f"the variable {name} must be a number from 0 to {most}")
    return value
