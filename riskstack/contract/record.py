"""How an application and its audit trail lie in DynamoDB. Builds requests, sends none.

Items are plain Python values, as boto3's resource-level client takes and gives them.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from riskstack.contract.application import (
    BOUNDS,
    Answers,
    Application,
    Channel,
    Home,
    Job,
    Marital,
    Status,
)
from riskstack.contract.decision import Transition

Item: TypeAlias = dict[str, Any]
Write: TypeAlias = dict[str, Any]

_MOST_STEPS = 10**9
"""Of one application: a version above is none."""


class MalformedItemError(ValueError):
    """An item is not an application: look at it in the table; it cannot be processed as it is."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The names of the two tables."""

    applications: str
    audit: str


def to_item(application: Application) -> Item:
    """Give the item of an application: no empty attributes, numbers as `Decimal`."""
    item: Item = _storable(asdict(application))
    return item


def from_item(item: Mapping[str, Any]) -> Application:
    """Read an application from its item.

    Raises:
        MalformedItemError: an attribute is missing or is not what it must be.
    """
    try:
        return Application(
            application_id=_text(item["application_id"]),
            channel=Channel(item["channel"]),
            status=Status(item["status"]),
            version=_whole(item["version"], 1, _MOST_STEPS),
            source_ref=_text(item["source_ref"]),
            raw_sha256=_text(item["raw_sha256"]),
            received_at=_text(item["received_at"]),
            answers=_answers(item["answers"]),
            open_questions=tuple(item.get("open_questions", ())),
            field_confidence={
                name: float(value) for name, value in item.get("field_confidence", {}).items()
            },
        )
    except KeyError as error:
        raise MalformedItemError(f"not an application: {error} is missing") from None
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        # by its kind alone: the text of the error may quote an answer
        raise MalformedItemError(f"not an application: {type(error).__name__}") from None


def creation(
    application: Application, tables: Tables, attributes: Mapping[str, object]
) -> list[Write]:
    """Build the transaction that writes a new application and opens its audit trail.

    It fails as a whole where the application exists. `attributes` stand beside its own.
    """
    item = to_item(application) | _storable(attributes)
    event = {
        "application_id": application.application_id,
        "version": application.version,
        "at": application.received_at,
        "action": "submitted",
        "actor": f"channel:{application.channel}",
        "status": str(application.status),
    }
    return [
        {
            "Put": {
                "TableName": tables.applications,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(application_id)",
            }
        },
        _audit_put(event, tables),
    ]


def transition_writes(transition: Transition, tables: Tables, condition: str = "") -> list[Write]:
    """Build the transaction of one step: the update on the version read, and its audit event.

    A change to `None` removes the attribute. `condition` is a further one, over attributes
    that `changes` names (`#name`), such as `attribute_not_exists(#claimed_by)`.
    """
    changes = {
        **transition.changes,
        "status": str(transition.after),
        "version": transition.version + 1,
        "updated_at": transition.at,
    }
    kept = _storable(changes)
    removed = sorted(name for name in changes if name not in kept)
    expression = "SET " + ", ".join(f"#{name} = :{name}" for name in kept)
    if removed:
        expression += " REMOVE " + ", ".join(f"#{name}" for name in removed)
    update = {
        "TableName": tables.applications,
        "Key": {"application_id": transition.application_id},
        "UpdateExpression": expression,
        "ConditionExpression": "#version = :read" + (f" AND {condition}" if condition else ""),
        "ExpressionAttributeNames": {f"#{name}": name for name in changes},
        "ExpressionAttributeValues": {
            ":read": transition.version,
            **{f":{name}": value for name, value in kept.items()},
        },
    }
    event = {
        "application_id": transition.application_id,
        "version": transition.version + 1,
        "at": transition.at,
        "action": transition.action,
        "actor": transition.actor,
        "status": str(transition.after),
        "changes": dict(transition.changes),
    }
    return [{"Update": update}, _audit_put(event, tables)]


def _audit_put(event: Mapping[str, object], tables: Tables) -> Write:
    return {
        "Put": {
            "TableName": tables.audit,
            "Item": _storable(event),
            "ConditionExpression": "attribute_not_exists(application_id)",
        }
    }


def _answers(item: object) -> Answers:
    if not isinstance(item, Mapping):
        raise TypeError("expected a map")

    def number(name: str) -> float | None:
        return _number(item[name], *BOUNDS[name]) if name in item else None

    def whole(name: str) -> int | None:
        return _whole(item[name], *BOUNDS[name]) if name in item else None

    return Answers(
        full_name=_text(item["full_name"]) if "full_name" in item else None,
        age=whole("age"),
        marital=Marital(item["marital"]) if "marital" in item else None,
        home=Home(item["home"]) if "home" in item else None,
        job=Job(item["job"]) if "job" in item else None,
        seniority=whole("seniority"),
        income=number("income"),
        expenses=number("expenses"),
        assets=number("assets"),
        debt=number("debt"),
        bad_record=_flag(item["bad_record"]) if "bad_record" in item else None,
        amount=number("amount"),
        price=number("price"),
        term=whole("term"),
    )


def _number(value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        raise TypeError("expected a number")
    number = float(value)
    if not least <= number <= most:
        raise ValueError("out of range")
    return number


def _whole(value: object, least: float, most: float) -> int:
    number = _number(value, least, most)
    if not number.is_integer():
        raise ValueError("expected a whole number")
    return int(number)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("expected true or false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not re.search(r"\S", value):
        raise TypeError(f"expected a text, found {value!r}")
    return value


def _storable(value: Any) -> Any:  # noqa: ANN401 - a document is any mix of values
    """Give a value as DynamoDB's client takes it: floats as `Decimal`, nothing that is `None`."""
    match value:
        case bool() | int() | Decimal():
            return value
        case str():
            return str(value)
        case float():
            return Decimal(repr(value))
        case Mapping():
            return {key: _storable(part) for key, part in value.items() if part is not None}
        case list() | tuple():
            return [_storable(part) for part in value]
        case _:
            raise TypeError(f"cannot be stored: {value!r}")
