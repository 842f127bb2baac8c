"""A Lambda function as its template declares it. Not: its running (execution)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from riskstack.emulator.function import targets, variables
from riskstack.emulator.template import Template, TemplateError

EMULATED = frozenset(
    {
        "DeadLetterQueue",
        "Environment",
        "EventInvokeConfig",
        "Events",
        "FunctionName",
        "Handler",
        "LoggingConfig",
        "MemorySize",
        "ReservedConcurrentExecutions",
        "Timeout",
    }
)

ON_AWS_ALONE = frozenset(
    {
        "Architectures",
        "CodeUri",
        "Description",
        "EphemeralStorage",
        "KmsKeyArn",
        "PermissionsBoundary",
        "Policies",
        "PropagateTags",
        "Role",
        "RuntimeManagementConfig",
        "Runtime",
        "Tags",
        "Tracing",
    }
)
"""What has no meaning on this machine: where code lies, what it may do, what it is labelled."""

_SHOWN = EMULATED | {"Architectures", "Description", "EphemeralStorage", "Runtime", "Tracing"}
"""What the operations of the API tell of."""

LONGEST_TIMEOUT = 900
"""Seconds."""

DEFAULT_LEVEL = "INFO"
"""What a log in JSON begins with (Lambda developer guide, "Log-level filtering")."""

_LEVELS = {
    "ApplicationLogLevel": ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"),
    "SystemLogLevel": ("DEBUG", "INFO", "WARN"),
}
"""The levels in a LoggingConfig (botocore, ApplicationLogLevel and SystemLogLevel)."""


@dataclass(frozen=True, slots=True)
class AsyncConfig:
    """What happens to events that are invoked asynchronously (EventInvokeConfig)."""

    declared: bool = False
    """Whether the template has one at all."""
    max_retries: int | None = None
    max_age: int | None = None
    """Seconds."""
    on_success: targets.Target | None = None
    on_failure: targets.Target | None = None
    dead_letters: targets.Target | None = None

    @classmethod
    def from_properties(cls, name: str, properties: Mapping[str, Any]) -> "AsyncConfig":
        """Read the settings of a function.

        Raises:
            TemplateError: AWS or the local stack refuses one.
        """
        config = properties.get("EventInvokeConfig")
        place = f"{name}: EventInvokeConfig"
        known = {"DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"}
        unknown = sorted((config or {}).keys() - known)
        if unknown:
            raise TemplateError(f"{place}: not emulated: {', '.join(unknown)}; remove it")
        on_success, on_failure = targets.destinations(
            f"{place}.DestinationConfig", (config or {}).get("DestinationConfig", {})
        )
        return cls(
            declared=config is not None,
            max_retries=_between(place, config or {}, "MaximumRetryAttempts", 0, 2),
            max_age=_between(place, config or {}, "MaximumEventAgeInSeconds", 60, 21_600),
            on_success=on_success,
            on_failure=on_failure,
            dead_letters=targets.dead_letters(
                f"{name}: DeadLetterQueue", properties.get("DeadLetterQueue")
            ),
        )


@dataclass(frozen=True, slots=True)
class Logging:
    """How a function logs (LoggingConfig)."""

    json: bool = False
    application_level: str | None = None
    """For JSON alone, and so the next."""
    system_level: str | None = None
    group: str | None = None

    @classmethod
    def from_properties(cls, function: str, config: Mapping[str, Any]) -> "Logging":
        """Read the settings of a function.

        Raises:
            TemplateError: AWS or the local stack refuses one.
        """
        place = f"{function}: LoggingConfig"
        known = {"ApplicationLogLevel", "LogFormat", "LogGroup", "SystemLogLevel"}
        unknown = sorted(config.keys() - known)
        if unknown:
            raise TemplateError(f"{place}: not emulated: {', '.join(unknown)}; remove it")
        log_format = config.get("LogFormat", "Text")
        if log_format not in {"Text", "JSON"}:
            raise TemplateError(f"{place}: LogFormat must be Text or JSON, not {log_format}")
        for name, known_levels in _LEVELS.items():
            level = config.get(name)
            if level is not None and log_format == "Text":
                raise TemplateError(f"{place}: {name} needs LogFormat: JSON")
            if level is not None and level not in known_levels:
                raise TemplateError(
                    f"{place}: {name} must be one of {', '.join(known_levels)}, not {level}"
                )
        return cls(
            json=log_format == "JSON",
            application_level=config.get("ApplicationLogLevel"),
            system_level=config.get("SystemLogLevel"),
            group=config.get("LogGroup"),
        )


@dataclass(frozen=True, slots=True)
class Function:
    """A function as its template declares it."""

    name: str
    arn: str
    handler: str
    timeout: float
    """Seconds."""
    memory: int
    """MB."""
    runtime: str = "python3.13"
    variables: Mapping[str, str] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    asynchronous: AsyncConfig = field(default_factory=AsyncConfig)
    logging: Logging = field(default_factory=Logging)
    description: str = ""
    architectures: tuple[str, ...] = ("x86_64",)
    is_traced: bool = False
    """Told, as is the next; neither does anything here."""
    storage: int = 512
    """MB of /tmp."""
    events: Mapping[str, Any] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region in its ARN."""
        return self.arn.split(":")[3]


