import pytest

from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Resource, Template, TemplateError


@pytest.mark.usefixtures("aws")
def test_every_output_of_the_data_template_is_known(
    data_template: Template, data_resolver: Resolver
) -> None:
    outputs = data_resolver.resolve(data_template.body["Outputs"])
    values = {name: output["Value"] for name, output in outputs.items()}
    assert values["ApplicationsTableName"] == "riskstack-applications"
    assert values["AuditTableName"] == "riskstack-audit"
    assert values["ArtifactBucketName"] == "riskstack-artifacts-123456789012-eu-central-1"
    assert "table/riskstack-applications/stream/" in values["ApplicationsStreamArn"]
    assert values["FailureQueueArn"].endswith(":riskstack-failures")
    assert values["FailureQueueUrl"].startswith("http")
    assert values["FailureQueueUrl"].endswith("/riskstack-failures")


EXISTING = ExistingResources(pseudo_parameters("eu-central-1", "123456789012"))


@pytest.mark.parametrize(
    ("resource", "cause"),
    [
        (Resource("Topic", "AWS::SNS::Topic", {}), "Ref of AWS::SNS::Topic is not emulated"),
        (Resource("Table", "AWS::DynamoDB::Table", {}), "needs a TableName by name"),
        (Resource("B", "AWS::S3::Bucket", {"BucketName": {"Ref": "X"}}), "needs a BucketName"),
    ],
)
def test_what_cannot_be_looked_up_is_refused(resource: Resource, cause: str) -> None:
    with pytest.raises(TemplateError, match=cause):
        EXISTING.reference(resource)


def test_an_unknown_attribute_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"Fn::GetAtt Arn of AWS::S3::Bucket"):
        EXISTING.attribute(Resource("B", "AWS::S3::Bucket", {}), "Arn")


@pytest.mark.parametrize(
    ("resource", "attribute", "value"),
    [
        (
            Resource("F", "AWS::Serverless::Function", {"FunctionName": "f"}),
            "Arn",
            "arn:aws:lambda:eu-central-1:123456789012:function:f",
        ),
        (
            Resource("G", "AWS::Logs::LogGroup", {"LogGroupName": "/aws/lambda/f"}),
            "Arn",
            "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/lambda/f:*",
        ),
        (Resource("Q", "AWS::SQS::Queue", {"QueueName": "q"}), "QueueName", "q"),
    ],
)
def test_what_follows_from_a_name_asks_nobody(
    resource: Resource, attribute: str, value: str
) -> None:
    assert EXISTING.attribute(resource, attribute) == value


def test_what_the_app_template_declares_by_name_is_referred_to_by_it() -> None:
    function = Resource("F", "AWS::Serverless::Function", {"FunctionName": "f"})
    group = Resource("G", "AWS::Logs::LogGroup", {"LogGroupName": {"Fn::Sub": "g-${AWS::Region}"}})
    assert EXISTING.reference(function) == "f"
    assert EXISTING.reference(group) == "g-eu-central-1"
