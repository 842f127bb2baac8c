"""How a container is set to answer, for all requests: the environment's part in the formats."""

from dataclasses import dataclass

from model_server.serving.selection import KEYS

MEDIA_TYPES = (
    "text/csv",
    "application/json",
    "application/jsonlines",
    "application/x-recordio-protobuf",
)
"""What answers are written in: the types of AWS's XGBoost image (serve.py)."""


class FormatsError(ValueError):
    """A variable holds what is no format: correct the variable that the message names."""


@dataclass(frozen=True, slots=True)
class Formats:
    """The settings that AWS's XGBoost image knows too. Raises FormatsError."""

    default_accept: str = ""
    """The media type where a request has no Accept; "" is text/csv."""
    selected: tuple[str, ...] = ()
    """The keys of an answer, in their order; () is the score alone."""
    batch: bool = False
    """The requests are a batch transform's: every answer ends with a newline."""

    def __post_init__(self) -> None:
        """Check the values."""
        if self.default_accept and self.default_accept.lower() not in MEDIA_TYPES:
            raise FormatsError(
                f"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT: expected one of {', '.join(MEDIA_TYPES)}, "
                f"found {self.default_accept!r}"
            )
        for key in self.selected:
            if key not in KEYS:
                raise FormatsError(
                    f"SAGEMAKER_INFERENCE_OUTPUT: expected keys from {', '.join(KEYS)}, "
                    f"found {key!r}"
                )
            if self.selected.count(key) > 1:
                raise FormatsError(f"SAGEMAKER_INFERENCE_OUTPUT: the key {key!r} stands twice")


PLAIN = Formats()
