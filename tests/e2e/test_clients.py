"""Stock boto3 clients against the running stack."""

import json
from collections.abc import Callable

import pytest
from botocore.exceptions import ClientError

from riskstack.contract.features import FEATURES, csv_row, vector
from seed.render import chat, phone
from seed.render.request import Request
from seed.samples import samples
from tests.running_stack import RunningStack

ANSWERS = next(samples())


def test_lambda_invokes_the_etl_function_with_a_lex_event(stack: RunningStack) -> None:
    answer = stack.client("lambda").invoke(
        FunctionName="riskstack-etl",
        Payload=json.dumps(chat.event(ANSWERS, "invoked-directly")).encode(),
    )
    assert answer["StatusCode"] == 200
    assert "FunctionError" not in answer
    reply = json.loads(answer["Payload"].read())
    assert reply["sessionState"]["dialogAction"]["type"] == "Close"
    assert reply["sessionState"]["intent"]["state"] == "Fulfilled"


def test_lambda_invokes_the_etl_function_with_a_connect_event(stack: RunningStack) -> None:
    answer = stack.client("lambda").invoke(
        FunctionName="riskstack-etl",
        Payload=json.dumps(phone.event(ANSWERS, "invoked-directly")).encode(),
    )
    reply = json.loads(answer["Payload"].read())
    assert all(isinstance(value, str) for value in reply.values())
    assert stack.outcome(reply["application_id"])["channel"] == "phone"


def test_dynamodb_and_its_stream(stack: RunningStack, sample: Callable[..., Request]) -> None:
    application_id = stack.submit(sample())["application_id"]
    stack.outcome(application_id)
    table = stack.client("dynamodb").describe_table(TableName="riskstack-applications")["Table"]
    streams = stack.client("dynamodbstreams")
    arn = table["LatestStreamArn"]
    shards = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shards[0]["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    seen: list[str] = []
    while seen.count(application_id) != 2:
        page = streams.get_records(ShardIterator=iterator)
        assert page["Records"], f"{application_id} is not in the stream twice: {seen}"
        seen += [r["dynamodb"]["Keys"]["application_id"]["S"] for r in page["Records"]]
        iterator = page["NextShardIterator"]


def test_sqs_has_the_failure_queue(stack: RunningStack) -> None:
    sqs = stack.client("sqs")
    url = sqs.get_queue_url(QueueName="riskstack-failures")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    assert attributes["Attributes"]["QueueArn"].endswith(":riskstack-failures")


def test_s3_has_the_bucket(stack: RunningStack) -> None:
    buckets = stack.client("s3").list_buckets()["Buckets"]
    assert any(bucket["Name"].startswith("riskstack-artifacts-") for bucket in buckets)


def test_sagemaker_runtime_scores_and_explains(stack: RunningStack) -> None:
    answer = stack.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="credit-risk",
        ContentType="text/csv",
        Accept="application/json",
        CustomAttributes="explain=contributions",
        Body=csv_row(vector(ANSWERS)),
    )
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    (prediction,) = json.loads(answer["Body"].read())["predictions"]
    assert 0 < prediction["score"] < 1
    assert len(prediction["contributions"]) == len(FEATURES)


def test_sagemaker_runtime_refuses_as_aws_does(stack: RunningStack) -> None:
    runtime = stack.client("sagemaker-runtime", retries={"total_max_attempts": 1})
    with pytest.raises(ClientError) as unknown:
        runtime.invoke_endpoint(EndpointName="nobody", ContentType="text/csv", Body="1")
    assert unknown.value.response["Error"]["Code"] == "ValidationError"
    row = ",".join(["none", *["0"] * (len(FEATURES) - 1)])
    with pytest.raises(ClientError) as refused:
        runtime.invoke_endpoint(EndpointName="credit-risk", ContentType="text/csv", Body=row)
    assert refused.value.response["Error"]["Code"] == "ModelError"
    assert refused.value.response["OriginalStatusCode"] == 415  # type: ignore[typeddict-item] # the model's own member
