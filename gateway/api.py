"""What is the same for every request to an API: its ids, where it would run, its stage."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Account:
    """Whose the API is and where it would run: what pseudo parameters and ARNs hold."""

    region: str
    account_id: str
    partition: str = "aws"


@dataclass(frozen=True, slots=True)
class Api:
    """A deployed API."""

    account: Account
    name: str
    api_id: str
    deployment_id: str
    stage: str
    stage_variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """What every method's ARN begins with, the stage included."""
        account = self.account
        return (
            f"arn:{account.partition}:execute-api:{account.region}:{account.account_id}"
            f":{self.api_id}/{self.stage}"
        )
