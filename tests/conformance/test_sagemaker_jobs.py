"""Jobs against an unmodified boto3 client: real processes in the place of containers, moto's S3.

Answers are checked against botocore's output shapes. Sources of AWS's words and layouts stand in
hosting's modules; the waiters are botocore's own, only their delays are shorter.
"""

import contextlib
import gzip
import io
import json
import os
import sys
import tarfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import boto3
import botocore.session
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, WaiterError
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from starlette.applications import Starlette
from starlette.routing import Route

from hosting.control import models
from hosting.control.arn import Owner
from hosting.control.json_protocol import JsonProtocol, Service
from hosting.control.registry import Registry
from hosting.control.tags import Tags
from hosting.fleet.model_data import ModelData
from hosting.fleet.processes import ProcessFleet
from hosting.jobs.jobs import Jobs
from hosting.jobs.objects import Objects
from hosting.jobs.transform import job as transform_job
from hosting.jobs.workplace import Workplace
from hosting.store import Store
from tests.hosting_stand import ReadableLog, served, wait_until

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import WaiterConfigTypeDef

ACCOUNT = "123456789012"
REGION: Literal["eu-central-1"] = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/jobs"
BUCKET = "jobs"
SCRIPT_IMAGE = "script:latest"
WAITER: "WaiterConfigTypeDef" = {
    "Delay": 0.05,  # type: ignore[typeddict-item] # botocore only sleeps for it
    "MaxAttempts": 1200,
}
MODEL_SERVER_IMAGE = "model-server:latest"

SCRIPT = '''
"""An image of which a hyperparameter or a variable says what it is to do."""

import json, os, pathlib, signal, sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ml = pathlib.Path(os.environ["SAGEMAKER_BASE_DIR"])


def train():
    settings = json.loads((ml / "input/config/hyperparameters.json").read_text())
    (ml / "model/seen.json").write_text(json.dumps({
        "config": {p.name: json.loads(p.read_text()) for p in (ml / "input/config").iterdir()},
        "data": {
            p.relative_to(ml / "input/data").as_posix(): p.read_text()
            for p in (ml / "input/data").rglob("*") if p.is_file()
        },
        "checkpoints": sorted(p.name for p in (ml / "checkpoints").iterdir()),
        "environment": dict(os.environ),
    }))
    (ml / "output/data/report.txt").write_text("report")
    (ml / "checkpoints/last").write_text("2")
    if settings.get("wait"):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        (ml / "model/waits").write_text("yes")
        signal.pause()
    print("[0] train-auc:0.5 loss=nan", flush=True)
    print("[1] train-auc:0.75 loss=0.25", file=sys.stderr, flush=True)
    if "failure" in settings:
        (ml / "output/failure").write_text(settings["failure"])
        sys.exit(int(settings["exit"]))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        parameters = os.environ.get("PARAMETERS")
        if self.path == "/ping":
            self.answer(200)
        elif self.path == "/execution-parameters" and parameters:
            self.answer(200, parameters.encode())
        else:
            self.answer(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"bad" in body:
            self.answer(415, b"bad row")
        elif b"environment" in body:
            self.answer(200, json.dumps(dict(os.environ)).encode())
        elif b"wait" in body:
            signal.pause()
        else:
            lines = body.split(b"\\n")
            # how many records came, then twice each first cell
            cells = [str(2 * float(line.split(b",")[0])).encode() for line in lines]
            counted = os.environ.get("COUNT") == "yes"
            self.answer(200, b"%d" % len(lines) if counted else b"\\n".join(cells))


if sys.argv[1:] == ["train"]:
    train()
elif "BROKEN" in os.environ:
    sys.exit("no such model")
elif "SLOW" in os.environ:
    signal.pause()
else:
    port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
'''


@pytest.fixture(scope="session")
def model() -> ServiceModel:
    """What botocore knows of the API."""
    return botocore.session.get_session().get_service_model("sagemaker")


@pytest.fixture
def s3(empty_aws: str) -> "S3Client":
    client = boto3.client("s3", endpoint_url=empty_aws)
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


