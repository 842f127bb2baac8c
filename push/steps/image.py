"""The image, in the registry."""

from push import registry
from push.design import REPOSITORY
from push.problem import PushError
from push.run import Finding
from push.undertaking import Undertaking


class PushedImage:
    """The image under a tag that is derived from it."""

    makes = True

    def __init__(self, push: Undertaking) -> None:
        self._push = push

    @property
    def text(self) -> str:
        """Where it goes."""
        return f"image {self._push.design.image_reference}"

    def look(self) -> Finding:
        """Ask the registry for the tag."""
        login = self._push.login()
        if not self._push.design.image_id_known:
            return Finding(done=None, note="known when the image is built")
        found = registry.find(login, REPOSITORY, self._push.design.image_tag)
        if found is None:
            return Finding(done=False, note="missing: is pushed")
        return Finding(done=True, note=f"there already, {self._take(found)}")

    def do(self) -> None:
        """Push it, and ask the registry what it has now."""
        design, login = self._push.design, self._push.login()
        self._push.engine.push(design.facts.image_id, design.image_reference, login)
        found = registry.find(login, REPOSITORY, design.image_tag)
        if found is None:
            raise PushError(f"{design.image_reference} was pushed and is not there: push again")
        self._push.say(f"    pushed, {self._take(found)}")

    def undo(self) -> None:
        """Take the tag away; an image without a tag is gone."""
        self._push.clients.ecr.batch_delete_image(
            repositoryName=REPOSITORY, imageIds=[{"imageTag": self._push.design.image_tag}]
        )

    def _take(self, manifest: registry.Manifest) -> str:
        if manifest.media_type != registry.DOCKER_MANIFEST:
            # aws/amazon-sagemaker-feedback #180
            raise PushError(
                f"the image has the manifest {manifest.media_type}, and SageMaker takes"
                f" {registry.DOCKER_MANIFEST}: leave IMAGE out, or build it with"
                " --provenance=false --output type=docker"
            )
        self._push.learn(image_digest=manifest.digest)
        return manifest.digest
