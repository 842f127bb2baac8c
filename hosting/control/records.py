"""The documents of endpoints: what DescribeEndpoint tells, and what an endpoint was made of.

Three members are not AWS's: `Deployed` is the deployment that is in service and `Pending` the one
that is to be (plan.plan_of reads both), `Declared` tells of an endpoint of the declaration.
"""

from enum import StrEnum
from typing import Any

from hosting.control.api_errors import InvalidRequestError
from hosting.control.json_protocol import Request
from hosting.control.registry import Registry

KIND = "endpoint"

REASON_LIMIT = 1024
"""The most characters of FailureReason (shape FailureReason, botocore)."""


class Status(StrEnum):
    """EndpointStatus (botocore); OutOfService, RollingBack and the like do not occur here."""

    CREATING = "Creating"
    UPDATING = "Updating"
    SYSTEM_UPDATING = "SystemUpdating"
    """Hosting was started anew and brings the endpoint back as it was."""
    IN_SERVICE = "InService"
    DELETING = "Deleting"
    FAILED = "Failed"


class Records:
    """The endpoints' documents."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, name: str) -> Request | None:
        """Give a document, or None where there is none."""
        return self._registry.store.get(KIND, name)

    def all(self) -> list[Request]:
        """Give every document."""
        return list(self._registry.store.all(KIND))

    def find(self, name: str) -> Request:
        """Give a document. Raises InvalidRequestError where there is none."""
        record = self.get(name)
        if record is None:
            raise InvalidRequestError(f'Could not find endpoint "{self.arn(name)}".')
        return record

    def create(self, name: str, pending: Request, *, declared: bool) -> None:
        """Begin the document of an endpoint that is created, by a client or as it is declared."""
        now = self._registry.now()
        record = {
            "EndpointName": name,
            "EndpointArn": self.arn(name),
            "EndpointConfigName": pending["Config"]["EndpointConfigName"],
            "EndpointStatus": Status.CREATING,
            "CreationTime": now,
            "LastModifiedTime": now,
            "Declared": declared,
            "Pending": pending,
        }
        self._registry.store.put(KIND, name, record)

    def change(self, name: str, status: Status, **members: Any) -> None:  # noqa: ANN401 - what JSON holds
        """Change members of a document; one that is None is taken out."""
        if members.get("FailureReason"):
            members["FailureReason"] = members["FailureReason"][:REASON_LIMIT]
        changed = {
            **self.find(name),
            "EndpointStatus": status,
            "LastModifiedTime": self._registry.now(),
            **members,
        }
        kept = {member: value for member, value in changed.items() if value is not None}
        self._registry.store.put(KIND, name, kept)

    def delete(self, name: str) -> None:
        """End a document, and the endpoint's tags with it."""
        self._registry.store.delete(KIND, name)
        self._registry.tags.delete(self.arn(name))

    def arn(self, name: str) -> str:
        """Give an endpoint's ARN."""
        return self._registry.owner.arn("endpoint", name)
