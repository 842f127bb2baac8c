"""The URIs by which an API names a function: Lambda's Invoke behind API Gateway's own ARN."""

import re
from collections.abc import Mapping

from gateway.openapi.document import DefinitionError, Node

_STAGE_VARIABLE = re.compile(r"\$\{stageVariables\.([A-Za-z0-9_]+)\}")
_FUNCTION = re.compile(
    r"arn:[a-z-]+:apigateway:[a-z0-9-]+:lambda:path/2015-03-31/functions/"
    r"(arn:[a-z-]+:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+)/invocations"
)


def with_stage_variables(where: str, uri: Node, stage_variables: Mapping[str, str]) -> str:
    """Give a URI with the values of the stage's variables in it.

    Raises:
        DefinitionError: it is no text, or the stage has no such variable.
    """
    if not isinstance(uri, str):
        raise DefinitionError(f"{where}: must be a text")

    def put(match: re.Match[str]) -> str:
        if match[1] not in stage_variables:
            raise DefinitionError(f"{where}: the stage has no variable {match[1]}")
        return stage_variables[match[1]]

    return _STAGE_VARIABLE.sub(put, uri)


def function_arn(where: str, uri: Node, stage_variables: Mapping[str, str]) -> str:
    """Give the ARN of the function that a URI invokes.

    Raises:
        DefinitionError: it invokes none.
    """
    match = _FUNCTION.fullmatch(with_stage_variables(where, uri, stage_variables))
    if not match:
        raise DefinitionError(f"{where}: is not the invocation of a Lambda function")
    return match[1]
