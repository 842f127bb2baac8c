"""The names by which AWS's services know a resource the world over: ARNs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose resources these are, and where: what every ARN of this stack has in it."""

    account_id: str
    region: str

    def arn(self, kind: str, name: str) -> str:
        """Give the ARN of a resource of SageMaker; kind is `model`, `endpoint` ... (botocore)."""
        return f"arn:aws:sagemaker:{self.region}:{self.account_id}:{kind}/{name}"
