import boto3
import pytest

from riskstack.emulator.cloudformation import FOR_AWS_ALONE, create
from riskstack.emulator.physical import ExistingResources
from riskstack.emulator.template import Resolver, Template, TemplateError


@pytest.mark.usefixtures("empty_aws")
def test_everything_is_created_once(data_template: Template, data_resolver: Resolver) -> None:
    assert create(data_template, data_resolver) == [
        "table riskstack-applications created",
        "table riskstack-audit created",
        "queue riskstack-failures is there",
        f"FailureQueuePolicy is for AWS alone: {FOR_AWS_ALONE['AWS::SQS::QueuePolicy']}",
        "bucket riskstack-artifacts-123456789012-eu-central-1 created",
        f"ArtifactBucketPolicy is for AWS alone: {FOR_AWS_ALONE['AWS::S3::BucketPolicy']}",
    ]
    assert create(data_template, data_resolver) == [
        "table riskstack-applications is there",
        "table riskstack-audit is there",
        "queue riskstack-failures is there",
        f"FailureQueuePolicy is for AWS alone: {FOR_AWS_ALONE['AWS::SQS::QueuePolicy']}",
        "bucket riskstack-artifacts-123456789012-eu-central-1 is there",
        f"ArtifactBucketPolicy is for AWS alone: {FOR_AWS_ALONE['AWS::S3::BucketPolicy']}",
    ]


@pytest.mark.usefixtures("aws")
def test_what_is_created_is_what_is_declared() -> None:
    dynamodb = boto3.client("dynamodb")
    table = dynamodb.describe_table(TableName="riskstack-applications")["Table"]
    assert table["StreamSpecification"] == {
        "StreamEnabled": True,
        "StreamViewType": "NEW_AND_OLD_IMAGES",
    }
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by_status"]
    ttl = dynamodb.describe_time_to_live(TableName="riskstack-applications")
    assert ttl["TimeToLiveDescription"]["AttributeName"] == "expires_at"
    sqs = boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]
    attributes = sqs.get_queue_attributes(
        QueueUrl=url,
        AttributeNames=["MessageRetentionPeriod", "SqsManagedSseEnabled", "VisibilityTimeout"],
    )
    assert attributes["Attributes"] == {
        "MessageRetentionPeriod": "1209600",
        "SqsManagedSseEnabled": "true",
        "VisibilityTimeout": "300",
    }
    assert sqs.list_queue_tags(QueueUrl=url)["Tags"] == {"application": "riskstack"}


@pytest.mark.usefixtures("aws")
def test_tables_can_be_restored_to_any_moment_and_have_their_tags() -> None:
    dynamodb = boto3.client("dynamodb")
    for name in ("riskstack-applications", "riskstack-audit"):
        backups = dynamodb.describe_continuous_backups(TableName=name)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        table = dynamodb.describe_table(TableName=name)["Table"]
        # a key that AWS owns is not told of
        assert "SSEDescription" not in table
        tags = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        assert tags == [{"Key": "application", "Value": "riskstack"}]


@pytest.mark.usefixtures("aws")
def test_the_bucket_is_encrypted_and_closed() -> None:
    s3 = boto3.client("s3")
    bucket = "riskstack-artifacts-123456789012-eu-central-1"
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    access = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert all(access.values())
    assert len(access) == 4
    (owner,) = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owner == {"ObjectOwnership": "BucketOwnerEnforced"}
    tags = s3.get_bucket_tagging(Bucket=bucket)["TagSet"]
    assert tags == [{"Key": "application", "Value": "riskstack"}]


@pytest.mark.usefixtures("aws")
def test_what_can_be_set_at_any_time_is_set_again(
    data_template: Template, data_resolver: Resolver
) -> None:
    dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")
    url = sqs.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    dynamodb.update_continuous_backups(
        TableName="riskstack-audit",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False},
    )
    create(data_template, data_resolver)
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert attributes["Attributes"] == {"VisibilityTimeout": "300"}
    backups = dynamodb.describe_continuous_backups(TableName="riskstack-audit")
    recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"


@pytest.mark.usefixtures("empty_aws")
def test_a_resource_whose_condition_does_not_hold_is_not_created(data_template: Template) -> None:
    queue = {"Type": "AWS::SQS::Queue", "Condition": "No", "Properties": {"QueueName": "q"}}
    body = {"Conditions": {"No": {"Fn::Equals": [1, 2]}}, "Resources": {"Q": queue}}
    template = Template(data_template.path, body)
    assert create(template, Resolver(template, ExistingResources({}), {})) == []


@pytest.mark.parametrize(
    ("resources", "cause"),
    [
        ({"T": {"Type": "AWS::SNS::Topic"}}, "T: AWS::SNS::Topic is not emulated"),
        (
            {
                "T": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {"TableName": "t", "SSESpecification": {"SSEType": "KMS"}},
                }
            },
            "T: not emulated: SSESpecification.SSEType; remove it",
        ),
        (
            {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "b", "Logging": {}}}},
            "B: not emulated: Logging; remove it",
        ),
        (
            {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q", "FifoQueue": True}}},
            "Q: not emulated: FifoQueue",
        ),
    ],
)
@pytest.mark.usefixtures("empty_aws")
def test_what_is_not_emulated_is_refused(
    data_template: Template, resources: dict[str, object], cause: str
) -> None:
    template = Template(data_template.path, {"Resources": resources})
    with pytest.raises(TemplateError, match=cause):
        create(template, Resolver(template, ExistingResources({}), {}))
