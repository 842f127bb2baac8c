import json

import pytest
from botocore.exceptions import ClientError

from push.problem import PushError
from push.steps.account import Account
from push.steps.model import ATTEMPTS, Model
from push.steps.role import Role
from push.undertaking import Undertaking
from tests.unit.push.stand import Stand

SERVICE = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def given(stand: Stand, *principals: object) -> str:
    statements = [SERVICE | {"Principal": principal} for principal in principals]
    document = {"Version": "2012-10-17", "Statement": statements}
    role = stand.clients.iam.create_role(
        RoleName="mine", AssumeRolePolicyDocument=json.dumps(document)
    )
    return role["Role"]["Arn"]


def begun(stand: Stand, **settings: object) -> Undertaking:
    push = stand.again(**settings)
    Account(push).look()
    return push


def test_one_that_sagemaker_may_assume_is_used(stand: Stand) -> None:
    services = ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]
    arn = given(stand, {"AWS": "*"}, {"Service": services})
    push = begun(stand, role_arn=arn)
    step = Role(push)
    assert step.look().done is True
    assert push.design.role_arn == arn
    assert not push.new_role
    step.undo()
    assert len(stand.clients.iam.list_roles()["Roles"]) == 1


def test_one_that_it_may_not_assume_is_refused(stand: Stand) -> None:
    arn = given(stand, {"Service": "lambda.amazonaws.com"}, {"AWS": "*"})
    with pytest.raises(PushError, match=r"does not let sagemaker\.amazonaws\.com assume it"):
        Role(begun(stand, role_arn=arn)).look()


def test_one_that_there_is_not_is_refused(stand: Stand) -> None:
    with pytest.raises(PushError, match="there is no such role"):
        Role(begun(stand, role_arn="arn:aws:iam::123456789012:role/none")).look()


def test_one_that_may_not_be_looked_at_is_sagemakers_to_judge(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetRole")

    monkeypatch.setattr(stand.clients.iam, "get_role", refuse)
    arn = "arn:aws:iam::123456789012:role/path/mine"
    assert Role(begun(stand, role_arn=arn)).look().done is True
    # without a role there is no going on
    with pytest.raises(ClientError):
        Role(begun(stand)).look()


def test_a_new_role_is_waited_for(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message is SageMaker's (awslabs/predictive-maintenance-using-machine-learning #3)."""
    push = begun(stand)
    push.learn(registry="host", image_id="sha256:1", image_digest="sha256:2")
    Role(push).do()
    assert push.new_role
    sagemaker = stand.clients.sagemaker
    create, refusals = sagemaker.create_model, [1, 2]

    def unheard_of(**request: object) -> object:
        if refusals:
            refusals.pop()
            message = "Could not assume role x. Please ensure that the role exists"
            raise ClientError(
                {"Error": {"Code": "ValidationException", "Message": message}}, "CreateModel"
            )
        return create(**request)  # type: ignore[arg-type] # as it was asked

    monkeypatch.setattr(sagemaker, "create_model", unheard_of)
    model = Model(push, "credit-risk")
    model.do()
    assert stand.slept == [5, 5]
    model.undo()
    assert sagemaker.list_models()["Models"] == []
    # but not for ever
    refusals.extend(range(100))
    with pytest.raises(ClientError, match="Could not assume role"):
        model.do()
    assert len(stand.slept) == 2 + ATTEMPTS
    # nor where the role is an old one
    push.new_role = False
    with pytest.raises(ClientError, match="Could not assume role"):
        model.do()
    assert len(stand.slept) == 2 + ATTEMPTS


def test_a_role_that_is_half_made_is_undone(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    iam = stand.clients.iam

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutRolePolicy")

    monkeypatch.setattr(iam, "put_role_policy", refuse)
    step = Role(begun(stand))
    with pytest.raises(ClientError):
        step.do()
    step.undo()
    assert iam.list_roles()["Roles"] == []
