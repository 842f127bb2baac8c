"""What both APIs read their declaration with: the template's resolver, and refusals by place."""

from collections.abc import Collection, Mapping
from typing import Any

from gateway.api import Account
from gateway.token_bucket import ACCOUNT, Limits
from riskstack.emulator.template import Resolver, Resource, Template


class StageError(ValueError):
    """The template's API cannot be served: change what the text names."""


class _Names:
    """The physical side of resources that have none here: they are called as in the template."""

    def reference(self, resource: Resource) -> str:
        return resource.logical_id

    def attribute(self, resource: Resource, name: str) -> str:
        return f"{resource.logical_id}.{name}"


def resolver(template: Template, account: Account, stage: str) -> Resolver:
    """Give what resolves a template for an account; `stage` is the parameter Stage.

    Raises:
        TemplateError: a parameter is missing or not allowed.
    """
    pseudo = {
        "AWS::AccountId": account.account_id,
        "AWS::Partition": account.partition,
        "AWS::Region": account.region,
        "AWS::URLSuffix": "amazonaws.com",
    }
    return Resolver(template, _Names(), pseudo, parameters={"Stage": stage})


def check_members(where: str, members: Mapping[str, Any], known: Collection[str]) -> None:
    """Check that nothing is declared that is not emulated.

    Raises:
        StageError: something is; the text names the first.
    """
    if unknown := sorted(members.keys() - set(known)):
        raise StageError(f"{where}.{unknown[0]}: is not emulated")


def limits(where: str, rate: object, burst: object) -> Limits:
    """Give limits; one that is left open is the account's.

    Raises:
        StageError: one is no number.
    """
    try:
        return Limits(
            ACCOUNT.rate if rate is None else float(str(rate)),
            ACCOUNT.burst if burst is None else int(str(burst)),
        )
    except ValueError:
        raise StageError(f"{where}: rate and burst must be numbers") from None
