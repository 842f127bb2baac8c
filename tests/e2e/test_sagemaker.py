"""A whole life of an endpoint in the running stack, by stock clients of SageMaker."""

import io
import json
import subprocess
import sys
import tarfile
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from riskstack.contract.features import csv_row, vector
from seed.samples import samples
from stack.settings import BUILD
from tests.running_stack import RunningStack, wait_for

ROW = csv_row(vector(next(samples())))
BUCKET = "riskstack-test-models"
WAITER = {"Delay": 1, "MaxAttempts": 180}


@pytest.fixture(scope="module")
def archive() -> bytes:
    """The stack's own model as SageMaker takes it: a model.tar.gz."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        tar.add(BUILD / "model" / "model" / "xgboost-model", "xgboost-model")
    return content.getvalue()


@pytest.fixture
def model_url(stack: RunningStack, archive: bytes) -> str:
    s3 = stack.client("s3")
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        region = stack.settings.values["AWS_DEFAULT_REGION"]
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket=BUCKET, Key="model.tar.gz", Body=archive)
    return f"s3://{BUCKET}/model.tar.gz"


class Life:
    """An endpoint that a test creates, under a name of its own."""

    def __init__(self, stack: RunningStack, model_url: str) -> None:
        self.name = f"life-{uuid.uuid4().hex[:8]}"
        self.sagemaker = stack.client("sagemaker")
        self.runtime = stack.client("sagemaker-runtime")
        self.scaling = stack.client("application-autoscaling")
        self._image = stack.settings.values["MODEL_SERVER_IMAGE"]
        self._model_url = model_url

    def config(self, suffix: str, *weights: float, **members: Any) -> str:  # noqa: ANN401 - any member
        """Create a model and a configuration with a variant for each weight; give its name."""
        name = f"{self.name}-{suffix}"
        self.sagemaker.create_model(
            ModelName=name,
            PrimaryContainer={"Image": self._image, "ModelDataUrl": self._model_url},
            ExecutionRoleArn="arn:aws:iam::000000000000:role/anything",
        )
        self.sagemaker.create_endpoint_config(
            EndpointConfigName=name,
            ProductionVariants=[
                {
                    "VariantName": f"v{number}",
                    "ModelName": name,
                    "InitialInstanceCount": 1,
                    "InstanceType": "ml.m5.large",
                    "InitialVariantWeight": weight,
                }
                for number, weight in enumerate(weights)
            ],
            **members,
        )
        return name

    def serve(self, config: str) -> None:
        """Create the endpoint, or update it, and wait until it is in service."""
        exists = self.name in {
            e["EndpointName"] for e in self.sagemaker.list_endpoints()["Endpoints"]
        }
        change = self.sagemaker.update_endpoint if exists else self.sagemaker.create_endpoint
        change(EndpointName=self.name, EndpointConfigName=config)
        self.wait()

    def wait(self) -> None:
        """Wait until the endpoint is in service."""
        self.sagemaker.get_waiter("endpoint_in_service").wait(
            EndpointName=self.name, WaiterConfig=WAITER
        )

    def invoke(self, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - any member
        """Score one row."""
        answer: dict[str, Any] = self.runtime.invoke_endpoint(
            EndpointName=self.name, ContentType="text/csv", Body=ROW, **members
        )
        return answer

    def instances(self, variant: str = "v0") -> int:
        """Count the instances of a variant."""
        description = self.sagemaker.describe_endpoint(EndpointName=self.name)
        (found,) = (v for v in description["ProductionVariants"] if v["VariantName"] == variant)
        count: int = found["CurrentInstanceCount"]
        return count

    def end(self) -> None:
        """Delete the endpoint and wait until it is gone."""
        self.sagemaker.delete_endpoint(EndpointName=self.name)
        self.sagemaker.get_waiter("endpoint_deleted").wait(
            EndpointName=self.name, WaiterConfig=WAITER
        )


@pytest.fixture
def life(stack: RunningStack, model_url: str) -> Iterator[Life]:
    life = Life(stack, model_url)
    yield life
    life.end()


def test_created_invoked_updated_and_weighed(life: Life) -> None:
    life.serve(life.config("one", 1.0))
    score = float(life.invoke(Accept="text/csv")["Body"].read())
    assert 0 < score < 1

    stop = threading.Event()
    failures: list[str] = []

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                life.invoke()["Body"].read()
            except Exception as error:  # noqa: BLE001 - whatever it is, it was dropped
                failures.append(repr(error))

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        life.serve(life.config("two", 0.9, 0.1))
        life.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=life.name,
            DesiredWeightsAndCapacities=[
                {"VariantName": "v0", "DesiredWeight": 90},
                {"VariantName": "v1", "DesiredWeight": 10},
            ],
        )
        life.wait()
    finally:
        stop.set()
        asking.join()
    assert failures == []

    seen = Counter(life.invoke()["InvokedProductionVariant"] for _ in range(500))
    # 500 at one in ten: four standard deviations are 27
    assert 23 <= seen["v1"] <= 77
    assert life.invoke(TargetVariant="v1")["InvokedProductionVariant"] == "v1"


def test_answers_as_a_stream(life: Life) -> None:
    life.serve(life.config("stream", 1.0))

    answer = life.runtime.invoke_endpoint_with_response_stream(
        EndpointName=life.name, ContentType="text/csv", Accept="text/csv", Body=ROW
    )

    streamed = b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"])
    assert float(streamed) == float(life.invoke(Accept="text/csv")["Body"].read())


def test_answers_later_in_s3(stack: RunningStack, life: Life) -> None:
    s3 = stack.client("s3")
    s3.put_object(Bucket=BUCKET, Key="input.csv", Body=ROW)
    output = {"S3OutputPath": f"s3://{BUCKET}/{life.name}"}
    life.serve(life.config("async", 1.0, AsyncInferenceConfig={"OutputConfig": output}))

    accepted = life.runtime.invoke_endpoint_async(
        EndpointName=life.name, ContentType="text/csv", InputLocation=f"s3://{BUCKET}/input.csv"
    )

    assert accepted["ResponseMetadata"]["HTTPStatusCode"] == 202
    key = accepted["OutputLocation"].removeprefix(f"s3://{BUCKET}/")
    content = wait_for(lambda: _object(s3, key), 60.0, f"{key} never came")
    assert 0 < float(content) < 1


def test_what_is_captured_is_in_s3(stack: RunningStack, life: Life) -> None:
    capture = {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{BUCKET}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
    }
    life.serve(life.config("capture", 1.0, DataCaptureConfig=capture))
    life.invoke(InferenceId="captured-1")

    s3 = stack.client("s3")
    prefix = f"captured/{life.name}/v0/"

    def found() -> dict[str, Any] | None:
        keys = [
            o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())
        ]
        if not keys:
            return None
        line: dict[str, Any] = json.loads(_object(s3, keys[0]) or b"")
        return line

    line = wait_for(found, 120.0, "nothing was captured")
    assert line["captureData"]["endpointInput"]["data"] == ROW
    assert line["eventMetadata"]["inferenceId"] == "captured-1"


def test_scaled_out_under_load_and_in_again(life: Life) -> None:
    life.serve(life.config("scaled", 1.0))
    target = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": f"endpoint/{life.name}/variant/v0",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    life.scaling.register_scalable_target(**target, MinCapacity=1, MaxCapacity=2)
    life.scaling.put_scaling_policy(
        **target,
        PolicyName="invocations",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 20.0,
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
            },
            "ScaleOutCooldown": 1,
            "ScaleInCooldown": 1,
        },
    )

    def asked() -> bool | None:
        life.invoke()["Body"].read()
        return (life.instances() == 2) or None

    wait_for(asked, 180.0, "it never scaled out")
    wait_for(lambda: (life.instances() == 1) or None, 300.0, "it never scaled in again")
    life.scaling.deregister_scalable_target(**target)


def test_a_killed_hosting_serves_on(stack: RunningStack, life: Life) -> None:
    life.serve(life.config("killed", 1.0))
    before = life.invoke(Accept="text/csv")["Body"].read()

    stack.kill("hosting")

    def answered() -> bytes | None:
        try:
            content: bytes = life.invoke(Accept="text/csv")["Body"].read()
        except (BotoCoreError, ClientError):
            return None
        return content

    assert wait_for(answered, 120.0, "it never answered again") == before
    life.wait()


def test_the_aws_cli_sees_the_same(stack: RunningStack, life: Life, tmp_path: Path) -> None:
    life.serve(life.config("cli", 1.0))

    def aws(*arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [sys.executable, "-m", "awscli", *arguments, "--output", "json"],
            env={"PATH": "", **stack.settings.exports()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    described = aws("sagemaker", "describe-endpoint", "--endpoint-name", life.name)
    assert described["EndpointStatus"] == "InService"
    body, output = tmp_path / "row.csv", tmp_path / "score.csv"
    body.write_text(ROW)
    name, content = ("--endpoint-name", life.name), ("--body", f"fileb://{body}")
    kind = ("--content-type", "text/csv")
    invoked = aws("sagemaker-runtime", "invoke-endpoint", *name, *kind, *content, str(output))
    assert invoked["InvokedProductionVariant"] == "v0"
    assert 0 < float(output.read_text()) < 1


def _object(s3: Any, key: str) -> bytes | None:  # noqa: ANN401 - a client of boto3
    """Read an object, or give None where it is not there yet."""
    try:
        content: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
    return content
