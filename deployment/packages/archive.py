"""A package as Lambda takes it: the same bytes for the same files, whenever and wherever packed.

Not: which files (build).
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from deployment.problem import DeploymentError

LARGEST_ZIPPED = 50 * 1024 * 1024
"""Bytes; Lambda takes more by way of S3, but a start of the function would be the slower for it."""
LARGEST = 250 * 1024 * 1024
"""Bytes, unzipped (Lambda developer guide, "Lambda quotas")."""

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The first moment that the format can write."""
_READABLE = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Package:
    """A packed function."""

    name: str
    content: bytes
    size: int
    """Bytes, unzipped."""

    @property
    def digest(self) -> str:
        """The SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def code_sha256(self) -> str:
        """The same as Lambda shows it: CodeSha256 of GetFunction."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def pack(name: str, files: Mapping[str, bytes]) -> Package:
    """Pack files by their paths in the package.

    Raises:
        DeploymentError: there is more of it than Lambda takes.
    """
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = _UNIX
            entry.external_attr = _READABLE
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED, compresslevel=9)
    size = sum(map(len, files.values()))
    package = Package(name, packed.getvalue(), size)
    for what, found, most in (
        ("zipped", len(package.content), LARGEST_ZIPPED),
        ("unzipped", size, LARGEST),
    ):
        if found > most:
            raise DeploymentError(
                f"the package of {name} has {found:,} bytes {what}, and at most {most:,} are taken:"
                " look for what it does not need"
            )
    return package
