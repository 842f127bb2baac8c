"""The loop of one transform job: a container started, each object sent through it, outputs stored.

Not: the rules of any step (parameters, records, assembly, failure, progress), or who may call it
(operations).
"""

import asyncio
import gzip
import shutil
import zlib
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from hosting.control.json_protocol import Request
from hosting.fleet.fleet import FleetError, Running, ServingContainer
from hosting.jobs.location import Location, LocationError
from hosting.jobs.objects import ObjectsError
from hosting.jobs.transform import failure, parameters, progress
from hosting.jobs.transform.assembly import Assembly
from hosting.jobs.transform.columns import RowError
from hosting.jobs.transform.container import InvocationError, TransformContainer, connect
from hosting.jobs.transform.failure import Blame, Fault
from hosting.jobs.transform.parameters import Parameters, ParametersError
from hosting.jobs.transform.progress import Status
from hosting.jobs.transform.records import TooLargeError, lines, payloads, whole
from hosting.jobs.transform.request import CreateTransformJob
from hosting.jobs.transform.window import in_order
from hosting.jobs.under_way import StoppedError, UnderWay
from hosting.jobs.workplace import Workplace
from riskstack.contract.fault import place

KIND = "transform-job"
"""Of the documents in the store, and in ARNs."""

READY_WITHIN_S = 30 * 60
"""How long AWS waits for a good /ping, and that it asks once a second: aws/amazon-sagemaker-
examples #815."""
PING_INTERVAL_S = 1.0


class JobError(Exception):
    """The job cannot go on: its fault becomes the FailureReason."""

    def __init__(self, blame: Blame, what: str) -> None:
        super().__init__(what)
        self.fault = Fault(blame, what)


@dataclass(frozen=True, slots=True)
class Output:
    """The output of an object, on the disk until the job is at its end."""

    file: Path
    location: Location


