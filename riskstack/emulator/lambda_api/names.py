"""The ways to name a function, and what AWS says to a name that is none.

Patterns and texts: localstack/localstack test_lambda_api.snapshot.json, recorded on AWS
(test_function_name_and_qualifier_validation, test_get_function_wrong_region).
"""

import re
from dataclasses import dataclass

from riskstack.emulator.function import Function
from riskstack.emulator.lambda_api.errors import (
    function_not_found,
    invalid_parameter,
    not_found,
    validation,
)

LATEST = "$LATEST"
LONGEST_QUALIFIER = 128

_NAME = re.compile(
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((?P<region>(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d):)?"
    r"((?P<account>\d{12}):)?(function:)?(?P<name>[a-zA-Z0-9_.-]+)"
    r"(:(?P<qualifier>\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9_-]+))?"
)
_NAME_AS_SHOWN = (
    r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?"
    r"(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
)
_QUALIFIER = re.compile(r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9_$-]+")
_QUALIFIER_AS_SHOWN = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
_FAILED = "failed to satisfy constraint: Member must"


@dataclass(frozen=True, slots=True)
class Named:
    """What a call names."""

    arn: str
    """Of the function, without a qualifier."""
    qualifier: str | None


def parse(given: str, qualifier: str | None, function: Function) -> Named:
    """Read a function's name and the qualifier beside it, as seen from a function's region.

    Raises:
        ApiError: one of them is malformed, they disagree, or it is in another region.
    """
    errors = []
    match = _NAME.fullmatch(given)
    if qualifier is not None and len(qualifier) > LONGEST_QUALIFIER:
        errors.append(
            f"Value '{qualifier}' at 'qualifier' {_FAILED} have length less than or equal to "
            f"{LONGEST_QUALIFIER}"
        )
    elif qualifier is not None and not _QUALIFIER.fullmatch(qualifier):
        errors.append(
            f"Value '{qualifier}' at 'qualifier' {_FAILED} satisfy regular expression pattern: "
            f"{_QUALIFIER_AS_SHOWN}"
        )
    if not match:
        errors.append(
            f"Value '{given}' at 'functionName' {_FAILED} satisfy regular expression pattern: "
            f"{_NAME_AS_SHOWN}"
        )
    if errors or not match:
        raise validation(errors)
    region = match["region"]
    if region and region != function.region:
        raise not_found(
            f"Functions from '{region}' are not reachable in this region ('{function.region}')"
        )
    derived = match["qualifier"]
    if derived and qualifier and derived != qualifier:
        raise invalid_parameter(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    *start, _, account, kind, _ = function.arn.split(":")
    place = [*start, function.region, match["account"] or account, kind, match["name"]]
    return Named(":".join(place), qualifier or derived)


def check_invoked(given: str, qualifier: str | None, function: Function) -> None:
    """Refuse an invocation of anything but a function's $LATEST: there are no versions here.

    Raises:
        ApiError: with Lambda's type and status.
    """
    named = parse(given, qualifier, function)
    version = named.qualifier or LATEST
    if (named.arn, version) != (function.arn, LATEST):
        raise function_not_found(f"{named.arn}:{version}")


def check_configured(given: str, qualifier: str | None, function: Function) -> Named:
    """Refuse a call that asks for another function or for a version; give what is named.

    Raises:
        ApiError: with Lambda's type and status.
    """
    named = parse(given, qualifier, function)
    if named.arn != function.arn or named.qualifier not in {None, LATEST}:
        shown = f"{named.arn}:{named.qualifier}" if named.qualifier else named.arn
        raise function_not_found(shown)
    return named
