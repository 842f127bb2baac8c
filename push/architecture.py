"""Which architecture an instance type has, read from its name.

Facts: EC2 user guide, "Amazon EC2 instance type naming conventions": the letters behind the
generation are options, and `g` among them means a Graviton processor. `p6e-gb200` has Grace, which
is arm64 too.
"""

import re

from push.problem import PushError

_NAME = re.compile(r"ml\.(?P<series>[a-z]+)(?P<generation>\d+)(?P<options>[a-z0-9-]*)\.\w+")


def platform_of(instance_type: str) -> str:
    """Give the platform of images that an instance type runs, such as linux/amd64.

    Raises:
        PushError: the name is not that of an instance type.
    """
    name = _NAME.fullmatch(instance_type)
    if name is None:
        raise PushError(f"{instance_type} is no instance type: it reads like ml.m5.large")
    return "linux/arm64" if "g" in name["options"] else "linux/amd64"


def check(instance_type: str, platform: str) -> None:
    """Check that instances of a type run images of a platform.

    Raises:
        PushError: they do not.
    """
    runs = platform_of(instance_type)
    if runs != platform:
        raise PushError(
            f"{instance_type} runs images for {runs}, and the image is for {platform}:"
            f" set PLATFORM={runs}, or INSTANCE_TYPE to another type"
        )
