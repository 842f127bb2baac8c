import re

import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ParamValidationError

from deployment.faults import explain
from deployment.problem import DeploymentError
from riskstack.emulator.template import TemplateError


def refusal(code: str, message: str = "m") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "CreateChangeSet")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (DeploymentError("in words"), "in words"),
        (TemplateError("in words"), "in words"),
        (NoCredentialsError(), "no AWS credentials .* sign in first"),
        (refusal("ExpiredToken"), "does not take these credentials .* sign in first"),
        (
            refusal(
                "AccessDenied",
                "User x is not authorized to perform: cloudformation:CreateChangeSet",
            ),
            "no permission for cloudformation:CreateChangeSet",
        ),
        (refusal("ValidationError"), "CreateChangeSet does not take what deploy/ says: m"),
        (refusal("InsufficientCapabilitiesException"), "^m: a template makes"),
        (refusal("AlreadyExistsException"), "the name is taken"),
        (refusal("Throttling"), "too many requests .* wait a minute"),
        (refusal("LimitExceededException"), "a quota of the account is used up"),
        (refusal("Strange"), "CreateChangeSet: Strange: m"),
        (ParamValidationError(report="r"), "an error of the deployment itself"),
        (TypeError("x"), "an error of the deployment itself"),
    ],
)
def test_an_error_says_what_to_do(error: Exception, says: str) -> None:
    assert re.search(says, explain(error))
