"""Reads an API's definition: OpenAPI 3.0 with API Gateway's extensions, into a deployment.

What API Gateway would do and this gateway does not, is refused by its place in the file, never
ignored. Facts: API Gateway developer guide, "OpenAPI extensions" and "Important notes".
"""

from gateway.openapi.document import DefinitionError
from gateway.openapi.reader import Definition, read

__all__ = ["Definition", "DefinitionError", "read"]
