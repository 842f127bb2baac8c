"""The end-to-end tests against what was deployed: those of its clients, not of this machine.

Not: tests of the console, of make's commands, or that kill things; there is nothing of that on AWS.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

from botocore.exceptions import ClientError

from deployment.problem import DeploymentError
from deployment.undertaking import Undertaking

TESTS = ("tests/e2e/test_channels.py", "tests/e2e/test_bad_input.py")
ENDPOINT = "credit-risk"


def prove(deployment: Undertaking, outputs: Mapping[str, str]) -> None:
    """Run the tests against the API, or say why not.

    Raises:
        DeploymentError: a test fails.
    """
    if not deployment.settings.tests:
        deployment.say("WITHOUT_TESTS: the end-to-end tests are left out")
        return
    if status := _missing(deployment):
        deployment.say(
            f"the endpoint {ENDPOINT} is {status}, so applications wait for their score and the"
            " end-to-end tests are left out: `make push-model`, then `make deploy` again"
        )
        return
    key = deployment.clients.apigateway.get_api_key(apiKey=outputs["ApiKeyId"], includeValue=True)
    deployment.say(f"end-to-end tests against {outputs['ApiUrl']}: {' '.join(TESTS)}")
    done = subprocess.run(  # noqa: S603 - the project's own tests
        [sys.executable, "-m", "pytest", "-q", "--no-cov", *TESTS],
        cwd=deployment.root,
        env={
            **os.environ,
            "E2E_STACK": "deployed",
            "RISKSTACK_URL": outputs["ApiUrl"],
            "RISKSTACK_API_KEY": key["value"],
            "AWS_DEFAULT_REGION": deployment.region,
        },
        check=False,
    )
    if done.returncode:
        raise DeploymentError(
            "everything is deployed, but end-to-end tests fail: what they say is above;"
            " `aws logs tail /aws/lambda/riskstack-etl` and its like say more"
        )


def _missing(deployment: Undertaking) -> str | None:
    """Give the endpoint's status where it cannot score, `None` where it can."""
    sagemaker = deployment.clients.sagemaker
    try:
        status = sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointStatus"]
    except ClientError as error:
        # SageMaker's answer to a name that it does not know
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        return "not there"
    return None if status == "InService" else status
