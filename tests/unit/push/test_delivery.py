"""Whole pushes: what they make, find, and leave behind. moto is AWS."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.sagemaker.models import FakeEndpoint

from push.delivery import deliver, explain, plan
from push.design import REPOSITORY
from push.engine import Image
from push.problem import PushError
from push.registry import Manifest
from push.run import RolledBackError
from tests.unit.push.stand import PASSWORD, Stand

NEW_IMAGE = Image("sha256:" + "4d" * 32, "linux/amd64", 443_000_000)
NEW_MANIFEST = "sha256:" + "5e" * 32


def everything(stand: Stand) -> dict[str, list[str]]:
    """Give the names of all that is in the account."""
    aws = stand.clients
    repositories = aws.ecr.describe_repositories()["repositories"]
    configs = aws.sagemaker.list_endpoint_configs()["EndpointConfigs"]
    return {
        "repositories": [one["repositoryName"] for one in repositories],
        "buckets": [one["Name"] for one in aws.s3.list_buckets()["Buckets"]],
        "roles": [one["RoleName"] for one in aws.iam.list_roles()["Roles"]],
        "models": [one["ModelName"] for one in aws.sagemaker.list_models()["Models"]],
        "configs": [one["EndpointConfigName"] for one in configs],
        "endpoints": [one["EndpointName"] for one in aws.sagemaker.list_endpoints()["Endpoints"]],
    }


def serves(stand: Stand) -> str:
    found = stand.clients.sagemaker.describe_endpoint(EndpointName="credit-risk")
    return found["EndpointConfigName"]


def new_image(stand: Stand) -> None:
    stand.engine.image = NEW_IMAGE
    stand.engine.manifest = replace(stand.engine.manifest, digest=NEW_MANIFEST)


def test_a_push_makes_everything_and_shows_a_score_and_the_bill(stand: Stand) -> None:
    deliver(stand.undertaking)
    design = stand.undertaking.design
    sagemaker = stand.clients.sagemaker
    assert all(len(names) == 1 for names in everything(stand).values())
    (name,) = everything(stand)["models"]
    model = sagemaker.describe_model(ModelName=name)
    assert model["PrimaryContainer"]["Image"] == (
        f"{stand.registry.host}/{REPOSITORY}@{stand.engine.manifest.digest}"
    )
    assert model["PrimaryContainer"]["ModelDataUrl"] == design.artifact_url
    assert model["ExecutionRoleArn"] == design.role_arn
    config = sagemaker.describe_endpoint_config(EndpointConfigName=serves(stand))
    (variant,) = config["ProductionVariants"]
    assert (variant["VariantName"], variant["ModelName"]) == ("AllTraffic", name)
    assert (variant["InstanceType"], variant["InitialInstanceCount"]) == ("ml.m5.large", 1)
    said = "\n".join(stand.said)
    assert "score of a sample applicant (Ada Adler, made up): 0.250000, by AllTraffic" in said
    assert "0.115 USD an hour, 83.95 USD a month" in said
    assert "make push-model DESTROY=1" in said


def test_the_engine_gets_the_password_of_ecr(stand: Stand) -> None:
    deliver(stand.undertaking)
    ((image, reference, login),) = stand.engine.pushed
    assert image == stand.engine.image.id
    assert reference == f"{stand.registry.host}/{REPOSITORY}:push-{'1a' * 8}"
    assert (login.user, login.password) == ("AWS", PASSWORD)
    assert PASSWORD not in repr(login)


def test_a_second_push_of_the_same_changes_nothing_and_says_so(stand: Stand) -> None:
    deliver(stand.undertaking)
    before = everything(stand)
    stand.said.clear()
    deliver(stand.again())
    assert everything(stand) == before
    assert len(stand.engine.pushed) == 1
    assert "this image and this model are there already: nothing was changed" in stand.said


def test_a_new_image_is_a_new_version_of_what_depends_on_it(stand: Stand) -> None:
    deliver(stand.undertaking)
    before, served = everything(stand), serves(stand)
    new_image(stand)
    deliver(stand.again())
    after = everything(stand)
    assert after["endpoints"] == before["endpoints"]
    # the role may pull any image of the repository, and read one model
    assert (after["roles"], after["buckets"]) == (before["roles"], before["buckets"])
    assert (len(after["models"]), len(after["configs"])) == (2, 2)
    assert serves(stand) != served
    assert "-5e5e5e5e-" in serves(stand)


@pytest.mark.parametrize(
    "operation",
    [
        "create_repository",
        "create_bucket",
        "put_object",
        "create_role",
        "create_model",
        "create_endpoint_config",
        "create_endpoint",
        "invoke_endpoint",
    ],
)
def test_a_failure_leaves_an_empty_account_empty(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    nothing = everything(stand)
    aws = stand.clients
    refused = ClientError({"Error": {"Code": "Some", "Message": "thing"}}, operation)

    def refuse(**_: object) -> None:
        raise refused

    for client in (aws.ecr, aws.s3, aws.iam, aws.sagemaker, aws.runtime):
        if hasattr(client, operation):
            monkeypatch.setattr(client, operation, refuse)
    with pytest.raises(RolledBackError, match="Some"):
        deliver(stand.undertaking)
    assert everything(stand) == nothing


def test_a_failure_keeps_what_was_there_before_and_the_old_version_serving(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(stand.undertaking)
    before, served = everything(stand), serves(stand)
    new_image(stand)

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ModelError", "Message": "no"}}, "InvokeEndpoint")

    monkeypatch.setattr(stand.clients.runtime, "invoke_endpoint", refuse)
    with pytest.raises(RolledBackError, match="what was there before is as it was"):
        deliver(stand.again())
    assert everything(stand) == before
    assert serves(stand) == served


def test_an_endpoint_that_fails_is_removed_and_its_reason_told(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failed(FakeEndpoint):
        def __init__(self, **request: object) -> None:
            super().__init__(**request)  # type: ignore[arg-type] # moto's own
            self.endpoint_status = "Failed"
            self.failure_reason: Any = "The primary container did not pass the ping health check."

    nothing = everything(stand)
    monkeypatch.setattr("moto.sagemaker.models.FakeEndpoint", Failed)
    with pytest.raises(RolledBackError) as failed:
        deliver(stand.undertaking)
    text = str(failed.value)
    assert "did not pass the ping health check" in text
    assert "aws logs tail /aws/sagemaker/Endpoints/credit-risk --region eu-central-1" in text
    assert everything(stand) == nothing


def test_an_interruption_leaves_nothing_behind(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = everything(stand)

    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stand.clients.sagemaker, "create_model", interrupt)
    with pytest.raises(RolledBackError, match="interrupted"):
        deliver(stand.undertaking)
    assert everything(stand) == nothing


def test_an_oci_manifest_is_refused_before_sagemaker_does(stand: Stand) -> None:
    nothing = everything(stand)
    stand.engine.manifest = Manifest(NEW_MANIFEST, "application/vnd.oci.image.manifest.v1+json")
    with pytest.raises(RolledBackError, match="--provenance=false --output type=docker"):
        deliver(stand.undertaking)
    assert everything(stand) == nothing


def test_what_cannot_work_fails_before_anything_is_built(stand: Stand) -> None:
    with pytest.raises(PushError, match="PLATFORM=linux/arm64"):
        deliver(stand.again(instance_type="ml.c7g.large"))
    assert stand.engine.built == []


def test_a_plan_with_credentials_says_what_is_there_and_changes_nothing(stand: Stand) -> None:
    plan(stand.again(), ask=True)
    text = "\n".join(stand.said)
    assert "missing: is created, with least permissions" in text
    assert "arn:aws:sts::123456789012" in text
    assert not any(everything(stand).values())
    deliver(stand.again())
    before = everything(stand)
    stand.said.clear()
    # a chosen image is known before, and so is everything that is made of it
    plan(stand.again(image="mine"), ask=True)
    text = "\n".join(stand.said)
    assert text.count("there already") == 7
    assert "serves it already" in text
    assert "0.115 USD an hour" in text
    assert text.endswith("nothing was changed")
    assert everything(stand) == before


def test_a_plan_without_credentials_asks_nobody(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("botocore.client.BaseClient._make_api_call", asked)
    plan(stand.again(), ask=False)
    text = "\n".join(stand.said)
    assert "10. SageMaker endpoint credit-risk with credit-risk-<version>" in text
    assert "s3://riskstack-models-<account>-eu-central-1/credit-risk/" in text


def test_a_plan_goes_on_where_aws_refuses(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeX")

    monkeypatch.setattr(stand.clients.ecr, "describe_repositories", refuse)
    plan(stand.again(), ask=True)
    text = "\n".join(stand.said)
    assert "AWS is not asked any further: no permission for" in text
    assert text.count("\n    ") == 3
    assert "10. SageMaker endpoint" in text


def test_an_error_of_the_push_itself_is_told_as_such() -> None:
    assert explain(TypeError("x")) == "this is an error of the push itself: TypeError('x')"


def test_the_role_may_read_this_one_model(stand: Stand) -> None:
    deliver(stand.undertaking)
    role = everything(stand)["roles"][0]
    policy = stand.clients.iam.get_role_policy(RoleName=role, PolicyName="model")
    statements = {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}  # type: ignore[index]
    design = stand.undertaking.design
    assert statements["ReadTheModel"] == {
        "Sid": "ReadTheModel",
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{design.bucket}/{design.artifact_key}",
    }
