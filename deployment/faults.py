"""What AWS refuses of a deployment, in words that say what to do."""

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from deployment.problem import DeploymentError
from push import faults
from riskstack.emulator.template import TemplateError

_TAKEN = {"BucketAlreadyExists", "AlreadyExistsException"}


def explain(error: BaseException) -> str:
    """Put an error in words that say what to do."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, BotoCoreError) and not isinstance(error, ParamValidationError):
        # who asks, and whether AWS answers, is the same for all that is put on AWS
        return faults.explain(error)
    if isinstance(error, (DeploymentError, TemplateError)):
        return str(error)
    return f"this is an error of the deployment itself: {error!r}"


def _refusal(error: ClientError) -> str:
    code = error.response["Error"]["Code"]
    message = error.response["Error"].get("Message", "")
    if code == "ValidationError":
        return f"{error.operation_name} does not take what deploy/ says: {message}"
    if code == "InsufficientCapabilitiesException":
        return f"{message}: a template makes what the deployment does not ask the right for"
    if code in _TAKEN:
        return f"{error.operation_name}: the name is taken ({message})"
    if code == "Throttling":
        return f"AWS has had too many requests ({message}): wait a minute, then try again"
    return faults.explain(error)
