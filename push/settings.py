"""What the environment says about a push; which account and region is the SDK's own business."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from push.problem import PushError

PLATFORMS = ("linux/amd64", "linux/arm64")
_ROLE_ARN = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]+")


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be different from one push to the next."""

    role_arn: str | None = None
    """The execution role; `None` has one created."""
    bucket: str | None = None
    """Where the model goes; `None` has a bucket created."""
    image: str | None = None
    """An image that the engine has; `None` has it built."""
    platform: str = "linux/amd64"
    instance_type: str | None = None
    """Of every variant; `None` leaves it to the declaration."""
    instance_count: int | None = None
    registry_url: str | None = None
    """Where the image goes; `None` is where ECR says. For emulators whose ECR keeps no images."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables; an empty one is none.

        Raises:
            PushError: a variable holds what cannot be meant.
        """
        names = ("ROLE_ARN", "BUCKET", "IMAGE", "PLATFORM", "INSTANCE_TYPE", "REGISTRY_URL")
        given = {name.lower(): environ[name] for name in names if environ.get(name)}
        count = environ.get("INSTANCE_COUNT") or None
        if count and not (count.isascii() and count.isdecimal() and int(count)):
            raise PushError(f"INSTANCE_COUNT={count}: it is a number from 1")
        settings = cls(**given, instance_count=int(count) if count else None)
        if settings.platform not in PLATFORMS:
            raise PushError(f"PLATFORM={settings.platform}: it is {' or '.join(PLATFORMS)}")
        if settings.role_arn and not _ROLE_ARN.fullmatch(settings.role_arn):
            raise PushError(
                f"ROLE_ARN={settings.role_arn} is not the ARN of a role:"
                " arn:aws:iam::<account>:role/<name>"
            )
        return settings
