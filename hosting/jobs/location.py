"""Places in S3, and where what lies below one goes. Not: reading or writing there (objects)."""

import posixpath
from dataclasses import dataclass
from typing import Self


class LocationError(ValueError):
    """A place in S3 that cannot be used: correct what the message names."""


@dataclass(frozen=True, slots=True)
class Location:
    """A bucket and the beginning of keys in it."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, uri: str) -> Self:
        """Read `s3://bucket/prefix`. Raises LocationError."""
        scheme, _, rest = uri.partition("://")
        bucket, _, prefix = rest.partition("/")
        if scheme != "s3" or not bucket:
            raise LocationError(f"{uri!r} is no S3 URI that is read here: give s3://bucket/prefix")
        return cls(bucket, prefix)

    @property
    def uri(self) -> str:
        """Give `s3://bucket/prefix`."""
        return f"s3://{self.bucket}/{self.prefix}"

    def below(self, *names: str) -> "Location":
        """Give a place below this one, as below a folder."""
        return Location(self.bucket, posixpath.join(self.prefix, *names))

    def name_of(self, key: str) -> str:
        """Give what a key that begins with the prefix is called below it.

        A prefix that is a folder is left out whole, of others what comes after their last slash is
        kept. Raises LocationError for a key that would lead elsewhere as the path of a file.
        """
        if self.prefix and key.startswith(f"{self.prefix.rstrip('/')}/"):
            name = key[len(self.prefix.rstrip("/")) + 1 :]
        else:
            name = key[self.prefix.rfind("/") + 1 :]
        steps = name.split("/")
        if not name or posixpath.normpath(name) != name or steps[0] in {"", ".", ".."}:
            raise LocationError(f"the key {key!r} is no path of a file: give the object another")
        return name
