"""Finds the name of an operation of Lambda's API in a request, to refuse it by that name."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl

from botocore.model import OperationModel
from botocore.session import get_session

_MEMBER = re.compile(r"\\\{\w+\\\}")


@dataclass(frozen=True, slots=True)
class _Operation:
    name: str
    method: str
    path: re.Pattern[str]
    query: frozenset[tuple[str, str]]
    """What tells it from another operation of the same path."""

    @classmethod
    def of(cls, model: OperationModel) -> "_Operation":
        path, _, query = model.http["requestUri"].partition("?")
        # a member may hold slashes: some ARNs do
        pattern = re.compile(_MEMBER.sub(".+", re.escape(path)) + "/?")
        return cls(model.name, model.http["method"], pattern, frozenset(parse_qsl(query)))

    @property
    def rank(self) -> tuple[int, int]:
        """The more an operation asks for, the earlier it is looked at."""
        return -len(self.query), -len(self.path.pattern.replace(".+", ""))


@cache
def _operations() -> tuple[_Operation, ...]:
    """Give every operation in botocore's service model, the most particular first."""
    model = get_session().get_service_model("lambda")
    operations = (_Operation.of(model.operation_model(name)) for name in model.operation_names)
    return tuple(sorted(operations, key=lambda operation: operation.rank))


def name(method: str, path: str, query: str) -> str | None:
    """Give the operation's name, `None` where there is none."""
    given = set(parse_qsl(query))
    for operation in _operations():
        found = operation.method == method and operation.path.fullmatch(path)
        if found and operation.query <= given:
            return operation.name
    return None
