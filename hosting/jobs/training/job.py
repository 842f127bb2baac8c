"""The loop of one training job: files in, the image run, artifacts out, each step in its status.

Not: the rules of any step (layout, metrics, failure, progress), or who may call it (operations).
"""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from hosting.fleet.fleet import FleetError, Job
from hosting.jobs.location import Location, LocationError
from hosting.jobs.objects import ObjectsError
from hosting.jobs.training import failure, layout
from hosting.jobs.training.archive import pack
from hosting.jobs.training.metrics import Metric, final_values
from hosting.jobs.training.progress import ARTIFACT, Status, ended, entered
from hosting.jobs.training.request import CreateTrainingJob
from hosting.jobs.under_way import StoppedError, UnderWay
from hosting.jobs.workplace import Workplace
from hosting.store import Document
from riskstack.contract.fault import place

KIND = "training-job"
"""Of the documents in the store, and in ARNs."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How the training ended, before anything is uploaded."""

    status: Status
    failure_reason: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)


class TrainingJob:
    """A training job under way."""

    def __init__(
        self,
        workplace: Workplace,
        under_way: UnderWay,
        request: CreateTrainingJob,
        metrics: list[Metric],
    ) -> None:
        self._workplace = workplace
        self._under_way = under_way
        self._request = request
        self._metrics = metrics
        self._name = request.TrainingJobName
        self._folder = workplace.folder / KIND / self._name
        self._ml = self._folder / "ml"

    async def live(self) -> None:
        """Go from Starting to an end; whatever happens on the way becomes an ending."""
        try:
            ending = await self._train_and_upload()
        except Exception as error:  # noqa: BLE001 - the job's last resort: told in the log, and in FailureReason
            self._workplace.log.error("internal failure", extra={"job": self._name, **place(error)})
            ending = Ending(Status.FAILED, failure.INTERNAL)
        finally:
            # what a container wrote as another user may stay behind
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        self._write(
            ended(
                self._document(),
                ending.status,
                self._workplace.registry.now(),
                failure_reason=ending.failure_reason,
                metrics=ending.metrics,
            )
        )
        self._workplace.log.info(
            "training job", extra={"job": self._name, "status": ending.status.value}
        )

    async def _train_and_upload(self) -> Ending:
        try:
            ending = await self._under_way.stoppable(self._name, self._train())
        except StoppedError:
            ending = Ending(Status.STOPPED)
        self._enter(Status.UPLOADING)
        try:
            await self._upload()
        except (ObjectsError, LocationError) as error:
            return Ending(Status.FAILED, failure.of_upload(str(error)))
        if self._under_way.was_stopped(self._name) and ending.status is Status.COMPLETED:
            return Ending(Status.STOPPED)
        return ending

    async def _train(self) -> Ending:
        self._enter(Status.DOWNLOADING)
        try:
            await self._lay_out()
        except (ObjectsError, LocationError) as error:
            return Ending(Status.FAILED, failure.of_download(str(error)))
        self._enter(Status.TRAINING)
        job = Job(
            name=f"{KIND}-{self._name}",
            image=self._request.AlgorithmSpecification.TrainingImage,
            arguments=("train",),
            environment=layout.environment(
                self._request, self._workplace.registry.owner.arn(KIND, self._name)
            ),
            folder=self._ml,
        )
        try:
            async with asyncio.timeout(self._request.StoppingCondition.MaxRuntimeInSeconds):
                outcome = await self._workplace.fleet.run(job)
        except TimeoutError:
            return Ending(Status.MAX_RUNTIME_EXCEEDED)
        except FleetError as error:
            return Ending(Status.FAILED, failure.of_container(str(error)))
        if outcome.exit_code:
            return Ending(
                Status.FAILED, failure.of_algorithm(outcome.exit_code, self._failure_file())
            )
        metrics = await asyncio.to_thread(final_values, self._metrics, outcome.log)
        return Ending(Status.COMPLETED, metrics=metrics)

    async def _lay_out(self) -> None:
        for folder in layout.FOLDERS:
            (self._ml / folder).mkdir(parents=True, exist_ok=True)
        for path, content in layout.config_files(self._request).items():
            (self._ml / path).write_text(content, encoding="utf-8")
        for folder, location in self._inputs():
            (self._ml / folder).mkdir(exist_ok=True)
            for key in await self._workplace.objects.keys(location):
                file = self._ml / folder / location.name_of(key)
                await self._workplace.objects.fetch(location.bucket, key, file)

    def _inputs(self) -> Iterator[tuple[PurePosixPath, Location]]:
        """Give what is read before the container starts, and where it goes."""
        for channel in self._request.InputDataConfig:
            uri = channel.DataSource.S3DataSource.S3Uri
            yield layout.DATA / channel.ChannelName, Location.parse(uri)
        if self._request.CheckpointConfig:
            yield layout.CHECKPOINTS, Location.parse(self._request.CheckpointConfig.S3Uri)

    def _failure_file(self) -> bytes:
        file = self._ml / layout.FAILURE
        if not file.is_file():
            return b""
        with file.open("rb") as opened:
            # a character has four bytes at most
            return opened.read(4 * failure.LENGTH)

    async def _upload(self) -> None:
        """Store what the container left, however it ended: so does SageMaker.

        "Uploading generated training model" comes before "Training job failed" too
        (aws/sagemaker-python-sdk #835).
        """
        output = Location.parse(self._request.OutputDataConfig.S3OutputPath)
        output = output.below(self._name, "output")
        for folder, name in ((layout.MODEL, ARTIFACT), (layout.OUTPUT_DATA, "output.tar.gz")):
            archive = self._folder / name
            if await asyncio.to_thread(pack, self._ml / folder, archive):
                await self._workplace.objects.store(archive, output.below(name))
        if self._request.CheckpointConfig:
            await self._upload_checkpoints(Location.parse(self._request.CheckpointConfig.S3Uri))

    async def _upload_checkpoints(self, location: Location) -> None:
        folder = self._ml / layout.CHECKPOINTS
        for file in _files(folder):
            name = file.relative_to(folder).as_posix()
            await self._workplace.objects.store(file, location.below(name))

    def _enter(self, status: Status) -> None:
        self._write(entered(self._document(), status, self._workplace.registry.now()))

    def _document(self) -> Document:
        document = self._workplace.registry.store.get(KIND, self._name)
        if document is None:
            raise LookupError(f"the document of {self._name} is gone from the store")
        return document

    def _write(self, document: Document) -> None:
        self._workplace.registry.store.put(KIND, self._name, document)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())
