"""API keys: which are known, and the id by which logs and events name one."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A known key. Its id is a digest, as short as AWS's, and safe to log."""

    value: str
    key_id: str

    @classmethod
    def of(cls, value: str) -> "ApiKey":
        """Make the key of a value."""
        return cls(value, _digest(value).hex()[:10])


class ApiKeys:
    """The known keys; a disabled one is left out, for it looks like an unknown one."""

    def __init__(self, keys: Iterable[ApiKey]) -> None:
        self._keys = [(_digest(key.value), key) for key in keys]

    def find(self, value: str | None) -> ApiKey | None:
        """Find a key in a time that tells nothing of how near the value came to one."""
        if not value:
            return None
        digest = _digest(value)
        found = None
        for known, key in self._keys:
            if hmac.compare_digest(known, digest):
                found = key
        return found


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).digest()