def declaration(template: Template, name: str) -> Mapping[str, Any]:
    """Give the properties of a function, unresolved.

    Raises:
        TemplateError: no such function, or it has a property that is not emulated.
    """
    for resource in template.resources("AWS::Serverless::Function"):
        if resource.properties.get("FunctionName") == name:
            unknown = sorted(resource.properties.keys() - EMULATED - ON_AWS_ALONE)
            if unknown:
                raise TemplateError(f"{name}: not emulated: {', '.join(unknown)}; remove it")
            # what has no meaning here may name what is not here
            return {key: value for key, value in resource.properties.items() if key in _SHOWN}
    raise TemplateError(f"{template.path} declares no function {name}")


def read(properties: Mapping[str, Any], region: str, account_id: str) -> Function:
    """Read a function from its properties, resolved.

    Raises:
        TemplateError: AWS or the local stack refuses one of them.
    """
    name = properties["FunctionName"]
    timeout = _between(name, {"Timeout": 3, **properties}, "Timeout", 1, LONGEST_TIMEOUT)
    memory = _between(name, {"MemorySize": 128, **properties}, "MemorySize", 128, 10_240)
    size = {"Size": 512, **properties.get("EphemeralStorage", {})}
    storage = _between(f"{name}: EphemeralStorage", size, "Size", 512, 10_240)
    assert timeout is not None  # noqa: S101 - it has a default
    assert memory is not None  # noqa: S101 - it has a default
    assert storage is not None  # noqa: S101 - it has a default
    return Function(
        name=name,
        arn=f"arn:aws:lambda:{region}:{account_id}:function:{name}",
        handler=properties["Handler"],
        timeout=timeout,
        memory=memory,
        runtime=properties.get("Runtime", "python3.13"),
        variables=variables.check(name, properties.get("Environment", {}).get("Variables", {})),
        reserved_concurrency=_between(name, properties, "ReservedConcurrentExecutions", 0, 1000),
        asynchronous=AsyncConfig.from_properties(name, properties),
        logging=Logging.from_properties(name, properties.get("LoggingConfig", {})),
        description=properties.get("Description", ""),
        architectures=tuple(properties.get("Architectures", ("x86_64",))),
        is_traced=properties.get("Tracing") == "Active",
        storage=storage,
        events=properties.get("Events", {}),
    )


def _between(
    place: str, properties: Mapping[str, Any], name: str, least: int, most: int
) -> int | None:
    if name not in properties:
        return None
    try:
        value = int(properties[name])
    except (TypeError, ValueError):
        value = least - 1
    if not least <= value <= most:
        raise TemplateError(
            f"{place}: {name} must be {least} to {most:,}, not {properties[name]!r}"
        )
    return value
