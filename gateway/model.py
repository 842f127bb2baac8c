"""Models: the JSON schemas that a body is checked against before a function is called.

API Gateway's models are JSON schema draft 4 (developer guide, "Data models"). They check the
structure of a request; what its values mean is the function's to judge.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError


class ModelError(ValueError):
    """A schema is not JSON schema draft 4: mend it where the text says."""


@dataclass(frozen=True, slots=True)
class Model:
    """A compiled model."""

    validator: Draft4Validator

    @classmethod
    def compile(cls, schema: Mapping[str, Any]) -> "Model":
        """Compile a schema without references.

        Raises:
            ModelError: the schema is not valid.
        """
        try:
            Draft4Validator.check_schema(schema)
        except SchemaError as error:
            raise ModelError(f"{error.json_path}: {error.message}") from None
        return cls(Draft4Validator(schema))

    def fault(self, body: str) -> str | None:
        """Say what of a body does not fit the model, `None` if it fits.

        An empty body counts as `{}`, as on AWS. The text is the library's, not AWS's.
        """
        try:
            document = json.loads(body or "{}", parse_constant=_refuse)
        # too deep to parse is as bad as not JSON
        except (ValueError, RecursionError) as error:
            return f"[not JSON: {error}]"
        try:
            fault = next(self.validator.iter_errors(document), None)
        except RecursionError:
            return "[too deep to check]"
        except OverflowError:
            # a number beyond all measure, against a `multipleOf` that is a fraction
            return "[too large a number to check]"
        return None if fault is None else f"[{fault.json_path}: {fault.message}]"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
