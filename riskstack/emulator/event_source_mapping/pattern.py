"""The patterns of filter criteria: which records come to the function at all.

Operators are those of Lambda's own list (Lambda developer guide, "Control which events Lambda sends
to your function") with the forms that EventBridge documents for pipes; how they match is
aws/event-ruler's. EventBridge's others (wildcard, cidr, anything-but with an operator) are refused:
they work on event buses alone (EventBridge user guide, "Comparison operators").
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from riskstack.emulator.template import TemplateError

INVALID = "Invalid filter pattern definition."
"""Lambda's own words (recorded on AWS in localstack's test_dynamodb_invalid_event_filter)."""

OPERATORS = ("anything-but", "equals-ignore-case", "exists", "numeric", "prefix", "suffix")
_BUSES_ALONE = {"wildcard", "cidr", "exactly"}
_RESERVED = {*OPERATORS, *_BUSES_ALONE, "=", "<", "<=", ">", ">="}
"""Names that make `$or` the name of a field (aws/event-ruler, Constants)."""


class Number(str):
    """A JSON number by its text: 300, 300.0 and 3.0e2 differ, as Lambda documents it."""

    __slots__ = ()


Leaf: TypeAlias = str | Number | bool | None
Leaves: TypeAlias = Sequence[Leaf]
"""The values of one field: none where it is missing or an object, several for an array."""
Test: TypeAlias = Callable[[Any], bool]
"""Says whether an object of the event fits."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A filter: its text, and what a record must fit."""

    text: str
    _fits: Test

    @classmethod
    def read(cls, text: str) -> "Pattern":
        """Read a pattern.

        Raises:
            TemplateError: it is not one, or it has an operator that Lambda's filters do not have.
        """
        try:
            body = json.loads(text, parse_int=Number, parse_float=Number)
        except ValueError as error:
            raise TemplateError(f"{INVALID} It is not JSON: {error}") from None
        if not isinstance(body, dict):
            raise _invalid("it is not an object")
        return cls(text, _object(body))

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Say whether a record passes."""
        return self._fits(record)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def _invalid(what: str) -> TemplateError:
    return TemplateError(f"{INVALID} In the pattern {what}.")


def _object(body: Mapping[str, Any]) -> Test:
    if not body:
        raise _invalid("an object is empty")
    tests = [
        _either(value) if _is_or(name, value) else _field(name, value)
        for name, value in body.items()
    ]
    return lambda event: all(test(event) for test in tests)


def _is_or(name: str, value: Any) -> bool:  # noqa: ANN401 - a pattern holds any value
    return (
        name == "$or"
        and isinstance(value, list)
        and len(value) > 1
        and all(isinstance(one, dict) and not one.keys() & _RESERVED for one in value)
    )


def _either(alternatives: Sequence[Mapping[str, Any]]) -> Test:
    tests = [_object(alternative) for alternative in alternatives]
    return lambda event: any(test(event) for test in tests)


def _field(name: str, value: Any) -> Test:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        inner = _object(value)

        def nested(event: Any) -> bool:  # noqa: ANN401 - as an event's
            found = event.get(name) if isinstance(event, Mapping) else None
            # one element of an array has to fit alone
            return (
                any(inner(one) for one in found or [{}])
                if isinstance(found, list)
                else inner(found)
            )

        return nested
    if not isinstance(value, list):
        raise _invalid(f'"{name}" must be an object or an array')
    if not value:
        raise _invalid(f'the array of "{name}" is empty')
    checks = [_check(one) for one in value]

    def leaf(event: Any) -> bool:  # noqa: ANN401 - as above
        found = _leaves(event[name]) if isinstance(event, Mapping) and name in event else []
        return any(check(found) for check in checks)

    return leaf


def _leaves(value: Any) -> list[Leaf]:  # noqa: ANN401 - as above
    match value:
        case Mapping():
            return []
        case list():
            return [leaf for part in value for leaf in _leaves(part)]
        case bool() | None | str():
            return [value]
    return [Number(json.dumps(value))]


def _check(value: Any) -> Callable[[Leaves], bool]:  # noqa: ANN401 - as above
    match value:
        case dict() if len(value) == 1:
            ((operator, operand),) = value.items()
            return _operation(operator, operand)
        case dict():
            raise _invalid("an operation has one operator")
        case list():
            raise _invalid("an array is inside an array")
    return lambda leaves: any(_same(leaf, value) for leaf in leaves)


def _same(leaf: Leaf, value: Leaf) -> bool:
    return type(leaf) is type(value) and leaf == value


def _operation(operator: str, operand: Any) -> Callable[[Leaves], bool]:  # noqa: ANN401 - as above
    match operator, operand:
        case "exists", bool():
            return lambda leaves: bool(leaves) is operand
        case "exists", _:
            raise _invalid("exists is neither true nor false")
        case "anything-but", _:
            excluded = _excluded(operand)
            return lambda leaves: any(
                not any(_same(leaf, one) for one in excluded) for leaf in leaves
            )
        case "numeric", list():
            within = _range(operand)
            return lambda leaves: any(
                isinstance(leaf, Number) and within(float(leaf)) for leaf in leaves
            )
        case "numeric", _:
            raise _invalid("numeric is no array of comparisons")
    fits = _text_operation(operator, operand)
    return lambda leaves: any(
        isinstance(leaf, str) and not isinstance(leaf, Number) and fits(leaf) for leaf in leaves
    )


def _text_operation(operator: str, operand: Any) -> Callable[[str], bool]:  # noqa: ANN401 - as above
    if operator in {"prefix", "suffix"} and isinstance(operand, dict):
        if set(operand) != {"equals-ignore-case"}:
            raise _invalid(f"{operator} takes a text, or equals-ignore-case with one")
        folded = _text(operator, operand["equals-ignore-case"]).lower()
        plain = _text_operation(operator, folded)
        return lambda value: plain(value.lower())
    match operator:
        case "prefix":
            start = _text(operator, operand)
            return lambda value: value.startswith(start)
        case "suffix":
            end = _text(operator, operand)
            return lambda value: value.endswith(end)
        case "equals-ignore-case":
            whole = _text(operator, operand).lower()
            return lambda value: value.lower() == whole
    raise _invalid(
        f"{operator} is no operator of Lambda's filters; they have {', '.join(OPERATORS)}"
    )


def _text(operator: str, operand: Any) -> str:  # noqa: ANN401 - as above
    if not isinstance(operand, str) or isinstance(operand, Number):
        raise _invalid(f"{operator} takes a text")
    return operand


def _excluded(operand: Any) -> list[str]:  # noqa: ANN401 - as above
    if isinstance(operand, dict):
        raise _invalid(
            f"anything-but takes values; {', '.join(operand)} inside it works on event buses alone"
        )
    values = operand if isinstance(operand, list) else [operand]
    kinds = {type(value) for value in values}
    if len(kinds) != 1 or not kinds <= {str, Number}:
        raise _invalid("anything-but takes either texts or numbers")
    return values


def _range(terms: list[Any]) -> Callable[[float], bool]:
    """Read `["=", n]`, one bound, or a lower and an upper one, as event-ruler does."""
    compare: dict[Any, Callable[[float, float], bool]] = {
        "=": lambda value, bound: value == bound,
        "<": lambda value, bound: value < bound,
        "<=": lambda value, bound: value <= bound,
        ">": lambda value, bound: value > bound,
        ">=": lambda value, bound: value >= bound,
    }
    operators, bounds = terms[::2], terms[1::2]
    ranges = [[low, high] for low in (">", ">=") for high in ("<", "<=")]
    shapes = [*ranges, *([operator] for operator in compare)]
    if operators not in shapes or len(operators) != len(bounds):
        raise _invalid("numeric takes =, one bound, or a lower and then an upper bound")
    if not all(isinstance(bound, Number) for bound in bounds):
        raise _invalid("numeric compares with numbers")
    pairs = [
        (compare[operator], float(bound)) for operator, bound in zip(operators, bounds, strict=True)
    ]
    if len(pairs) > 1 and pairs[0][1] >= pairs[1][1]:
        raise _invalid("the lower bound of numeric is not below the upper one")
    return lambda value: all(holds(value, bound) for holds, bound in pairs)
