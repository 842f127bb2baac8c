"""The rules for the members of an InvokeEndpoint request, which all travel as headers.

Which are passed to the container, which are refused, and how long each may be. Everything that
is no member of InvokeEndpoint stops here: AWS strips all other headers of a POST.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hosting.errors import ValidationError

PAYLOAD_LIMIT = 25 * 1024 * 1024
"""Bytes of a body, in each direction (AWS-faq: 25 MB for real-time endpoints)."""

_ASCII = r"\p{ASCII}*"
_NAME = "^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_PRINTABLE = r"\A\S[\p{Print}]*\z"

_PATTERNS = {
    # visible characters, space and tab: what RFC 7230 lets a header hold of US-ASCII
    _ASCII: re.compile(r"[\t\x20-\x7e]*"),
    _NAME: re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"),
    _PRINTABLE: re.compile(r"[\x21-\x7e][\x20-\x7e]*"),
}
"""The patterns of the service model, which errors quote, as Python's."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member that a header carries, with the limits of its shape in the service model.

    `name` is what AWS's validation texts call it, `header` what the container gets it as (an
    endpoint's name has none: it is in the path).
    The value of a `sensitive` one is not repeated in an error.
    """

    name: str
    header: str
    longest: int
    shortest: int = 0
    pattern: str = _ASCII
    sensitive: bool = False


ENDPOINT_NAME = Member("endpointName", "", 63, pattern=_NAME)
TARGET_VARIANT = Member("targetVariant", "X-Amzn-SageMaker-Target-Variant", 63, pattern=_NAME)

MEMBERS: Mapping[bytes, Member] = {
    member.header.lower().encode(): member
    for member in (
        Member("contentType", "Content-Type", 1024),
        Member("accept", "Accept", 1024),
        Member("customAttributes", "X-Amzn-SageMaker-Custom-Attributes", 1024, sensitive=True),
        Member("inferenceId", "X-Amzn-SageMaker-Inference-Id", 64, 1, pattern=_PRINTABLE),
        TARGET_VARIANT,
    )
}

REFUSED: Mapping[bytes, tuple[str, str | None]] = {
    # AWS's own text and code (aws/amazon-sagemaker-examples #1026, #1216)
    b"x-amzn-sagemaker-target-model": (
        "Endpoint {} is not a multi-model endpoint and does not support target model header.",
        "TARGET_MODEL_HEADER_NOT_SUPPORTED",
    ),
    b"x-amzn-sagemaker-target-container-hostname": (
        "Endpoint {} has one container and does not support TargetContainerHostname.",
        None,
    ),
    b"x-amzn-sagemaker-inference-component": (
        "Endpoint {} hosts no inference components and does not support InferenceComponentName.",
        None,
    ),
    b"x-amzn-sagemaker-enable-explanations": (
        "Endpoint {} has no explainer and does not support EnableExplanations.",
        None,
    ),
    b"x-amzn-sagemaker-session-id": (
        "Endpoint {} hosts no stateful model and does not support SessionId.",
        None,
    ),
    b"x-amzn-sagemaker-prefix-aware-id": (
        "Endpoint {} does not route by prefixes and does not support PrefixAwareId.",
        None,
    ),
}
"""The members that are for endpoints of another kind, by their headers."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A request that keeps the rules: where it wants to go, and the headers that go with it."""

    endpoint_name: str
    target_variant: str | None
    container_headers: Mapping[str, str]


def read_invocation(endpoint_name: str, headers: Iterable[tuple[bytes, bytes]]) -> Invocation:
    """Read a request's members from its path and its headers, whose names are in lower case.

    Raises:
        ValidationError: a member breaks its limits, or is for an endpoint of another kind.
    """
    passed: dict[str, str] = {}
    refused: list[bytes] = []
    violations = list(_violations(ENDPOINT_NAME, endpoint_name))
    at_fault = [ENDPOINT_NAME.name] if violations else []
    for name, raw in headers:
        member = MEMBERS.get(name)
        if member is not None:
            value = raw.decode("latin-1")
            passed[member.header] = value
            found = list(_violations(member, value))
            violations += found
            at_fault += [member.name] if found else []
        elif name in REFUSED:
            refused.append(name)
    if violations:
        raise ValidationError(_constraints_text(violations), at_fault=tuple(at_fault))
    for name in refused:
        text, code = REFUSED[name]
        raise ValidationError(text.format(endpoint_name), code, (name.decode(),))
    return Invocation(endpoint_name, passed.get(TARGET_VARIANT.header), passed)


def check_body(size: int, request_id: str) -> None:
    """Check a body's size in bytes.

    Raises:
        ValidationError: it is too large; AWS's text (aws/amazon-sagemaker-examples #4485).
    """
    if size > PAYLOAD_LIMIT:
        raise ValidationError(f"Request {request_id} has oversize body.", at_fault=("body",))


def _violations(member: Member, value: str) -> Iterable[str]:
    """Word each broken constraint as AWS's services do."""
    where = "Value" if member.sensitive else f"Value '{value}'"
    where = f"{where} at '{member.name}' failed to satisfy constraint: Member must"
    if len(value) > member.longest:
        yield f"{where} have length less than or equal to {member.longest}"
    if len(value) < member.shortest:
        yield f"{where} have length greater than or equal to {member.shortest}"
    if not _PATTERNS[member.pattern].fullmatch(value):
        yield f"{where} satisfy regular expression pattern: {member.pattern}"


def _constraints_text(violations: list[str]) -> str:
    errors = "error" if len(violations) == 1 else "errors"
    return f"{len(violations)} validation {errors} detected: {'; '.join(violations)}"
