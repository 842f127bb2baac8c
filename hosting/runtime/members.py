"""The members of the runtime API's requests, which all travel as headers.

Which there are for each operation, which are passed to the container, which are refused, and how
long each may be. Everything that is no member stops here: AWS strips all other headers of a POST.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from hosting.runtime.errors import ValidationError

_ASCII = r"\p{ASCII}*"
_NAME = "^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
_PRINTABLE = r"\A\S[\p{Print}]*\z"
_LOCATION = "^(https|s3)://([^/]+)/?(.*)$"
_PATH = "^(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]+$"
_FILENAME = r"^(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9-_\.]*$"

_PATTERNS = {
    # visible characters, space and tab: what RFC 7230 lets a header hold of US-ASCII
    _ASCII: re.compile(r"[\t\x20-\x7e]*"),
    _NAME: re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"),
    _PRINTABLE: re.compile(r"[\x21-\x7e][\x20-\x7e]*"),
    _LOCATION: re.compile(r"(https|s3)://([^/]+)/?(.*)"),
    _PATH: re.compile(r"(?!s3:|https:)[a-zA-Z0-9!_.*'()/-]+"),
    _FILENAME: re.compile(r"(?!.*\..*\.)[a-zA-Z0-9][a-zA-Z0-9\-_.]*"),
}
"""The patterns of the service model, which errors quote, as Python's."""

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Member:
    """A member that a header carries, with the limits of its shape in the service model.

    `name` is what AWS's validation texts call it, `header` what carries it (an endpoint's name has
    none: it is in the path), `passed_as` what the container gets it as, if it does. The value of a
    `sensitive` one is not repeated in an error. A `whole_number` has its limits as a value.
    """

    name: str
    header: str
    longest: int
    shortest: int = 0
    pattern: str = _ASCII
    passed_as: str | None = None
    sensitive: bool = False
    whole_number: bool = False

    def allows(self, value: str) -> bool:
        """Tell whether a value keeps the limits; which it breaks is looked up only then."""
        if self.whole_number:
            return not list(_violations_of_a_number(self, value))
        return self.shortest <= len(value) <= self.longest and (
            _PATTERNS[self.pattern].fullmatch(value) is not None
        )


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation of the API: its name, and its members by their headers in lower case."""

    name: str
    members: Mapping[bytes, Member]
    refused: Mapping[bytes, tuple[str, str]]
    """Members for endpoints of a kind that hosting has not: their names, and why they are."""


@dataclass(frozen=True, slots=True)
class Members:
    """What a request that keeps the rules says: its members, and the headers that go on."""

    endpoint_name: str
    values: Mapping[str, str]
    container_headers: Mapping[str, str]


ENDPOINT_NAME = Member("endpointName", "", 63, pattern=_NAME)

CONTENT_TYPE = "contentType"
ACCEPT = "accept"
INFERENCE_ID = "inferenceId"
TARGET_MODEL = "targetModel"
TARGET_VARIANT = "targetVariant"
TARGET_CONTAINER = "targetContainerHostname"
INPUT_LOCATION = "inputLocation"
OUTPUT_EXTENSION = "s3OutputPathExtension"
FILENAME = "filename"
TTL_S = "requestTTLSeconds"
TIMEOUT_S = "invocationTimeoutSeconds"


def _content_type(header: str) -> Member:
    return Member(CONTENT_TYPE, header, 1024, passed_as="Content-Type")


def _accept(header: str) -> Member:
    return Member(ACCEPT, header, 1024, passed_as="Accept")


def _same(name: str, header: str, longest: int, shortest: int = 0, pattern: str = _ASCII) -> Member:
    """Give a member that the container gets as the header that it came in."""
    return Member(name, header, longest, shortest, pattern, passed_as=header)


_CUSTOM_ATTRIBUTES = Member(
    "customAttributes",
    "X-Amzn-SageMaker-Custom-Attributes",
    1024,
    passed_as="X-Amzn-SageMaker-Custom-Attributes",
    sensitive=True,
)
_INFERENCE_ID = _same(INFERENCE_ID, "X-Amzn-SageMaker-Inference-Id", 64, 1, _PRINTABLE)
_TARGET_VARIANT = _same(TARGET_VARIANT, "X-Amzn-SageMaker-Target-Variant", 63, 0, _NAME)
_TARGET_CONTAINER = _same(
    TARGET_CONTAINER, "X-Amzn-SageMaker-Target-Container-Hostname", 63, 0, _NAME
)

_REFUSED = {
    b"x-amzn-sagemaker-inference-component": (
        "InferenceComponentName",
        "hosts no inference components",
    ),
    b"x-amzn-sagemaker-enable-explanations": ("EnableExplanations", "has no explainer"),
    b"x-amzn-sagemaker-session-id": ("SessionId", "hosts no stateful model"),
    b"x-amzn-sagemaker-prefix-aware-id": ("PrefixAwareId", "does not route by prefixes"),
}


def _by_header(*members: Member) -> dict[bytes, Member]:
    return {member.header.lower().encode(): member for member in members}


INVOKE = Operation(
    "InvokeEndpoint",
    _by_header(
        _content_type("Content-Type"),
        _accept("Accept"),
        _CUSTOM_ATTRIBUTES,
        _INFERENCE_ID,
        _TARGET_VARIANT,
        _TARGET_CONTAINER,
        _same(TARGET_MODEL, "X-Amzn-SageMaker-Target-Model", 1024, 1, _PRINTABLE),
    ),
    _REFUSED,
)

INVOKE_STREAM = Operation(
    "InvokeEndpointWithResponseStream",
    _by_header(
        _content_type("Content-Type"),
        _accept("X-Amzn-SageMaker-Accept"),
        _CUSTOM_ATTRIBUTES,
        _INFERENCE_ID,
        _TARGET_VARIANT,
        _TARGET_CONTAINER,
    ),
    {header: why for header, why in _REFUSED.items() if not header.endswith(b"explanations")},
)

INVOKE_ASYNC = Operation(
    "InvokeEndpointAsync",
    _by_header(
        _content_type("X-Amzn-SageMaker-Content-Type"),
        _accept("X-Amzn-SageMaker-Accept"),
        _CUSTOM_ATTRIBUTES,
        _INFERENCE_ID,
        Member(INPUT_LOCATION, "X-Amzn-SageMaker-InputLocation", 1024, 1, _LOCATION),
        Member(OUTPUT_EXTENSION, "X-Amzn-SageMaker-S3OutputPathExtension", 512, 1, _PATH),
        Member(FILENAME, "X-Amzn-SageMaker-Filename", 32, 1, _FILENAME),
        Member(TTL_S, "X-Amzn-SageMaker-RequestTTLSeconds", 21600, 60, whole_number=True),
        Member(TIMEOUT_S, "X-Amzn-SageMaker-InvocationTimeoutSeconds", 3600, 1, whole_number=True),
    ),
    {},
)


def read_members(
    operation: Operation, endpoint_name: str, headers: Iterable[tuple[bytes, bytes]]
) -> Members:
    """Read a request's members from its path and its headers, whose names are in lower case.

    Raises:
        ValidationError: a member breaks its limits, or is for an endpoint of another kind.
    """
    members, refused = operation.members, operation.refused
    return _read_known(
        operation,
        endpoint_name,
        tuple([header for header in headers if header[0] in members or header[0] in refused]),
    )


@lru_cache(maxsize=256)
def _read_known(
    operation: Operation, endpoint_name: str, headers: tuple[tuple[bytes, bytes], ...]
) -> Members:
    """Read headers that carry members; most clients send the same ones with each request."""
    values: dict[str, str] = {}
    passed: dict[str, str] = {}
    refused: list[bytes] = []
    violations: list[str] = []
    at_fault: list[str] = []
    if not ENDPOINT_NAME.allows(endpoint_name):
        violations += _violations(ENDPOINT_NAME, endpoint_name)
        at_fault.append(ENDPOINT_NAME.name)
    for name, raw in headers:
        member = operation.members.get(name)
        if member is not None:
            value = raw.decode("latin-1")
            values[member.name] = value
            if member.passed_as is not None:
                passed[member.passed_as] = value
            if not member.allows(value):
                violations += _violations(member, value)
                at_fault.append(member.name)
        elif name in operation.refused:
            refused.append(name)
    if violations:
        raise ValidationError(_constraints_text(violations), at_fault=tuple(at_fault))
    for name in refused:
        member_name, why = operation.refused[name]
        raise ValidationError(
            f"Endpoint {endpoint_name} {why} and does not support {member_name}.",
            at_fault=(member_name,),
        )
    return Members(endpoint_name, values, passed)


def check_body(size: int, limit: int, request_id: str) -> None:
    """Check a body's size in bytes.

    Raises:
        ValidationError: it is too large; AWS's text (aws/amazon-sagemaker-examples #4485).
    """
    if size > limit:
        raise ValidationError(f"Request {request_id} has oversize body.", at_fault=("body",))


def _violations(member: Member, value: str) -> Iterable[str]:
    """Word each broken constraint as AWS's services do."""
    if member.whole_number:
        yield from _violations_of_a_number(member, value)
        return
    if len(value) > member.longest:
        yield _violation(member, value, f"have length less than or equal to {member.longest}")
    if len(value) < member.shortest:
        yield _violation(member, value, f"have length greater than or equal to {member.shortest}")
    if not _PATTERNS[member.pattern].fullmatch(value):
        yield _violation(member, value, f"satisfy regular expression pattern: {member.pattern}")


def _violations_of_a_number(member: Member, value: str) -> Iterable[str]:
    if not _WHOLE_NUMBER.fullmatch(value):
        yield _violation(member, value, "be a whole number")
    elif int(value) > member.longest:
        yield _violation(member, value, f"have value less than or equal to {member.longest}")
    elif int(value) < member.shortest:
        yield _violation(member, value, f"have value greater than or equal to {member.shortest}")


def _violation(member: Member, value: str, constraint: str) -> str:
    where = "Value" if member.sensitive else f"Value '{value}'"
    return f"{where} at '{member.name}' failed to satisfy constraint: Member must {constraint}"


def _constraints_text(violations: list[str]) -> str:
    errors = "error" if len(violations) == 1 else "errors"
    return f"{len(violations)} validation {errors} detected: {'; '.join(violations)}"
