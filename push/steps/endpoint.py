"""The endpoint: created, or updated while it serves."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from push import mark
from push.problem import PushError
from push.run import Finding
from push.steps.model import is_missing, patiently
from push.undertaking import Undertaking

if TYPE_CHECKING:
    from mypy_boto3_sagemaker.type_defs import DescribeEndpointOutputTypeDef

_DESCRIBED = "after-call.sagemaker.DescribeEndpoint"


class Endpoint:
    """A SageMaker endpoint."""

    makes = True

    def __init__(self, push: Undertaking) -> None:
        self._push = push
        self._sagemaker = push.clients.sagemaker
        self._name = push.design.endpoint_name
        self._before: str | None = None
        self._asked = False

    @property
    def text(self) -> str:
        """Its name and what it serves."""
        return f"SageMaker endpoint {self._name} with {self._config}"

    @property
    def _config(self) -> str:
        name: str = self._push.design.config_request()["EndpointConfigName"]
        return name

    def look(self) -> Finding:
        """Ask whether it is there, and what it serves.

        Raises:
            PushError: it is in a state in which it cannot be updated.
        """
        found = self._describe()
        if found is None:
            return Finding(done=False, note="missing: is created")
        status, self._before = found["EndpointStatus"], found["EndpointConfigName"]
        if not self._push.design.facts.complete:
            note = (
                f"there already, {status} with {self._before}; the rest is known when the image is"
            )
            return Finding(done=None, note=note)
        if status == "Failed":
            raise PushError(
                f"the endpoint {self._name} was there before, and is Failed"
                f" ({found.get('FailureReason', 'no reason given')}): it can only be deleted,"
                f" `aws sagemaker delete-endpoint --endpoint-name {self._name}`; then push again"
            )
        if status != "InService":
            raise PushError(
                f"the endpoint {self._name} is {status}: push again when it is InService"
            )
        if self._before == self._config:
            return Finding(done=True, note="serves it already")
        return Finding(done=False, note=f"serves {self._before}: is updated")

    def do(self) -> None:
        """Create or update it, and wait until it serves.

        Raises:
            PushError: it failed; SageMaker's reason is in the text.
        """
        config = self._config
        if self._before is None:
            tags = mark.tags(self._name)
            patiently(
                self._push,
                lambda: self._sagemaker.create_endpoint(
                    EndpointName=self._name, EndpointConfigName=config, Tags=tags
                ),
            )
        else:
            patiently(self._push, lambda: self._update(config))
        self._asked = True
        self._wait()
        found = self._describe()
        # an update that failed leaves the endpoint InService with what it had, and at times
        # without a reason (hashicorp/terraform-provider-aws #39099, #48997)
        if found is None or found["EndpointConfigName"] != config:
            raise PushError(self._failure(found))

    def undo(self) -> None:
        """Go back to what was served before; an endpoint that was created is deleted."""
        if not self._asked:
            return
        if self._before is None:
            self._delete()
            return
        self._settle()
        found = self._describe()
        if found is not None and found["EndpointConfigName"] != self._before:
            self._update(self._before)
            self._wait()

    def _update(self, config: str) -> None:
        self._sagemaker.update_endpoint(EndpointName=self._name, EndpointConfigName=config)

    def _delete(self) -> None:
        try:
            self._sagemaker.delete_endpoint(EndpointName=self._name)
        except ClientError as error:
            if "in-progress" not in error.response["Error"]["Message"]:
                raise
            # SageMaker deletes no endpoint that is still being created
            self._settle()
            self._sagemaker.delete_endpoint(EndpointName=self._name)
        self._sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=self._name)

    def _describe(self) -> "DescribeEndpointOutputTypeDef | None":
        try:
            return self._sagemaker.describe_endpoint(EndpointName=self._name)
        except ClientError as error:
            if is_missing(error):
                return None
            raise

    def _wait(self) -> None:
        """Wait until it serves, with a line each time that SageMaker is asked."""
        events = self._sagemaker.meta.events
        events.register(_DESCRIBED, self._say_status)
        try:
            self._sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=self._name)
        except WaiterError as error:
            raise PushError(self._failure(self._describe())) from error
        finally:
            events.unregister(_DESCRIBED, self._say_status)

    def _settle(self) -> None:
        """Wait until SageMaker takes a request again, whatever came of the last one."""
        try:
            self._wait()
        except PushError as error:
            self._push.say(f"    {error}")

    def _say_status(self, parsed: dict[str, Any], **_: object) -> None:
        if status := parsed.get("EndpointStatus"):
            self._push.say(f"    {status}")

    def _failure(self, found: "DescribeEndpointOutputTypeDef | None") -> str:
        reason = (found.get("FailureReason") if found else None) or "SageMaker gives no reason"
        advice = "look at what the container said"
        if "image size" in reason.lower() or "no space left" in reason.lower():
            advice = "the image is too big for it: make it smaller, or take a larger INSTANCE_TYPE"
        elif "insufficient capacity" in reason.lower() or "InsufficientInstanceCapacity" in reason:
            advice = (
                "AWS has no such instance free: push again later, or take another INSTANCE_TYPE"
            )
        region = self._push.design.facts.region
        return (
            f"the endpoint {self._name} failed: {reason}\n{advice}:"
            f" `aws logs tail {self._push.design.log_group} --region {region}`"
        )
