"""The endpoint configuration: which models on which instances."""

from botocore.exceptions import ClientError

from push.run import Finding
from push.steps.model import is_missing
from push.undertaking import Undertaking


class EndpointConfig:
    """A SageMaker endpoint configuration, as deploy/endpoint.yaml declares it."""

    makes = True

    def __init__(self, push: Undertaking) -> None:
        self._push = push
        self._sagemaker = push.clients.sagemaker
        self._made = False

    @property
    def name(self) -> str:
        """The name, with the version."""
        name: str = self._push.design.config_request()["EndpointConfigName"]
        return name

    @property
    def text(self) -> str:
        """Its name and its instances."""
        instances = self._push.design.instances().items()
        size = " and ".join(f"{count} x {kind}" for kind, count in instances) or "serverless"
        return f"SageMaker endpoint configuration {self.name}: {size}"

    def look(self) -> Finding:
        """Ask for the name: what has it says just this."""
        if not self._push.design.facts.complete:
            return Finding(done=None, note="known when the image is pushed")
        try:
            self._sagemaker.describe_endpoint_config(EndpointConfigName=self.name)
        except ClientError as error:
            if not is_missing(error):
                raise
            return Finding(done=False, note="missing: is created")
        return Finding(done=True, note="there already")

    def do(self) -> None:
        """Create it."""
        self._sagemaker.create_endpoint_config(**self._push.design.config_request())
        self._made = True

    def undo(self) -> None:
        """Delete it; the endpoint does not use it any more."""
        if self._made:
            self._sagemaker.delete_endpoint_config(EndpointConfigName=self.name)
