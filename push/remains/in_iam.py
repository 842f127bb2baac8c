"""Execution roles."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from push import mark
from push.design import ROLE_PATH
from push.remains import Removal, Target

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient


def roles(target: Target, iam: "IAMClient") -> Iterator[Removal]:
    """Give the roles, of every version."""
    for page in iam.get_paginator("list_roles").paginate(PathPrefix=ROLE_PATH):
        for role in page["Roles"]:
            name = role["RoleName"]
            # a list of roles does not have their tags (IAM API reference, ListRoles)
            if mark.is_on(iam.list_role_tags(RoleName=name)["Tags"], target.endpoint):
                yield Removal("execution role", name, partial(delete, iam, name))


def delete(iam: "IAMClient", name: str) -> None:
    """Delete a role; its policies have to go first."""
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    iam.delete_role(RoleName=name)
