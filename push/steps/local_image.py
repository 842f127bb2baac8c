"""The image, on this machine."""

from push import architecture
from push.engine import Image
from push.problem import PushError
from push.run import Finding
from push.undertaking import Undertaking

SERVERLESS_LIMIT = 10 * 10**9
"""Bytes of an image for a serverless endpoint (AWS developer guide, serverless-endpoints)."""


class LocalImage:
    """The image of model_server, built or chosen."""

    makes = False

    def __init__(self, push: Undertaking) -> None:
        self._push = push

    @property
    def text(self) -> str:
        """What is built, or which image is taken."""
        settings = self._push.design.settings
        if settings.image:
            return f"take the image {settings.image} of the engine"
        return f"build model_server/Dockerfile for {settings.platform}"

    def look(self) -> Finding:
        """Look at a chosen image; one to be built is known when it is."""
        chosen = self._push.design.settings.image
        if chosen is None:
            return Finding(done=None, note="not built yet; what follows from it is called <image>")
        return Finding(done=True, note=self._take(self._push.engine.inspect(chosen)))

    def do(self) -> None:
        """Build it."""
        built = self._push.engine.build(self._push.design.settings.platform)
        self._push.say(f"    {self._take(built)}")

    def undo(self) -> None:
        """An image on this machine costs nothing, and makes the next build a short one."""

    def _take(self, image: Image) -> str:
        """Check that the endpoint can run the image, and learn its digest."""
        design = self._push.design
        for instance_type in design.instances():
            architecture.check(instance_type, image.platform)
        serverless = not design.instances()
        if serverless and image.size > SERVERLESS_LIMIT:
            raise PushError(
                f"the image is {image.size / 10**9:.1f} GB, and a serverless endpoint takes 10 GB:"
                " make it smaller, or declare an InstanceType"
            )
        self._push.learn(image_id=image.id)
        return f"{image.id}, {image.platform}, {image.size / 10**6:.0f} MB"
