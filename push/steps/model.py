"""The model: an image, its data, and the role by which they are read."""

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import ClientError

from push.run import Finding
from push.undertaking import Undertaking

Answer = TypeVar("Answer")

ATTEMPTS = 24
PAUSE_S = 5
# what SageMaker says of a role that it has not heard of yet, or not all of
_UNHEARD_OF = ("assume role", "sts:AssumeRole", "Could not access model data")


class Model:
    """A SageMaker model, of one in the declaration."""

    makes = True

    def __init__(self, push: Undertaking, declared: str) -> None:
        self._push = push
        self._sagemaker = push.clients.sagemaker
        self._declared = declared
        self._made = False

    @property
    def name(self) -> str:
        """The name, with the version."""
        name: str = self._push.design.model_requests()[self._declared]["ModelName"]
        return name

    @property
    def text(self) -> str:
        """Its name and what it is made of."""
        design = self._push.design
        return f"SageMaker model {self.name} of {design.image_uri}"

    def look(self) -> Finding:
        """Ask for the name: what has it is made of just this."""
        if not self._push.design.facts.complete:
            return Finding(done=None, note="known when the image is pushed")
        try:
            self._sagemaker.describe_model(ModelName=self.name)
        except ClientError as error:
            if not is_missing(error):
                raise
            return Finding(done=False, note="missing: is created")
        return Finding(done=True, note="there already")

    def do(self) -> None:
        """Create it, with patience where the role is new."""
        request = self._push.design.model_requests()[self._declared]
        patiently(self._push, lambda: self._sagemaker.create_model(**request))
        self._made = True

    def undo(self) -> None:
        """Delete it."""
        if self._made:
            self._sagemaker.delete_model(ModelName=self.name)


def is_missing(error: ClientError) -> bool:
    """Tell whether SageMaker says that there is no such thing; it has no error type for that."""
    said = error.response["Error"]
    return said["Code"] == "ValidationException" and "Could not find" in said["Message"]


def patiently(push: Undertaking, ask: Callable[[], Answer]) -> Answer:
    """Ask SageMaker, again and again where it has not heard of the new role yet.

    Two minutes: "changes might take some time" (IAM user guide, "Troubleshoot IAM", eventual
    consistency), and a role that exists for IAM need not for others (aws/aws-cli #7700).
    """
    for _ in range(ATTEMPTS if push.new_role else 0):
        try:
            return ask()
        except ClientError as error:
            message = error.response["Error"]["Message"]
            if not any(words in message for words in _UNHEARD_OF):
                raise
            push.say("    SageMaker does not know the new role yet: waiting")
            push.sleep(PAUSE_S)
    return ask()
