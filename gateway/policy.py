"""IAM policies as an authorizer gives them: whether one allows the call of a method.

Not IAM: the action is always `execute-api:Invoke`, and conditions are refused by name.
Facts: API Gateway developer guide, "Output from a Lambda authorizer"; IAM user guide, "IAM JSON
policy elements".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from typing import Any

_ACTION = "execute-api:invoke"
_MEMBERS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource"}


class PolicyError(ValueError):
    """A document is no policy that can be evaluated: the text says where."""


class Decision(Enum):
    """What a policy says to a call."""

    ALLOW = auto()
    EXPLICIT_DENY = auto()
    NO_ALLOW = auto()


@dataclass(frozen=True, slots=True)
class _Statement:
    allows: bool
    action: tuple[str, ...]
    is_not_action: bool
    resource: tuple[str, ...]
    is_not_resource: bool

    def covers(self, method_arn: str) -> bool:
        acts = any(matches(one.lower(), _ACTION) for one in self.action)
        stands = any(matches(one, method_arn) for one in self.resource)
        return acts is not self.is_not_action and stands is not self.is_not_resource


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy document."""

    statements: tuple[_Statement, ...]

    @classmethod
    def read(cls, document: object) -> "Policy":
        """Read a document.

        Raises:
            PolicyError: it is none, or asks for what is not emulated.
        """
        if not isinstance(document, dict) or "Statement" not in document:
            raise PolicyError("policyDocument has no Statement")
        statements = document["Statement"]
        if isinstance(statements, dict):
            statements = [statements]
        if not isinstance(statements, list) or not all(isinstance(s, dict) for s in statements):
            raise PolicyError("policyDocument.Statement must be a list of objects")
        return cls(tuple(map(_statement, statements)))

    def decide(self, method_arn: str) -> Decision:
        """Decide on the call of a method: a Deny goes before every Allow."""
        effects = {one.allows for one in self.statements if one.covers(method_arn)}
        if False in effects:
            return Decision.EXPLICIT_DENY
        return Decision.ALLOW if effects else Decision.NO_ALLOW


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    first, *others = ("".join(map(_character, part)) for part in text.split("*"))
    if not others:
        return re.compile(first, re.DOTALL)
    # The first place where a part fits is good enough. Without this, patterns of many stars,
    # such as an ARN with a path that a caller made up, would take for ever.
    *middle, last = others
    return re.compile(
        "".join((first, *(f"(?>.*?{part})" for part in middle), f".*{last}")), re.DOTALL
    )


def _character(character: str) -> str:
    return "." if character == "?" else re.escape(character)


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a pattern, in which `*` and `?` stand for any characters."""
    return bool(_pattern(pattern).fullmatch(text))


def _statement(statement: Mapping[str, Any]) -> _Statement:
    if unknown := sorted(statement.keys() - _MEMBERS):
        raise PolicyError(f"policyDocument.Statement.{unknown[0]}: is not emulated")
    if statement.get("Effect") not in {"Allow", "Deny"}:
        raise PolicyError("policyDocument.Statement.Effect must be Allow or Deny")
    action, is_not_action = _either(statement, "Action")
    resource, is_not_resource = _either(statement, "Resource")
    return _Statement(
        statement["Effect"] == "Allow", action, is_not_action, resource, is_not_resource
    )


def _either(statement: Mapping[str, Any], member: str) -> tuple[tuple[str, ...], bool]:
    """Give a member's texts, and whether it is the one with Not."""
    negated = f"Not{member}"
    if (member in statement) is (negated in statement):
        raise PolicyError(f"policyDocument.Statement must have {member} or {negated}")
    value = statement.get(member, statement.get(negated))
    texts: Iterable[Any] = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise PolicyError(f"policyDocument.Statement.{member} must be a text or a list of texts")
    return tuple(texts), negated in statement