class Hosting:
    """Hosting as far as jobs need it; `serving` is one life of its process."""

    def __init__(self, folder: Path, s3: "S3Client", model: ServiceModel) -> None:
        script = folder / "script.py"
        script.write_text(SCRIPT)
        images = {
            SCRIPT_IMAGE: (sys.executable, str(script)),
            MODEL_SERVER_IMAGE: (sys.executable, "-m", "model_server"),
        }
        self._model = model
        self._s3 = s3
        self._folder = folder
        inherited = {"PATH": os.environ["PATH"]}
        self._fleet = ProcessFleet(images, inherited, folder / "fleet", ModelData(lambda: s3))

    @contextlib.contextmanager
    def serving(self) -> Iterator["SageMakerClient"]:
        store = Store(self._folder / "store")
        registry = Registry(
            store=store,
            owner=Owner(ACCOUNT, REGION),
            tags=Tags(store),
            clock=time.time,
            given=("running",),
            instance_limit=1,
        )
        log = ReadableLog().logger
        workplace = Workplace(
            registry=registry,
            fleet=self._fleet,
            objects=Objects(lambda: self._s3),
            folder=self._folder / "work",
            log=log,
        )
        jobs = Jobs(workplace)

        @asynccontextmanager
        async def lifespan(_app: Starlette) -> AsyncIterator[None]:
            async with jobs.running():
                yield
            await self._fleet.close()

        operations = {
            **models.Models(registry).operations(),
            **registry.tags.operations(),
            **jobs.operations(),
        }
        protocol = JsonProtocol([Service(self._model, operations)], log)

        routes = [Route("/", protocol.answer, methods=["POST"])]
        app = Starlette(routes=routes, lifespan=lifespan)
        with served(app) as url:
            client = boto3.client("sagemaker", endpoint_url=url)
            validate_answers(client, self._model)
            yield client


@pytest.fixture
def hosting(
    tmp_path: Path, s3: "S3Client", model: ServiceModel, monkeypatch: pytest.MonkeyPatch
) -> Hosting:
    monkeypatch.setattr(transform_job, "PING_INTERVAL_S", 0.05)
    return Hosting(tmp_path, s3, model)


@pytest.fixture
def sagemaker(hosting: Hosting) -> Iterator["SageMakerClient"]:
    with hosting.serving() as client:
        yield client


def validate_answers(client: BaseClient, model: ServiceModel) -> None:
    """Check every answer of a client against the output shape of its operation."""

    def check(parsed: dict[str, Any], model: OperationModel, **_: object) -> None:
        if "Error" not in parsed and model.output_shape:
            fits(model.output_shape, parsed)

    assert model.service_name == "sagemaker"
    client.meta.events.register("after-call.sagemaker", check)


def fits(shape: Shape, value: Any) -> None:  # noqa: ANN401 - whatever a shape is of
    """Check what boto3's parser does not: that what is required is there, and values of enums."""
    if isinstance(shape, StructureShape):
        assert set(shape.required_members) <= value.keys(), f"{shape.name}: {value}"
        for name, member in value.items():
            if name in shape.members:
                fits(shape.members[name], member)
    elif isinstance(shape, ListShape):
        for item in value:
            fits(shape.member, item)
    elif isinstance(shape, MapShape):
        for item in value.values():
            fits(shape.value, item)
    elif "enum" in shape.metadata:
        assert value in shape.metadata["enum"], f"{shape.name}: {value}"
    elif "max" in shape.metadata and isinstance(value, str):
        assert len(value) <= shape.metadata["max"], f"{shape.name}: {value}"


def training_request(name: str = "train-1", **changes: object) -> dict[str, Any]:
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {"TrainingImage": SCRIPT_IMAGE, "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "ResourceConfig": {
            "InstanceType": "ml.m5.large",
            "InstanceCount": 1,
            "VolumeSizeInGB": 10,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **changes,
    }


def channel(name: str, uri: str, **changes: object) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **changes}


def put(s3: "S3Client", **objects: str | bytes) -> None:
    """Store objects; in a name, `__` is a slash and `_` a dot."""
    for name, content in objects.items():
        key = name.replace("__", "/").replace("_", ".")
        body = content.encode() if isinstance(content, str) else content
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def body(s3: "S3Client", key: str) -> bytes:
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def keys(s3: "S3Client", prefix: str = "") -> set[str]:
    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {each["Key"] for each in listed}


def archived(s3: "S3Client", key: str) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(body(s3, key))) as archive:
        files = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read() for name, file in files.items() if file}


def wait_for_training(sagemaker: "SageMakerClient", name: str = "train-1") -> None:
    sagemaker.get_waiter("training_job_completed_or_stopped").wait(
        TrainingJobName=name, WaiterConfig=WAITER
    )


def wait_for_transform(sagemaker: "SageMakerClient", name: str = "transform-1") -> None:
    sagemaker.get_waiter("transform_job_completed_or_stopped").wait(
        TransformJobName=name, WaiterConfig=WAITER
    )


