"""CreateTransformJob, DescribeTransformJob, ListTransformJobs and StopTransformJob.

Facts: the service model (botocore); errors are worded as AWS words those of training jobs.
"""

from hosting.control import models
from hosting.control.api_errors import InvalidRequestError, ResourceInUseError
from hosting.control.json_protocol import Operation, Operations, Request
from hosting.control.listing import page
from hosting.control.members import Members
from hosting.control.tags import check_keys
from hosting.jobs.listed import LISTED, summaries
from hosting.jobs.request import members, read, read_location
from hosting.jobs.transform.assembly import Assembly
from hosting.jobs.transform.failure import RESTARTED
from hosting.jobs.transform.job import KIND, TransformJob
from hosting.jobs.transform.progress import (
    SUMMARY,
    Status,
    created,
    described,
    ended,
    stopping,
)
from hosting.jobs.transform.request import CreateTransformJob, check
from hosting.jobs.under_way import UnderWay
from hosting.jobs.workplace import Workplace
from hosting.store import Document

NAMED = Members(frozenset({"TransformJobName"}))

SORT_KEYS = {
    "Name": "TransformJobName",
    "CreationTime": "CreationTime",
    "Status": "TransformJobStatus",
}


class TransformJobs:
    """The transform jobs of the account."""

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        self._registry = workplace.registry
        self._store = workplace.registry.store
        self._models = models.Models(workplace.registry)
        self._under_way = UnderWay()

    def operations(self) -> Operations:
        """Give the operations on transform jobs."""
        return {
            "CreateTransformJob": Operation(self.create, members(CreateTransformJob)),
            "DescribeTransformJob": Operation(self.describe, NAMED),
            "ListTransformJobs": Operation(self.list, LISTED),
            "StopTransformJob": Operation(self.stop, NAMED),
        }

    async def create(self, document: Request) -> Document:
        """Start a job. Raises ApiError."""
        request = read(CreateTransformJob, document)
        check(request)
        tags = document.get("Tags", [])
        check_keys(tags)
        Assembly.of(request)
        container = self._container(request.ModelName)
        read_location("TransformOutput.S3OutputPath", request.TransformOutput.S3OutputPath)
        uri = request.TransformInput.DataSource.S3DataSource.S3Uri
        location = read_location("TransformInput.DataSource.S3DataSource.S3Uri", uri)
        await self._workplace.check_input(location)
        # from here on nothing waits, so that two jobs of one name cannot both begin
        name = request.TransformJobName
        arn = self._registry.owner.arn(KIND, name)
        if self._store.get(KIND, name):
            raise ResourceInUseError(
                "Transform job names must be unique within an AWS account and region, and a "
                f"transform job with this name already exists ({arn})"
            )
        self._registry.tags.create(arn, tags)
        begun = created(document, request, arn, self._registry.now())
        self._store.put(KIND, name, begun)
        job = TransformJob(self._workplace, self._under_way, request, container)
        self._under_way.start(name, job.live())
        return {"TransformJobArn": arn}

    async def describe(self, request: Request) -> Document:
        """Describe a job. Raises InvalidRequestError."""
        return described(self._job(request))

    async def list(self, request: Request) -> Document:
        """Give a page of summaries. Raises InvalidRequestError."""
        jobs, token = page(
            self._store.all(KIND),
            request,
            sort_keys=SORT_KEYS,
            status="TransformJobStatus",
        )
        return summaries("TransformJobSummaries", jobs, token, SUMMARY)

    async def stop(self, request: Request) -> Document:
        """Begin to stop a job. Raises InvalidRequestError."""
        job = self._job(request)
        name, status = job["TransformJobName"], job["TransformJobStatus"]
        if status not in {Status.IN_PROGRESS, Status.STOPPING}:
            raise InvalidRequestError(
                f"The request was rejected because the transform job is in status {status}."
            )
        if status == Status.IN_PROGRESS:
            self._store.put(KIND, name, stopping(job, self._registry.now()))
            self._under_way.stop(name)
        return {}

    def resume(self) -> None:
        """Mark the jobs that a former hosting left unfinished: they ended with it."""
        now = self._registry.now()
        for job in self._store.all(KIND):
            if "TransformEndTime" not in job:
                failed = ended(job, Status.FAILED, now, RESTARTED)
                self._store.put(KIND, failed["TransformJobName"], failed)

    async def close(self) -> None:
        """End with the process: what is unfinished is marked by the next one."""
        await self._under_way.close()

    def _container(self, model_name: str) -> Request:
        """Give the one container of a model. Raises InvalidRequestError."""
        containers = [
            container for _, container in models.containers(self._models.find(model_name))
        ]
        if len(containers) != 1:
            raise InvalidRequestError(
                f"{model_name} has {len(containers)} containers: transform jobs support models "
                "with one in this stack."
            )
        container = containers[0]
        # neither works with batch transform (botocore, ContainerDefinition)
        if "ModelDataSource" in container or container.get("Mode") == "MultiModel":
            raise InvalidRequestError(
                f"{model_name} has a ModelDataSource or several models: batch transform takes "
                "a model with a ModelDataUrl."
            )
        if "Image" not in container:
            raise InvalidRequestError(
                f"{model_name} has no Image: create the model with one, for a transform job "
                "starts a container of its own."
            )
        return container

    def _job(self, request: Request) -> Request:
        job = self._store.get(KIND, request["TransformJobName"])
        if job is None:
            # not ResourceNotFound: SDKs' waiters expect ValidationException (botocore)
            raise InvalidRequestError("Requested resource not found.")
        return job
