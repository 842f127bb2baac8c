"""What the container is told by its environment: files, where it listens, how it answers.

SageMaker's own variables keep their names, and so do those of AWS's images; what only this image
knows begins with MODEL_SERVER_. SAGEMAKER_SAFE_PORT_RANGE is for a second port: there is none.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LAST_PORT = 65_535
MIB = 2**20
LARGEST_PAYLOAD_MB = 100
"""What SageMaker's batch transform sends at most in one request."""


class SettingsError(ValueError):
    """A variable holds what cannot be used: correct the variable that the message names."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where files and clients are, and options; the defaults are SageMaker's, which sets few."""

    base: Path
    host: str
    port: int
    log_level: str
    max_body_bytes: int = 25 * MIB
    """SageMaker's limit of a payload at a real-time endpoint (AWS-faq)."""
    multi_model: bool = False
    max_models: int | None = None
    """How many models are loaded at once at most; None leaves it to the memory alone."""
    max_memory_percent: int = 80
    """No further model is loaded where the container's memory is fuller than this."""
    batch: bool = False
    """The container serves a batch transform."""
    default_accept: str = ""
    """The format of an answer where a request names none; "" is each mode's own."""
    selected_outputs: tuple[str, ...] = ()
    """What each row's answer holds instead of the score alone: keys of AWS's XGBoost image."""
    ensemble: bool = True
    allow_pickle: bool = False
    allow_binaries: bool = False
    native_code: bool = True
    program: str = ""
    """The file of the customer's functions; "" is inference.py, where there is one."""
    submit_directory: Path | None = None
    """The folder of the customer's code; None is code/ in the model's folder."""
    script_threads: int = 1
    """How many calls of the customer's functions run at once: more than one at their own risk."""
    script_seconds: int = 60
    """A call of them that takes longer is stuck, and the container is no longer healthy."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables. Raises SettingsError, naming the variable."""
        return cls(
            base=Path(environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml"),
            # SageMaker reaches the container from outside and says no address
            host=environ.get("HOST") or "0.0.0.0",  # noqa: S104 - every address of a container
            port=_number(environ, "SAGEMAKER_BIND_TO_PORT", 1, LAST_PORT) or 8080,
            log_level=_log_level(environ),
            max_body_bytes=_max_body_bytes(environ),
            multi_model=_switch(environ, "SAGEMAKER_MULTI_MODEL", default=False),
            max_models=_number(environ, "MODEL_SERVER_MAX_MODELS", 1, 100_000),
            max_memory_percent=_number(environ, "MODEL_SERVER_MAX_MEMORY_PERCENT", 1, 100) or 80,
            # any value counts, as in AWS's image: local mode sends True, SageMaker true
            batch=bool(environ.get("SAGEMAKER_BATCH")),
            default_accept=environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "",
            selected_outputs=_list(environ, "SAGEMAKER_INFERENCE_OUTPUT"),
            ensemble=_switch(environ, "SAGEMAKER_INFERENCE_ENSEMBLE", default=True),
            allow_pickle=_switch(environ, "MODEL_SERVER_ALLOW_PICKLE", default=False),
            allow_binaries=_switch(environ, "MODEL_SERVER_ALLOW_BINARIES", default=False),
            native_code=_switch(environ, "MODEL_SERVER_NATIVE_CODE", default=True),
            program=environ.get("SAGEMAKER_PROGRAM") or "",
            submit_directory=_submit_directory(environ),
            script_threads=_number(environ, "SAGEMAKER_MODEL_SERVER_WORKERS", 1, 1_000) or 1,
            # the one of these names is older (aws/sagemaker-inference-toolkit parameters.py)
            script_seconds=_number(environ, "SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", 1, 100_000)
            or _number(environ, "SAGEMAKER_MODEL_SERVER_TIMEOUT", 1, 100_000)
            or 60,
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


def _number(environ: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = environ.get(name)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name}: expected a number from {least} to {most}, found {text!r}")
    return int(text)


def _switch(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name)
    if not text:
        return default
    if text.lower() not in ("true", "false"):
        raise SettingsError(f"{name}: expected true or false, found {text!r}")
    return text.lower() == "true"


def _list(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(key for part in environ.get(name, "").split(",") if (key := part.strip().lower()))


def _max_body_bytes(environ: Mapping[str, str]) -> int:
    """Give the limit of AWS's XGBoost image, else of its inference toolkit, else SageMaker's."""
    most = LARGEST_PAYLOAD_MB * MIB
    megabytes = _number(environ, "SAGEMAKER_MAX_PAYLOAD_IN_MB", 0, LARGEST_PAYLOAD_MB)
    if megabytes is None:
        megabytes = 25
    elif megabytes == 0:  # a batch transform that sends whole objects, without a limit
        megabytes = LARGEST_PAYLOAD_MB
    return _number(environ, "MAX_CONTENT_LENGTH", 1, most) or megabytes * MIB


def _submit_directory(environ: Mapping[str, str]) -> Path | None:
    text = environ.get("SAGEMAKER_SUBMIT_DIRECTORY")
    if not text:
        return None
    path = Path(text.removeprefix("file://"))
    if not path.is_absolute() or path.name.endswith(".gz"):
        raise SettingsError(
            f"SAGEMAKER_SUBMIT_DIRECTORY: expected a folder in the container, found {text!r}: "
            "nothing is downloaded at the start, pack the code into code/ of the model's archive"
        )
    return path


def _log_level(environ: Mapping[str, str]) -> str:
    """Read LOG_LEVEL, or the variable of AWS's images, which the SageMaker SDK sets to a number."""
    for name in ("LOG_LEVEL", "SAGEMAKER_CONTAINER_LOG_LEVEL"):
        text = environ.get(name)
        if not text:
            continue
        level = logging.getLevelName(int(text)) if text.isdecimal() else text.upper()
        if level not in logging.getLevelNamesMapping():
            raise SettingsError(f"{name}: expected a level such as INFO, found {text!r}")
        return level
    return "INFO"
