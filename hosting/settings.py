"""What hosting is told by its environment; nothing else in it reads the environment."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

INVOCATION_TIMEOUT_S = 60.0
"""How long AWS waits for a container (InvokeEndpoint in the service model, botocore)."""

METRIC_PERIOD_S = 60.0
"""How often CloudWatch has a value of InvocationsPerInstance (AWS/SageMaker metrics)."""

INSTANCE_LIMIT = 20

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")
"""What a program needs of the machine; a process that serves gets no more of hosting's own."""

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LARGEST_PORT = 65535

_ROOTS = (("", "", ""), ("/", "", ""))
"""What may follow host and port in the URL of a container: path, query and fragment."""


class SettingsError(ValueError):
    """A variable is missing or wrong: set the one that the message names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerEngine:
    """The engine that runs containers, and the stack that these belong to."""

    url: str
    """`unix:///var/run/docker.sock` or the like."""
    stack: str
    network: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting of the service."""

    host: str
    port: int
    endpoints_file: Path
    state: Path
    """The folder of what outlives a restart: documents, asynchronous requests, processes' homes."""
    containers: Mapping[str, str]
    """The URL of each ModelName's container that the stack starts itself."""
    account_id: str
    region: str
    log_level: str
    invocation_timeout_s: float
    container_engine: ContainerEngine | None = None
    """None where models are served by processes of this machine."""
    process_images: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The command of each image that can run as a process."""
    inherited: Mapping[str, str] = field(default_factory=dict)
    """What such a process gets of the environment."""
    instance_limit: int = INSTANCE_LIMIT
    metric_period_s: float = METRIC_PERIOD_S

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
            state=Path(_required(environ, "STATE")),
            containers=_containers(environ.get("CONTAINERS", "")),
            account_id=_required(environ, "AWS_ACCOUNT_ID"),
            region=_required(environ, "AWS_DEFAULT_REGION"),
            log_level=_log_level(environ.get("LOG_LEVEL", "INFO")),
            invocation_timeout_s=_seconds(
                environ, "INVOCATION_TIMEOUT_SECONDS", INVOCATION_TIMEOUT_S
            ),
            container_engine=_container_engine(environ),
            process_images=_process_images(environ.get("PROCESS_IMAGES", "")),
            inherited={name: environ[name] for name in INHERITED if name in environ},
            instance_limit=_instance_limit(environ.get("INSTANCE_LIMIT", str(INSTANCE_LIMIT))),
            metric_period_s=_seconds(environ, "METRIC_PERIOD_SECONDS", METRIC_PERIOD_S),
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


def _container_engine(environ: Mapping[str, str]) -> ContainerEngine | None:
    url = environ.get("CONTAINER_ENGINE", "").strip()
    if not url:
        return None
    return ContainerEngine(
        url=url,
        stack=_required(environ, "STACK_NAME"),
        network=_required(environ, "CONTAINER_NETWORK"),
    )


def _process_images(text: str) -> dict[str, tuple[str, ...]]:
    """Read `image=command,...`; a command is in words, as in a shell."""
    images: dict[str, tuple[str, ...]] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        image, _, command = (part.strip() for part in item.partition("="))
        try:
            words = tuple(shlex.split(command))
        except ValueError:
            words = ()
        if not image or not words:
            raise SettingsError(f"PROCESS_IMAGES has {item!r}: give image=command")
        images[image] = words
    return images


def _instance_limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise SettingsError(f"INSTANCE_LIMIT is {text!r}: give a number above 0")
    return int(text)


def _seconds(environ: Mapping[str, str], name: str, default: float) -> float:
    text = environ.get(name)
    if text is None:
        return default
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    # a comparison, for it is false for NaN too
    if not 0 < seconds < float("inf"):
        raise SettingsError(f"{name} is {text!r}: give seconds above 0")
    return seconds
