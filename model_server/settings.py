"""What the container is told by its environment: the root of its files, where it listens."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LAST_PORT = 65_535


class SettingsError(ValueError):
    """A variable holds what cannot be used: correct the variable that the message names."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where files and clients are; the defaults are SageMaker's, which sets none of this."""

    base: Path
    host: str
    port: int
    log_level: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read SAGEMAKER_BASE_DIR, SAGEMAKER_BIND_TO_PORT, HOST and LOG_LEVEL.

        Raises SettingsError, naming the variable.
        """
        return cls(
            base=Path(environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml"),
            # SageMaker reaches the container from outside and says no address
            host=environ.get("HOST") or "0.0.0.0",  # noqa: S104 - every address of a container
            port=_port(environ.get("SAGEMAKER_BIND_TO_PORT") or "8080"),
            log_level=_log_level(environ.get("LOG_LEVEL") or "INFO"),
        )

    @property
    def model(self) -> Path:
        """The model's folder: read by `serve`, written by `train`."""
        return self.base / "model"

    @property
    def input(self) -> Path:
        """What a training job is given: `config/` and `data/<channel>/`."""
        return self.base / "input"

    @property
    def output(self) -> Path:
        """What a training job leaves beside the model: `failure` and `data/`."""
        return self.base / "output"


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= LAST_PORT:
        raise SettingsError(
            f"SAGEMAKER_BIND_TO_PORT: expected a port from 1 to {LAST_PORT}, found {text!r}"
        )
    return int(text)


def _log_level(text: str) -> str:
    if text.upper() not in logging.getLevelNamesMapping():
        raise SettingsError(f"LOG_LEVEL: expected a level such as INFO, found {text!r}")
    return text.upper()
