"""The repository for the image."""

from push import mark
from push.design import REPOSITORY
from push.run import Finding
from push.undertaking import Undertaking


class Repository:
    """A repository in ECR: scanned on push, and what a tag names never changes.

    The tags of a push are made of digests, so that none has to move.
    """

    makes = True
    text = f"ECR repository {REPOSITORY}"

    def __init__(self, push: Undertaking) -> None:
        self._push = push
        self._ecr = push.clients.ecr
        self._made = False

    def look(self) -> Finding:
        """Ask whether there is one, whoever made it."""
        try:
            self._ecr.describe_repositories(repositoryNames=[REPOSITORY])
        except self._ecr.exceptions.RepositoryNotFoundException:
            return Finding(done=False, note="missing: is created")
        return Finding(done=True, note="there already")

    def do(self) -> None:
        """Create it."""
        self._ecr.create_repository(
            repositoryName=REPOSITORY,
            imageTagMutability="IMMUTABLE",
            imageScanningConfiguration={"scanOnPush": True},
            tags=mark.tags(self._push.design.endpoint_name),
        )
        self._made = True

    def undo(self) -> None:
        """Delete it, with whatever came into it since."""
        if self._made:
            self._ecr.delete_repository(repositoryName=REPOSITORY, force=True)
