"""The execution role, by which SageMaker pulls the image and reads the model."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from push import mark
from push.design import ROLE_PATH
from push.faults import DENIED
from push.problem import PushError
from push.remains.in_iam import delete
from push.run import Finding
from push.undertaking import Undertaking

POLICY = "model"
_SERVICE = "sagemaker.amazonaws.com"


class Role:
    """A role that is given, or one that is created with what this model needs and no more."""

    makes = True

    def __init__(self, push: Undertaking) -> None:
        self._push = push
        self._iam = push.clients.iam
        self._made = False

    @property
    def text(self) -> str:
        """Its name."""
        return f"execution role {self._push.design.role_arn}"

    def look(self) -> Finding:
        """Ask for it, and of one that was given, whether SageMaker may assume it.

        Raises:
            PushError: it may not, or there is none.
        """
        given = self._push.design.settings.role_arn
        name = given.rpartition("/")[2] if given else self._push.design.role_name
        try:
            role = self._iam.get_role(RoleName=name)["Role"]
        except self._iam.exceptions.NoSuchEntityException:
            if given:
                raise PushError(f"ROLE_ARN={given}: there is no such role") from None
            return Finding(done=False, note="missing: is created, with least permissions")
        except ClientError as error:
            if not given or error.response["Error"]["Code"] not in DENIED:
                raise
            return Finding(done=True, note="given; you may not look at it, SageMaker will")
        trust: Any = role["AssumeRolePolicyDocument"]
        if given and not _trusts_sagemaker(trust):
            raise PushError(f"ROLE_ARN={given}: its trust policy does not let {_SERVICE} assume it")
        return Finding(done=True, note="given" if given else "there already")

    def do(self) -> None:
        """Create it."""
        design = self._push.design
        self._iam.create_role(
            Path=ROLE_PATH,
            RoleName=design.role_name,
            AssumeRolePolicyDocument=design.trust_policy,
            Description=f"Lets SageMaker serve {design.artifact_url}",
            Tags=mark.tags(design.endpoint_name),
        )
        self._made = True
        self._iam.put_role_policy(
            RoleName=design.role_name,
            PolicyName=POLICY,
            PolicyDocument=json.dumps(json.loads(design.permissions_policy)),
        )
        self._iam.get_waiter("role_exists").wait(RoleName=design.role_name)
        self._push.new_role = True

    def undo(self) -> None:
        """Delete it; its policy may not be there yet."""
        if self._made:
            delete(self._iam, self._push.design.role_name)


def _trusts_sagemaker(document: Mapping[str, Any]) -> bool:
    statements = document["Statement"]
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", {})
        services = principal.get("Service", []) if isinstance(principal, dict) else []
        if statement["Effect"] == "Allow" and _SERVICE in services:
            return True
    return False
