"""CORS of an HTTP API: the gateway answers preflights itself and sets the headers of all answers.

Facts: API Gateway developer guide, "Configuring CORS for an HTTP API" and "x-amazon-apigateway-cors
object". What an origin gets that is not allowed AWS does not say: here, no header at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.gateway_response import Headers

_MEMBERS = {
    "allowCredentials": bool,
    "allowHeaders": list,
    "allowMethods": list,
    "allowOrigins": list,
    "exposeHeaders": list,
    "maxAge": int,
}
_PREFIX = b"access-control-"
_SCHEMES = ("http://*", "https://*")
_LONGEST_AGE = 86_400
"""Seconds (botocore's service model `apigatewayv2/2018-11-29`, Cors.MaxAge)."""


class CorsError(ValueError):
    """The configuration cannot be: change it where the text says."""


@dataclass(frozen=True, slots=True)
class Cors:
    """A configuration; an empty tuple sets no header."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    allowed_headers: tuple[str, ...]
    exposed_headers: tuple[str, ...]
    max_age: int | None
    credentials: bool

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Cors":
        """Read the extension's object.

        Raises:
            CorsError: a member is unknown or is not what it must be.
        """
        for member, value in document.items():
            if member not in _MEMBERS:
                raise CorsError(f"{member}: is not emulated")
            kind = _MEMBERS[member]
            # a bool is an int, which maxAge must not be
            is_kind = type(value) is kind
            if not is_kind or (isinstance(value, list) and not _are_texts(value)):
                raise CorsError(f"{member}: must be {_WORDS[kind]}")
        max_age = document.get("maxAge")
        if max_age is not None and not -1 <= max_age <= _LONGEST_AGE:
            raise CorsError(f"maxAge: must be from -1 to {_LONGEST_AGE}")
        origins = tuple(document.get("allowOrigins", ()))
        if document.get("allowCredentials") and "*" in origins:
            # as AWS words it (aws/aws-cdk#9076, measured)
            raise CorsError("allow-credentials is not supported if 'allow-origin' is *")
        return cls(
            origins=origins,
            methods=tuple(document.get("allowMethods", ())),
            allowed_headers=tuple(document.get("allowHeaders", ())),
            exposed_headers=tuple(document.get("exposeHeaders", ())),
            max_age=max_age,
            credentials=bool(document.get("allowCredentials")),
        )

    def preflight(self, origin: str) -> Headers:
        """Give the headers of the answer to a preflight."""
        headers = self._headers(origin)
        if not headers:
            return []
        if self.methods:
            headers.append((b"access-control-allow-methods", _joined(self.methods)))
        if self.allowed_headers:
            headers.append((b"access-control-allow-headers", _joined(self.allowed_headers)))
        if self.max_age is not None:
            headers.append((b"access-control-max-age", str(self.max_age).encode()))
        return headers

    def applied(self, headers: Headers, origin: str | None) -> Headers:
        """Give an answer's headers with those of CORS: the function's own are ignored."""
        others = [one for one in headers if not one[0].lower().startswith(_PREFIX)]
        return others + (self._headers(origin) if origin else [])

    def _headers(self, origin: str) -> Headers:
        if not self._allows(origin):
            return []
        any_origin = "*" in self.origins
        headers = [
            (b"access-control-allow-origin", b"*" if any_origin else origin.encode("latin-1"))
        ]
        if self.credentials:
            headers.append((b"access-control-allow-credentials", b"true"))
        if self.exposed_headers:
            headers.append((b"access-control-expose-headers", _joined(self.exposed_headers)))
        return headers

    def _allows(self, origin: str) -> bool:
        """Tell whether an origin is allowed; `https://*` stands for all of that scheme."""
        return (
            "*" in self.origins
            or origin in self.origins
            or any(scheme in self.origins and origin.startswith(scheme[:-1]) for scheme in _SCHEMES)
        )


_WORDS = {bool: "true or false", int: "a whole number", list: "a list of texts"}


def _are_texts(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _joined(values: tuple[str, ...]) -> bytes:
    return ",".join(values).encode("latin-1")