def refusal(call: Callable[[], object]) -> tuple[str, str]:
    """Give code and message of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call()
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


class TestTraining:
    def test_a_job_from_its_channels_to_its_artifacts(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, data__train__a_csv="1,2\n", data__train__more__b_csv="0,3\n", data__trainer="no")
        put(s3, one_csv="1,1\n", saved__first="1")
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/train-1"
        request = training_request(
            HyperParameters={"num_round": "5"},
            InputDataConfig=[
                channel("train", f"s3://{BUCKET}/data/train/", ContentType="text/csv"),
                channel("one", f"s3://{BUCKET}/one.csv", InputMode="FastFile"),
            ],
            CheckpointConfig={"S3Uri": f"s3://{BUCKET}/saved"},
            Environment={"MINE": "yes"},
            Tags=[{"Key": "team", "Value": "risk"}],
        )
        request["AlgorithmSpecification"]["MetricDefinitions"] = [
            {"Name": "train:auc", "Regex": "train-auc:([0-9.]+)"},
            {"Name": "loss", "Regex": r"loss=(\S+)"},
            {"Name": "absent", "Regex": "absent=(.*?);"},
        ]
        assert sagemaker.create_training_job(**request)["TrainingJobArn"] == arn
        wait_for_training(sagemaker)

        job = sagemaker.describe_training_job(TrainingJobName="train-1")
        assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Completed"
        assert [each["Status"] for each in job["SecondaryStatusTransitions"]] == [
            "Starting",
            "Downloading",
            "Training",
            "Uploading",
            "Completed",
        ]
        assert all("EndTime" in each for each in job["SecondaryStatusTransitions"])
        assert job["TrainingStartTime"] <= job["TrainingEndTime"]
        metrics = {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}
        assert metrics == {"train:auc": 0.75, "loss": 0.25}
        artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
        assert artifact == f"s3://{BUCKET}/out/train-1/output/model.tar.gz"
        for member in ("InputDataConfig", "HyperParameters", "Environment", "RoleArn"):
            assert job[member] == request[member]

        seen = json.loads(archived(s3, "out/train-1/output/model.tar.gz")["seen.json"])
        assert seen["data"] == {
            "train/a.csv": "1,2\n",
            "train/more/b.csv": "0,3\n",
            "one/one.csv": "1,1\n",
        }
        assert seen["config"]["hyperparameters.json"] == {"num_round": "5"}
        assert seen["config"]["inputdataconfig.json"] == {
            "train": {
                "ContentType": "text/csv",
                "TrainingInputMode": "File",
                "S3DistributionType": "FullyReplicated",
                "RecordWrapperType": "None",
            },
            "one": {
                "TrainingInputMode": "File",
                "S3DistributionType": "FullyReplicated",
                "RecordWrapperType": "None",
            },
        }
        resources = seen["config"]["resourceconfig.json"]
        assert (resources["current_host"], resources["hosts"]) == ("algo-1", ["algo-1"])
        assert resources["network_interface_name"] == "eth0"
        assert seen["config"]["checkpointconfig.json"]["LocalPath"] == "/opt/ml/checkpoints/"
        assert seen["environment"]["TRAINING_JOB_NAME"] == "train-1"
        assert seen["environment"]["TRAINING_JOB_ARN"] == arn
        assert seen["environment"]["MINE"] == "yes"
        assert seen["checkpoints"] == ["first"]
        assert body(s3, "saved/last") == b"2"
        assert archived(s3, "out/train-1/output/output.tar.gz") == {"report.txt": b"report"}
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == request["Tags"]

    def test_what_the_image_says_of_its_failure_is_the_reason(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        settings = {"failure": f"no rows{'.' * 2000}", "exit": "3"}
        sagemaker.create_training_job(**training_request(HyperParameters=settings))
        with pytest.raises(WaiterError):
            wait_for_training(sagemaker)
        job = sagemaker.describe_training_job(TrainingJobName="train-1")
        assert job["TrainingJobStatus"] == "Failed"
        assert job["FailureReason"].startswith("AlgorithmError: no rows")
        assert len(job["FailureReason"]) == 1024
        assert "out/train-1/output/output.tar.gz" in keys(s3)

    def test_a_stop_lets_the_image_save_its_model(
        self, sagemaker: "SageMakerClient", s3: "S3Client", tmp_path: Path
    ) -> None:
        sagemaker.create_training_job(**training_request(HyperParameters={"wait": "yes"}))
        wait_until((tmp_path / "work/training-job/train-1/ml/model/waits").exists)
        sagemaker.stop_training_job(TrainingJobName="train-1")
        wait_for_training(sagemaker)
        job = sagemaker.describe_training_job(TrainingJobName="train-1")
        assert job["TrainingJobStatus"] == job["SecondaryStatus"] == "Stopped"
        assert "Stopping" in [each["Status"] for each in job["SecondaryStatusTransitions"]]
        assert "waits" in archived(s3, "out/train-1/output/model.tar.gz")
        assert refusal(lambda: sagemaker.stop_training_job(TrainingJobName="train-1")) == (
            "ValidationException",
            "The request was rejected because the training job is in status Stopped.",
        )

    def test_a_job_that_takes_too_long_is_stopped(self, sagemaker: "SageMakerClient") -> None:
        request = training_request(
            HyperParameters={"wait": "yes"}, StoppingCondition={"MaxRuntimeInSeconds": 1}
        )
        sagemaker.create_training_job(**request)
        wait_for_training(sagemaker)
        job = sagemaker.describe_training_job(TrainingJobName="train-1")
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == (
            "Stopped",
            "MaxRuntimeExceeded",
        )

    def test_an_image_that_is_not_there_fails_the_job(self, sagemaker: "SageMakerClient") -> None:
        request = training_request()
        request["AlgorithmSpecification"]["TrainingImage"] = "absent:1"
        sagemaker.create_training_job(**request)
        with pytest.raises(WaiterError):
            wait_for_training(sagemaker)
        reason = sagemaker.describe_training_job(TrainingJobName="train-1")["FailureReason"]
        assert "absent:1" in reason

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            (
                {"InputDataConfig": [channel("train", f"s3://{BUCKET}/odd/")]},
                "ClientError: Data download failed: the key 'odd//a.csv' is no path",
            ),
            (
                {"OutputDataConfig": {"S3OutputPath": "s3://absent/out"}},
                "ClientError: Artifact upload failed: s3://absent/out/train-1/output/model.tar.gz",
            ),
        ],
    )
    def test_what_s3_does_not_do_fails_the_job(
        self, sagemaker: "SageMakerClient", s3: "S3Client", changes: dict[str, Any], reason: str
    ) -> None:
        put(s3, odd____a_csv="1")
        sagemaker.create_training_job(**training_request(**changes))
        with pytest.raises(WaiterError):
            wait_for_training(sagemaker)
        job = sagemaker.describe_training_job(TrainingJobName="train-1")
        assert job["FailureReason"].startswith(reason)

    def test_a_restart_of_hosting_fails_what_was_under_way(
        self, hosting: Hosting, tmp_path: Path
    ) -> None:
        with hosting.serving() as sagemaker:
            sagemaker.create_training_job(**training_request(HyperParameters={"wait": "yes"}))
            wait_until((tmp_path / "work/training-job/train-1/ml/model/waits").exists)
        (tmp_path / "work/left").mkdir()
        with hosting.serving() as sagemaker:
            assert not (tmp_path / "work/left").exists()
            job = sagemaker.describe_training_job(TrainingJobName="train-1")
        assert job["TrainingJobStatus"] == "Failed"
        assert "hosting ended while the job was under way" in job["FailureReason"]

    def test_a_name_is_there_once(self, sagemaker: "SageMakerClient") -> None:
        sagemaker.create_training_job(**training_request())
        code, message = refusal(lambda: sagemaker.create_training_job(**training_request()))
        assert code == "ResourceInUse"
        assert message.startswith("Training job names must be unique")
        wait_for_training(sagemaker)

    def test_a_job_that_is_not_there(self, sagemaker: "SageMakerClient") -> None:
        missing = ("ValidationException", "Requested resource not found.")
        assert refusal(lambda: sagemaker.describe_training_job(TrainingJobName="no")) == missing
        assert refusal(lambda: sagemaker.stop_training_job(TrainingJobName="no")) == missing

    @pytest.mark.parametrize("uri", [f"s3://{BUCKET}/absent/", "s3://absent/train/"])
    def test_a_channel_without_objects(self, sagemaker: "SageMakerClient", uri: str) -> None:
        request = training_request(InputDataConfig=[channel("train", uri)])
        code, message = refusal(lambda: sagemaker.create_training_job(**request))
        assert code == "ValidationException"
        assert message.startswith(f'No S3 objects found under S3 URL "{uri}" given')

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"EnableNetworkIsolation": True}, "EnableNetworkIsolation True"),
            ({"EnableManagedSpotTraining": True}, "EnableManagedSpotTraining True"),
            ({"VpcConfig": {"SecurityGroupIds": ["a"], "Subnets": ["b"]}}, "VpcConfig"),
            ({"RetryStrategy": {"MaximumRetryAttempts": 1}}, "RetryStrategy"),
            (
                {"ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2}},
                "ResourceConfig.InstanceCount 2",
            ),
            (
                {"InputDataConfig": [channel("a", "s3://a/b", InputMode="Pipe")]},
                "InputDataConfig.InputMode Pipe",
            ),
            ({"OutputDataConfig": {"S3OutputPath": "https://a/b"}}, "OutputDataConfig"),
            (
                {
                    "AlgorithmSpecification": {
                        "TrainingImage": SCRIPT_IMAGE,
                        "TrainingInputMode": "File",
                        "MetricDefinitions": [{"Name": "auc", "Regex": "auc"}],
                    }
                },
                "AlgorithmSpecification.MetricDefinitions: the Regex of auc has no group",
            ),
            (
                {"CheckpointConfig": {"S3Uri": "s3://a/b", "LocalPath": "/tmp/x"}},  # noqa: S108 - refused
                "CheckpointConfig.LocalPath",
            ),
        ],
    )
    def test_what_is_not_kept_is_refused_by_name(
        self, sagemaker: "SageMakerClient", changes: dict[str, Any], named: str
    ) -> None:
        request = training_request(**changes)
        code, message = refusal(lambda: sagemaker.create_training_job(**request))
        assert code == "ValidationException"
        assert named in message

    def test_lists_have_filters_an_order_and_pages(self, sagemaker: "SageMakerClient") -> None:
        for name in ("b-1", "a-1", "a-2"):
            sagemaker.create_training_job(**training_request(name))
            wait_for_training(sagemaker, name)

        def listed(**request: Any) -> list[str]:  # noqa: ANN401 - any member
            answer = sagemaker.list_training_jobs(**request)
            return [each["TrainingJobName"] for each in answer["TrainingJobSummaries"]]

        assert listed() == ["b-1", "a-1", "a-2"]
        assert listed(SortBy="Name", SortOrder="Descending") == ["b-1", "a-2", "a-1"]
        assert listed(NameContains="a-", StatusEquals="Completed") == ["a-1", "a-2"]
        assert listed(StatusEquals="Failed") == []
        pages = sagemaker.get_paginator("list_training_jobs").paginate(
            PaginationConfig={"PageSize": 2}
        )
        assert [len(each["TrainingJobSummaries"]) for each in pages] == [2, 1]


def transform_request(name: str = "transform-1", **changes: object) -> dict[str, Any]:
    return {
        "TransformJobName": name,
        "ModelName": "risk",
        "TransformInput": transform_input(),
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out", "AssembleWith": "Line"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **changes,
    }


def transform_input(uri: str = f"s3://{BUCKET}/in/", **changes: object) -> dict[str, Any]:
    return {
        "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}},
        "ContentType": "text/csv",
        "SplitType": "Line",
        **changes,
    }


def create_model(sagemaker: "SageMakerClient", **container: Any) -> None:  # noqa: ANN401 - any member
    request: Any = {"Image": SCRIPT_IMAGE, **container}
    sagemaker.create_model(ModelName="risk", ExecutionRoleArn=ROLE, PrimaryContainer=request)


class TestTransform:
    def test_each_object_has_an_output_in_the_order_of_its_records(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        rows = "".join(f"{number},x\n" for number in range(50))
        put(s3, in__a_csv=rows, in__deep__b_csv="1\n2")
        create_model(sagemaker)
        request = transform_request(BatchStrategy="SingleRecord", MaxConcurrentTransforms=8)
        arn = sagemaker.create_transform_job(**request)["TransformJobArn"]
        assert arn == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job/transform-1"
        wait_for_transform(sagemaker)

        job = sagemaker.describe_transform_job(TransformJobName="transform-1")
        assert job["TransformJobStatus"] == "Completed"
        assert job["TransformStartTime"] <= job["TransformEndTime"]
        assert job["BatchStrategy"] == "SingleRecord"
        assert job["DataProcessing"] == {
            "InputFilter": "$",
            "OutputFilter": "$",
            "JoinSource": "None",
        }
        assert keys(s3, "out") == {"out/a.csv.out", "out/deep/b.csv.out"}
        doubled = "".join(f"{2.0 * number}\n" for number in range(50))
        assert body(s3, "out/a.csv.out").decode() == doubled
        assert body(s3, "out/deep/b.csv.out") == b"2.0\n4.0\n"

    @pytest.mark.parametrize(
        ("asked", "counts"),
        [
            ({}, b"3\n"),
            ({"BatchStrategy": "SingleRecord"}, b"1\n1\n1\n"),
            ({"MaxPayloadInMB": 1}, b"2\n1\n"),
        ],
    )
    def test_a_payload_holds_what_strategy_and_limit_allow(
        self,
        sagemaker: "SageMakerClient",
        s3: "S3Client",
        asked: dict[str, Any],
        counts: bytes,
    ) -> None:
        # two of these records fit into a MB
        put(s3, in__a_csv=f"1,{'x' * 500_000}\n" * 3)
        create_model(sagemaker, Environment={"COUNT": "yes"})
        sagemaker.create_transform_job(**transform_request(**asked))
        wait_for_transform(sagemaker)
        assert body(s3, "out/a.csv.out") == counts

    def test_the_container_may_say_how_it_wants_its_payloads(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv="1\n2\n")
        parameters = {"BatchStrategy": "SINGLE_RECORD", "MaxConcurrentTransforms": 8}
        create_model(sagemaker, Environment={"PARAMETERS": json.dumps(parameters), "COUNT": "yes"})
        sagemaker.create_transform_job(**transform_request())
        wait_for_transform(sagemaker)
        assert body(s3, "out/a.csv.out") == b"1\n1\n"
        # but the request comes first
        request = transform_request("transform-2", BatchStrategy="MultiRecord")
        sagemaker.create_transform_job(**request)
        wait_for_transform(sagemaker, "transform-2")
        assert body(s3, "out/a.csv.out") == b"2\n"

    def test_the_container_is_told_of_the_job(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv="environment")
        create_model(sagemaker, Environment={"A": "model", "B": "model"})
        request = transform_request(
            Environment={"B": "job"}, MaxPayloadInMB=2, TransformInput=transform_input()
        )
        sagemaker.create_transform_job(**request)
        wait_for_transform(sagemaker)
        seen = json.loads(body(s3, "out/a.csv.out"))
        assert (seen["A"], seen["B"]) == ("model", "job")
        assert seen["SAGEMAKER_BATCH"] == "true"
        assert seen["SAGEMAKER_MAX_PAYLOAD_IN_MB"] == "2"
        assert "SAGEMAKER_BATCH_STRATEGY" not in seen
        assert "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS" not in seen

    def test_the_container_is_told_what_the_job_asks_for(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        """AWS-2023:your-algorithms-batch-code: these variables are set where the user set them."""
        put(s3, in__a_csv="environment")
        create_model(sagemaker)
        request = transform_request(BatchStrategy="SingleRecord", MaxConcurrentTransforms=2)
        sagemaker.create_transform_job(**request)
        wait_for_transform(sagemaker)
        seen = json.loads(body(s3, "out/a.csv.out"))
        assert seen["SAGEMAKER_BATCH_STRATEGY"] == "SINGLE_RECORD"
        assert seen["SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"] == "2"
        assert "SAGEMAKER_MAX_PAYLOAD_IN_MB" not in seen

    def test_objects_may_be_compressed_and_sent_whole(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv_gz=gzip.compress(b"1\n2"))
        create_model(sagemaker, Environment={"COUNT": "yes"})
        source = transform_input(SplitType="None", CompressionType="Gzip")
        request = transform_request(
            TransformInput=source, TransformOutput={"S3OutputPath": f"s3://{BUCKET}/out"}
        )
        sagemaker.create_transform_job(**request)
        wait_for_transform(sagemaker)
        assert body(s3, "out/a.csv.gz.out") == b"2"

    def test_columns_go_in_and_come_out_as_asked(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv='id-1,3,"x, y"\nid-2,4,z\n')
        create_model(sagemaker)
        output = {
            "S3OutputPath": f"s3://{BUCKET}/out",
            "AssembleWith": "Line",
            "Accept": "text/csv",
        }
        processing = {"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,-1]"}
        sagemaker.create_transform_job(
            **transform_request(TransformOutput=output, DataProcessing=processing)
        )
        wait_for_transform(sagemaker)
        assert body(s3, "out/a.csv.out") == b"id-1,6.0\nid-2,8.0\n"

    def test_an_object_that_fails_fails_the_job_but_no_other_object(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv="1\nbad\n", in__b_csv="1\n")
        create_model(sagemaker)
        sagemaker.create_transform_job(**transform_request())
        with pytest.raises(WaiterError):
            wait_for_transform(sagemaker)
        job = sagemaker.describe_transform_job(TransformJobName="transform-1")
        assert job["TransformJobStatus"] == "Failed"
        assert job["FailureReason"] == (
            "ClientError: See job logs for more information. "
            f"{BUCKET}/in/a.csv: ClientError: 415, Message: bad row"
        )
        assert keys(s3, "out") == {"out/b.csv.out"}
        listed = sagemaker.list_transform_jobs(StatusEquals="Failed")["TransformJobSummaries"]
        assert [each["FailureReason"] for each in listed] == [job["FailureReason"]]

    def test_nothing_is_stored_of_a_job_that_is_stopped(
        self, sagemaker: "SageMakerClient", s3: "S3Client", tmp_path: Path
    ) -> None:
        put(s3, in__a_csv="1\n", in__b_csv="wait")
        create_model(sagemaker)
        sagemaker.create_transform_job(**transform_request())
        wait_until((tmp_path / "work/transform-job/transform-1/1.out").exists)
        sagemaker.stop_transform_job(TransformJobName="transform-1")
        wait_for_transform(sagemaker)
        job = sagemaker.describe_transform_job(TransformJobName="transform-1")
        assert job["TransformJobStatus"] == "Stopped"
        assert keys(s3, "out") == set()
        stop = lambda: sagemaker.stop_transform_job(TransformJobName="transform-1")  # noqa: E731 - said again
        assert refusal(stop) == (
            "ValidationException",
            "The request was rejected because the transform job is in status Stopped.",
        )

    def test_a_restart_of_hosting_fails_what_was_under_way(
        self, hosting: Hosting, s3: "S3Client", tmp_path: Path
    ) -> None:
        put(s3, in__a_csv="wait")
        with hosting.serving() as sagemaker:
            create_model(sagemaker)
            sagemaker.create_transform_job(**transform_request())
            wait_until((tmp_path / "work/transform-job/transform-1/0.out").exists)
        with hosting.serving() as sagemaker:
            job = sagemaker.describe_transform_job(TransformJobName="transform-1")
        assert job["TransformJobStatus"] == "Failed"
        assert "hosting ended while the job was under way" in job["FailureReason"]

    def test_a_model_that_cannot_serve_fails_the_job(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv="1")
        create_model(sagemaker, Image="absent:1")
        sagemaker.create_transform_job(**transform_request())
        with pytest.raises(WaiterError):
            wait_for_transform(sagemaker)
        reason = sagemaker.describe_transform_job(TransformJobName="transform-1")["FailureReason"]
        assert "absent:1" in reason

    @pytest.mark.parametrize(
        ("environment", "changes", "reason"),
        [
            (
                {"PARAMETERS": "none"},
                {},
                "AlgorithmError: /execution-parameters answers no JSON",
            ),
            (
                {},
                {"TransformInput": transform_input(CompressionType="Gzip")},
                "ClientError: See job logs for more information. jobs/in/a.csv: the object is not",
            ),
            (
                {},
                {"TransformOutput": {"S3OutputPath": "s3://absent/out"}},
                "ClientError: s3://absent/out/a.csv.out cannot be written",
            ),
            ({"SLOW": "yes"}, {}, "AlgorithmError: the model's container did not answer /ping"),
        ],
    )
    def test_what_cannot_be_done_fails_the_job(
        self,
        sagemaker: "SageMakerClient",
        s3: "S3Client",
        environment: dict[str, str],
        changes: dict[str, Any],
        reason: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        if "SLOW" in environment:
            monkeypatch.setattr(transform_job, "READY_WITHIN_S", 0.1)
        put(s3, in__a_csv="1")
        create_model(sagemaker, Environment=environment)
        sagemaker.create_transform_job(**transform_request(**changes))
        with pytest.raises(WaiterError):
            wait_for_transform(sagemaker)
        job = sagemaker.describe_transform_job(TransformJobName="transform-1")
        assert job["FailureReason"].startswith(reason)

    @pytest.mark.parametrize(
        ("described", "told"),
        [
            ({"Containers": [{"Image": SCRIPT_IMAGE}] * 2}, "has 2 containers"),
            ({"ModelName": "running", "PrimaryContainer": {}}, "has no Image"),
            (
                {
                    "PrimaryContainer": {
                        "Image": SCRIPT_IMAGE,
                        "Mode": "MultiModel",
                        "ModelDataUrl": f"s3://{BUCKET}/models/",
                    }
                },
                "several models",
            ),
        ],
    )
    def test_a_model_that_is_not_one_container_is_refused(
        self, sagemaker: "SageMakerClient", described: dict[str, Any], told: str
    ) -> None:
        request = {"ModelName": "risk", "ExecutionRoleArn": ROLE, **described}
        sagemaker.create_model(**request)
        asked = transform_request(ModelName=request["ModelName"])
        code, message = refusal(lambda: sagemaker.create_transform_job(**asked))
        assert code == "ValidationException"
        assert told in message

    def test_a_container_that_ends_before_it_is_ready_fails_the_job(
        self, sagemaker: "SageMakerClient", s3: "S3Client"
    ) -> None:
        put(s3, in__a_csv="1")
        create_model(sagemaker, Environment={"BROKEN": "yes"})
        sagemaker.create_transform_job(**transform_request())
        with pytest.raises(WaiterError):
            wait_for_transform(sagemaker)
        reason = sagemaker.describe_transform_job(TransformJobName="transform-1")["FailureReason"]
        assert reason.startswith("AlgorithmError: the model's container ended before it was ready")
        assert "no such model" in reason

    def test_what_does_not_exist(self, sagemaker: "SageMakerClient", s3: "S3Client") -> None:
        code, message = refusal(lambda: sagemaker.create_transform_job(**transform_request()))
        arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/risk"
        assert (code, message) == ("ValidationException", f'Could not find model "{arn}".')
        create_model(sagemaker)
        code, message = refusal(lambda: sagemaker.create_transform_job(**transform_request()))
        assert code == "ValidationException"
        assert message.startswith(f'No S3 objects found under S3 URL "s3://{BUCKET}/in/" given')
        assert keys(s3) == set()
        missing = ("ValidationException", "Requested resource not found.")
        assert refusal(lambda: sagemaker.describe_transform_job(TransformJobName="no")) == missing
        assert refusal(lambda: sagemaker.stop_transform_job(TransformJobName="no")) == missing

    def test_a_name_is_there_once(self, sagemaker: "SageMakerClient", s3: "S3Client") -> None:
        put(s3, in__a_csv="1")
        create_model(sagemaker)
        sagemaker.create_transform_job(**transform_request())
        code, _ = refusal(lambda: sagemaker.create_transform_job(**transform_request()))
        assert code == "ResourceInUse"
        wait_for_transform(sagemaker)

    @pytest.mark.parametrize(
        ("changes", "named"),
        [
            ({"TransformInput": transform_input(SplitType="RecordIO")}, "TransformInput.SplitType"),
            (
                {"TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 2}},
                "TransformResources.InstanceCount 2",
            ),
            ({"DataCaptureConfig": {"DestinationS3Uri": "s3://a/b"}}, "DataCaptureConfig"),
            ({"MaxPayloadInMB": 101}, "MaxPayloadInMB"),
            ({"MaxPayloadInMB": 50, "MaxConcurrentTransforms": 3}, "is 150"),
            ({"DataProcessing": {"InputFilter": "$[1:]"}}, "DataProcessing"),
        ],
    )
    def test_what_is_not_kept_is_refused_by_name(
        self, sagemaker: "SageMakerClient", changes: dict[str, Any], named: str
    ) -> None:
        create_model(sagemaker)
        request = transform_request(**changes)
        code, message = refusal(lambda: sagemaker.create_transform_job(**request))
        assert code == "ValidationException"
        assert named in message


def test_model_server_trains_a_model_and_scores_with_it(
    sagemaker: "SageMakerClient", s3: "S3Client"
) -> None:
    rows = [(number % 2, number % 2 + number / 1000, number % 7) for number in range(200)]
    put(s3, data__train_csv="".join(f"{label},{a},{b}\n" for label, a, b in rows))
    put(s3, in__a_csv="".join(f"{a},{b}\n" for _, a, b in rows[:20]))
    request = training_request(
        HyperParameters={"objective": "binary:logistic", "num_round": "5", "kfold": "0"},
        InputDataConfig=[channel("train", f"s3://{BUCKET}/data/", ContentType="text/csv")],
    )
    request["AlgorithmSpecification"]["TrainingImage"] = MODEL_SERVER_IMAGE
    sagemaker.create_training_job(**request)
    wait_for_training(sagemaker)
    job = sagemaker.describe_training_job(TrainingJobName="train-1")
    artifact = job["ModelArtifacts"]["S3ModelArtifacts"]
    assert "xgboost-model" in archived(s3, artifact.removeprefix(f"s3://{BUCKET}/"))

    create_model(sagemaker, Image=MODEL_SERVER_IMAGE, ModelDataUrl=artifact)
    sagemaker.create_transform_job(**transform_request())
    wait_for_transform(sagemaker)
    scores = [float(line) for line in body(s3, "out/a.csv.out").splitlines()]
    assert [score > 0.5 for score in scores] == [label == 1 for label, _, _ in rows[:20]]