class TransformJob:
    """A transform job under way."""

    def __init__(
        self,
        workplace: Workplace,
        under_way: UnderWay,
        request: CreateTransformJob,
        container: Request,
    ) -> None:
        """Take a ContainerDefinition of the model as `container`."""
        self._workplace = workplace
        self._under_way = under_way
        self._request = request
        self._container = container
        self._assembly = Assembly.of(request)
        self._name = request.TransformJobName
        self._folder = workplace.folder / KIND / self._name

    async def live(self) -> None:
        """Go from InProgress to an end; whatever happens on the way becomes an ending."""
        try:
            status, reason = await self._work()
        except Exception as error:  # noqa: BLE001 - the job's last resort: told in the log, and in FailureReason
            self._workplace.log.error("internal failure", extra={"job": self._name, **place(error)})
            status, reason = Status.FAILED, failure.INTERNAL
        finally:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
        now = self._workplace.registry.now()
        self._write(progress.ended(self._document(), status, now, reason))
        self._workplace.log.info("transform job", extra={"job": self._name, "status": status.value})

    async def _work(self) -> tuple[Status, str | None]:
        self._write(progress.started(self._document(), self._workplace.registry.now()))
        try:
            outputs, faults = await self._under_way.stoppable(self._name, self._transform())
            # nothing is stored of a job that is stopped (botocore, StopTransformJob)
            await self._under_way.stoppable(self._name, self._store(outputs))
        except StoppedError:
            return Status.STOPPED, None
        except JobError as error:
            return Status.FAILED, failure.reason([error.fault])
        if faults:
            return Status.FAILED, failure.reason(faults)
        return Status.COMPLETED, None

    async def _transform(self) -> tuple[list[Output], list[Fault]]:
        try:
            running = await self._workplace.fleet.launch(self._serving_container())
        except FleetError as error:
            raise JobError(Blame.CLIENT, f"the model's image cannot be run: {error}") from error
        try:
            async with connect(running.url, self._request) as container:
                await _until_ready(running, container)
                said = await container.execution_parameters()
                return await self._transform_objects(container, self._decide(said))
        finally:
            await running.stop()

    def _serving_container(self) -> ServingContainer:
        return ServingContainer(
            name=f"{KIND}-{self._name}",
            image=self._container["Image"],
            environment={
                **self._container.get("Environment", {}),
                **self._request.Environment,
                **parameters.environment(self._request),
            },
            model_data_url=self._container.get("ModelDataUrl"),
        )

    def _decide(self, said: bytes | None) -> Parameters:
        try:
            told = parameters.read_execution_parameters(said) if said is not None else {}
            decided = parameters.decide(self._request, told)
        except ParametersError as error:
            raise JobError(Blame.ALGORITHM, str(error)) from error
        self._workplace.log.info(
            "execution parameters",
            extra={
                "job": self._name,
                "MaxConcurrentTransforms": decided.concurrency,
                "MaxPayloadInMB": decided.payload_mb,
                "BatchStrategy": decided.strategy.value,
            },
        )
        return decided

    async def _transform_objects(
        self, container: TransformContainer, decided: Parameters
    ) -> tuple[list[Output], list[Fault]]:
        """Send every object through the container; one that fails stops no other.

        (SageMaker developer guide, "Batch Transform Errors".)
        """
        source = Location.parse(self._request.TransformInput.DataSource.S3DataSource.S3Uri)
        target = Location.parse(self._request.TransformOutput.S3OutputPath)
        try:
            keys = await self._workplace.objects.keys(source)
        except ObjectsError as error:
            raise JobError(Blame.CLIENT, str(error)) from error
        outputs: list[Output] = []
        faults: list[Fault] = []
        for number, key in enumerate(keys):
            output = self._folder / f"{number}.out"
            try:
                location = target.below(f"{source.name_of(key)}.out")
                file = self._folder / f"{number}.in"
                await self._workplace.objects.fetch(source.bucket, key, file)
                await self._transform_object(file, output, container, decided)
                file.unlink()
            except InvocationError as error:
                faults.append(Fault(error.blame, str(error), f"{source.bucket}/{key}"))
            except (ObjectsError, LocationError, RowError, TooLargeError) as error:
                faults.append(Fault(Blame.CLIENT, str(error), f"{source.bucket}/{key}"))
            except (gzip.BadGzipFile, EOFError, zlib.error) as error:
                what = f"the object is not compressed with gzip: {error}"
                faults.append(Fault(Blame.CLIENT, what, f"{source.bucket}/{key}"))
            else:
                outputs.append(Output(output, location))
        return outputs, faults

    async def _transform_object(
        self, file: Path, output: Path, container: TransformContainer, decided: Parameters
    ) -> None:
        async def invoke(records: list[bytes]) -> bytes:
            body = await asyncio.to_thread(self._assembly.payload, records)
            return await container.invoke(body, chunked=decided.payload_limit is None)

        with self._open(file) as stream, output.open("wb") as written:
            results = in_order(self._batches(stream, decided), invoke, decided.concurrency)
            async with aclosing(results):
                async for records, answer in results:
                    output_of = self._assembly.output
                    written.write(await asyncio.to_thread(output_of, records, answer))

    def _open(self, file: Path) -> BinaryIO:
        if self._request.TransformInput.CompressionType == "Gzip":
            return cast("BinaryIO", gzip.open(file))
        return file.open("rb")

    def _batches(self, stream: BinaryIO, decided: Parameters) -> Iterator[list[bytes]]:
        if self._request.TransformInput.SplitType == "Line":
            yield from payloads(lines(stream), decided)
        else:
            yield [whole(stream, decided)]

    async def _store(self, outputs: list[Output]) -> None:
        for output in outputs:
            try:
                await self._workplace.objects.store(output.file, output.location)
            except ObjectsError as error:
                raise JobError(Blame.CLIENT, str(error)) from error

    def _document(self) -> Request:
        document = self._workplace.registry.store.get(KIND, self._name)
        if document is None:
            raise LookupError(f"the document of {self._name} is gone from the store")
        return document

    def _write(self, document: Request) -> None:
        self._workplace.registry.store.put(KIND, self._name, document)


async def _until_ready(running: Running, container: TransformContainer) -> None:
    """Wait for a good /ping. Raises JobError."""
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            while not await container.answers_ping():
                if outcome := await running.exited():
                    raise JobError(
                        Blame.ALGORITHM,
                        f"the model's container ended before it was ready, exit code: "
                        f"{outcome.exit_code}. The end of its log: {outcome.log[-500:]}",
                    )
                await asyncio.sleep(PING_INTERVAL_S)
    except TimeoutError as error:
        text = f"the model's container did not answer /ping with 200 within {READY_WITHIN_S} s"
        raise JobError(Blame.ALGORITHM, text) from error
