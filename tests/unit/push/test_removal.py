import pytest

from push.delivery import deliver
from push.design import REPOSITORY
from push.problem import PushError
from push.remains import Target
from push.removal import remove
from tests.unit.push.stand import ACCOUNT, REGION, Stand
from tests.unit.push.test_delivery import NEW_IMAGE, everything, new_image

TARGET = Target(
    "credit-risk", "credit-risk", ("credit-risk",), (f"riskstack-models-{ACCOUNT}-{REGION}",)
)
NEW_TAG = f"push-{NEW_IMAGE.id[7:23]}"


def take_away(stand: Stand, *, dry_run: bool = False) -> list[str]:
    said: list[str] = []
    remove(TARGET, stand.clients, said.append, dry_run=dry_run)
    return said


def test_everything_of_every_version_is_removed(stand: Stand) -> None:
    deliver(stand.undertaking)
    new_image(stand)
    deliver(stand.again())
    said = take_away(stand)
    assert not any(everything(stand).values())
    kinds = [line.rpartition(" ")[0] for line in said[:-1]]
    assert kinds == [
        "remove endpoint",
        *["remove endpoint configuration"] * 2,
        *["remove model"] * 2,
        "remove model data",
        "remove bucket",
        "remove repository",
        "remove execution role",
    ]
    assert "aws logs delete-log-group" in said[-1]


def test_what_would_be_removed_is_said_and_stays(stand: Stand) -> None:
    deliver(stand.undertaking)
    before = everything(stand)
    said = take_away(stand, dry_run=True)
    assert everything(stand) == before
    assert sum(line.startswith("would remove") for line in said) == 7


def test_nothing_to_remove_is_said(stand: Stand) -> None:
    assert take_away(stand) == ["there is nothing that a push has made"]


def test_what_no_push_made_stays(stand: Stand) -> None:
    aws = stand.clients
    aws.ecr.create_repository(repositoryName=REPOSITORY)
    aws.s3.create_bucket(
        Bucket="mine", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    for key in ("credit-risk/mine", "other"):
        aws.s3.put_object(Bucket="mine", Key=key, Body=b"x")
    role = aws.iam.create_role(
        RoleName="mine", AssumeRolePolicyDocument=stand.undertaking.design.trust_policy
    )["Role"]["Arn"]
    # its name is like that of a version, its tags are not
    aws.sagemaker.create_model(ModelName="credit-risk-mine", ExecutionRoleArn=role)
    for tag in ("mine", NEW_TAG):
        manifest = f'{{"schemaVersion": 2, "mediaType": "x", "config": {{"digest": "{tag}"}}}}'
        aws.ecr.put_image(repositoryName=REPOSITORY, imageTag=tag, imageManifest=manifest)
    before = everything(stand)
    deliver(stand.again(bucket="mine", role_arn=role))
    take_away(stand)
    assert everything(stand) == before
    keys = [one["Key"] for one in aws.s3.list_objects_v2(Bucket="mine")["Contents"]]
    assert keys == ["credit-risk/mine", "other"]
    # images have no tags but names, and a push's begin with its own
    tags = aws.ecr.list_images(repositoryName=REPOSITORY)["imageIds"]
    assert [one.get("imageTag") for one in tags] == ["mine"]


def test_a_bucket_with_what_is_not_a_pushs_stays(stand: Stand) -> None:
    deliver(stand.undertaking)
    (bucket,) = TARGET.buckets
    stand.clients.s3.put_object(Bucket=bucket, Key="other", Body=b"x")
    take_away(stand)
    found = stand.clients.s3.list_objects_v2(Bucket=bucket)["Contents"]
    assert [one["Key"] for one in found] == ["other"]


def test_an_endpoint_that_was_there_before_keeps_what_it_serves(stand: Stand) -> None:
    sagemaker = stand.clients.sagemaker
    sagemaker.create_model(ModelName="old", ExecutionRoleArn="arn:aws:iam::1:role/x")
    variant = {"VariantName": "A", "ModelName": "old", "InstanceType": "ml.m5.large"}
    sagemaker.create_endpoint_config(EndpointConfigName="old", ProductionVariants=[variant])  # type: ignore[list-item] # as AWS takes it
    sagemaker.create_endpoint(EndpointName="credit-risk", EndpointConfigName="old")
    deliver(stand.undertaking)
    before = everything(stand)
    with pytest.raises(PushError, match="was there before any push"):
        take_away(stand)
    assert everything(stand) == before
    sagemaker.update_endpoint(EndpointName="credit-risk", EndpointConfigName="old")
    take_away(stand)
    assert everything(stand) == {
        "repositories": [],
        "buckets": [],
        "roles": [],
        "models": ["old"],
        "configs": ["old"],
        "endpoints": ["credit-risk"],
    }
