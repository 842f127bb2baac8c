import boto3
import pytest
from botocore.exceptions import ClientError

from deployment.kept import kept
from deployment.problem import DeploymentError
from riskstack.emulator.template import Template
from tests.conftest import ACCOUNT, REGION
from tests.deployment_stand import undertaking


@pytest.mark.usefixtures("aws")
def test_what_the_template_keeps_is_found_by_its_name(data_template: Template) -> None:
    clients = undertaking([], REGION).clients
    found = [(one.kind, one.name) for one in kept(data_template, REGION, ACCOUNT, clients)]
    assert found == [
        ("AWS::DynamoDB::Table", "riskstack-applications"),
        ("AWS::DynamoDB::Table", "riskstack-audit"),
        ("AWS::SQS::Queue", "riskstack-failures"),
        ("AWS::S3::Bucket", f"riskstack-artifacts-{ACCOUNT}-{REGION}"),
    ]
    for one in kept(data_template, REGION, ACCOUNT, clients):
        one.delete()
    assert list(kept(data_template, REGION, ACCOUNT, clients)) == []


@pytest.mark.usefixtures("empty_aws")
def test_what_nobody_can_delete_is_refused(data_template: Template) -> None:
    topic = {"Type": "AWS::SNS::Topic", "DeletionPolicy": "Retain"}
    template = Template(data_template.path, {"Resources": {"Topic": topic}})
    with pytest.raises(DeploymentError, match=r"keeps Topic, and a AWS::SNS::Topic can only"):
        list(kept(template, REGION, ACCOUNT, undertaking([], REGION).clients))


@pytest.mark.usefixtures("empty_aws")
def test_a_bucket_that_may_not_be_seen_is_not_taken_for_a_missing_one(
    data_template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = undertaking([], REGION).clients

    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "403"}}, "HeadBucket")

    monkeypatch.setattr(clients.s3, "head_bucket", refuse)
    with pytest.raises(ClientError):
        list(kept(data_template, REGION, ACCOUNT, clients))
    assert boto3.client("s3").list_buckets()["Buckets"] == []
