"""Who pushes, and to which account."""

from push.run import Finding
from push.undertaking import Undertaking


class Account:
    """The credentials, asked whether they are any."""

    makes = False

    def __init__(self, push: Undertaking) -> None:
        self._push = push

    @property
    def text(self) -> str:
        """The region; the account is what the step finds."""
        return f"ask AWS in {self._push.design.facts.region} whose credentials these are"

    def look(self) -> Finding:
        """Ask, and learn the account."""
        identity = self._push.clients.sts.get_caller_identity()
        arn = identity["Arn"]
        self._push.learn(account=identity["Account"], partition=arn.split(":")[1])
        return Finding(done=True, note=arn)

    def do(self) -> None:
        """Nothing is made."""

    def undo(self) -> None:
        """Nothing was made."""
