"""A function's environment variables: which AWS refuses, and which it sets itself.

Facts: Lambda developer guide, "Working with Lambda environment variables" and "Lambda quotas"; the
texts as AWS answers them.
"""

import json
import re
from collections.abc import Mapping

from riskstack.emulator.template import TemplateError, as_text

LARGEST = 4096
"""Bytes of all variables, written as one JSON object."""

RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)

_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_REFUSED = (
    "Lambda was unable to configure your environment variables because the environment variables "
    "you have provided "
)


def check(function: str, variables: Mapping[str, object]) -> dict[str, str]:
    """Give a function's variables as text.

    Raises:
        TemplateError: a name is reserved or malformed, or they are too large; AWS's text.
    """
    reserved = sorted(variables.keys() & RESERVED)
    if reserved:
        raise TemplateError(
            f"{function}: {_REFUSED}contains reserved keys that are currently not supported for "
            f"modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    for name in variables:
        if not _NAME.fullmatch(name):
            raise TemplateError(
                f"{function}: the variable {name!r} must begin with a letter and have two or more "
                "letters, digits and underscores"
            )
    texts = {
        name: as_text(f"{function}: the variable {name}", value)
        for name, value in variables.items()
    }
    measured = json.dumps(texts, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > LARGEST:
        raise TemplateError(
            f"{function}: {_REFUSED}exceeded the 4KB limit. String measured: {measured}"
        )
    return texts
