import boto3
import pytest

from riskstack.emulator.cloudformation import create
from riskstack.emulator.physical import ExistingResources
from riskstack.emulator.template import Resolver, Template, TemplateError


@pytest.mark.usefixtures("empty_aws")
def test_everything_is_created_once(data_template: Template, data_resolver: Resolver) -> None:
    assert create(data_template, data_resolver) == [
        "table riskstack-applications created",
        "table riskstack-audit created",
        "queue riskstack-failures is there",
        "bucket riskstack-artifacts-123456789012 created",
    ]
    assert create(data_template, data_resolver) == [
        "table riskstack-applications is there",
        "table riskstack-audit is there",
        "queue riskstack-failures is there",
        "bucket riskstack-artifacts-123456789012 is there",
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
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["MessageRetentionPeriod"])
    assert attributes["Attributes"] == {"MessageRetentionPeriod": "1209600"}


@pytest.mark.parametrize(
    ("resources", "cause"),
    [
        ({"T": {"Type": "AWS::SNS::Topic"}}, "T: AWS::SNS::Topic is not emulated"),
        (
            {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q", "FifoQueue": True}}},
            "q: not emulated: FifoQueue",
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
