"""What the environment says about a deployment; which account and region is the SDK's business."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from deployment.problem import DeploymentError

_PARAMETERS = {
    "STAGE": "Stage",
    "ARCHITECTURE": "Architecture",
    "LOG_RETENTION_DAYS": "LogRetentionDays",
    "ALARM_TOPIC_ARN": "AlarmTopicArn",
    "HTTP_API": "HttpApi",
}
"""Variables, and the parameters of deploy/app.yaml that they give a value."""
_SWITCHES = {"": False, "0": False, "1": True}


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be different from one deployment to the next."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    """Of deploy/app.yaml; the others have the template's defaults."""
    everything: bool = False
    """Whether a removal takes what the templates keep, too: tables, queue and bucket."""
    tests: bool = True
    """Whether the end-to-end tests follow."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables; an empty one is none.

        Raises:
            DeploymentError: a variable holds what cannot be meant.
        """
        return cls(
            parameters={
                parameter: environ[name]
                for name, parameter in _PARAMETERS.items()
                if environ.get(name)
            },
            everything=_switch(environ, "ALL"),
            tests=not _switch(environ, "WITHOUT_TESTS"),
        )


def _switch(environ: Mapping[str, str], name: str) -> bool:
    value = environ.get(name, "")
    if value not in _SWITCHES:
        raise DeploymentError(f"{name}={value}: it is 1, or nothing")
    return _SWITCHES[value]
