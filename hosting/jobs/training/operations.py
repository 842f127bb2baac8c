"""CreateTrainingJob, DescribeTrainingJob, ListTrainingJobs and StopTrainingJob.

Facts: the service model (botocore); the words of errors as AWS answered them, named beside each.
"""

from hosting.control.api_errors import InvalidRequestError, ResourceInUseError
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.listing import page
from hosting.control.members import Members
from hosting.control.tags import check_keys
from hosting.jobs.listed import LISTED, summaries
from hosting.jobs.request import members, read, read_location
from hosting.jobs.training.failure import RESTARTED
from hosting.jobs.training.job import KIND, TrainingJob
from hosting.jobs.training.metrics import Metric, MetricRegexError
from hosting.jobs.training.progress import SUMMARY, Status, created, ended, entered
from hosting.jobs.training.request import CreateTrainingJob, check
from hosting.jobs.under_way import UnderWay
from hosting.jobs.workplace import Workplace
from hosting.store import Document

NAMED = Members(frozenset({"TrainingJobName"}))

SORT_KEYS = {
    "Name": "TrainingJobName",
    "CreationTime": "CreationTime",
    "Status": "TrainingJobStatus",
}


class TrainingJobs:
    """The training jobs of the account."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._registry = workplace.registry
        self._store = workplace.registry.store
        self._under_way = UnderWay()

    def operations(self) -> Operations:
        """Give the operations on training jobs."""
        return {
            "CreateTrainingJob": Operation(self.create, members(CreateTrainingJob)),
            "DescribeTrainingJob": Operation(self.describe, NAMED),
            "ListTrainingJobs": Operation(self.list, LISTED),
            "StopTrainingJob": Operation(self.stop, NAMED),
        }

    async def create(self, document: Request) -> Document:
        """Start a job. Raises ApiError."""
        request = read(CreateTrainingJob, document)
        check(request)
        metrics = _metrics(request)
        tags = document.get("Tags", [])
        check_keys(tags)
        await self._check_locations(request)
        # from here on nothing waits, so that two jobs of one name cannot both begin
        name = request.TrainingJobName
        arn = self._registry.owner.arn(KIND, name)
        if self._store.get(KIND, name):
            # SuperCowPowers/workbench #384
            raise ResourceInUseError(
                "Training job names must be unique within an AWS account and region, and a "
                f"training job with this name already exists ({arn})"
            )
        self._registry.tags.create(arn, tags)
        begun = created(document, request, arn, self._registry.now())
        self._store.put(KIND, name, begun)
        job = TrainingJob(self._workplace, self._under_way, request, metrics)
        self._under_way.start(name, job.live())
        return {"TrainingJobArn": arn}

    async def describe(self, request: Request) -> Document:
        """Describe a job. Raises InvalidRequestError."""
        return self._job(request)

    async def list(self, request: Request) -> Document:
        """Give a page of summaries. Raises InvalidRequestError."""
        jobs, token = page(
            self._store.all(KIND),
            # the other lists of SageMaker begin with the newest (botocore)
            {"SortOrder": "Ascending", **request},
            sort_keys=SORT_KEYS,
            status="TrainingJobStatus",
        )
        return summaries("TrainingJobSummaries", jobs, token, SUMMARY)

    async def stop(self, request: Request) -> Document:
        """Begin to stop a job. Raises InvalidRequestError."""
        job = self._job(request)
        name, status = job["TrainingJobName"], job["TrainingJobStatus"]
        if status not in {"InProgress", "Stopping"}:
            # awslabs/benchmark-ai #928
            raise InvalidRequestError(
                f"The request was rejected because the training job is in status {status}."
            )
        if status == "InProgress":
            now = self._registry.now()
            self._store.put(KIND, name, entered(job, Status.STOPPING, now))
            self._under_way.stop(name)
        return {}

    def resume(self) -> None:
        """Mark the jobs that a former hosting left unfinished: they ended with it."""
        now = self._registry.now()
        for job in self._store.all(KIND):
            if "TrainingEndTime" not in job:
                failed = ended(job, Status.FAILED, now, failure_reason=RESTARTED)
                self._store.put(KIND, failed["TrainingJobName"], failed)

    async def close(self) -> None:
        """End with the process: what is unfinished is marked by the next one."""
        await self._under_way.close()

    async def _check_locations(self, request: CreateTrainingJob) -> None:
        read_location("OutputDataConfig.S3OutputPath", request.OutputDataConfig.S3OutputPath)
        if request.CheckpointConfig:
            read_location("CheckpointConfig.S3Uri", request.CheckpointConfig.S3Uri)
        for channel in request.InputDataConfig:
            uri = channel.DataSource.S3DataSource.S3Uri
            location = read_location("InputDataConfig.DataSource.S3DataSource.S3Uri", uri)
            await self._workplace.check_input(location, request.RoleArn)

    def _job(self, request: Request) -> Request:
        job = self._store.get(KIND, request["TrainingJobName"])
        if job is None:
            # aws/amazon-sagemaker-examples #2360; not ResourceNotFound: aws/aws-sdk #165
            raise InvalidRequestError("Requested resource not found.")
        return job


def _metrics(request: CreateTrainingJob) -> list[Metric]:
    try:
        return [
            Metric.define(definition.Name, definition.Regex)
            for definition in request.AlgorithmSpecification.MetricDefinitions
        ]
    except MetricRegexError as error:
        raise InvalidRequestError(f"AlgorithmSpecification.MetricDefinitions: {error}") from error
