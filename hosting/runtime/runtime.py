"""What the runtime API's operations do, from a request's parts to an answer or an error.

Not: HTTP on the client's side (wire), or any rule: those are in the modules that it calls.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from time import perf_counter_ns
from typing import TYPE_CHECKING, NoReturn

from aws_lambda_powertools import Logger

from hosting.container import PAYLOAD_LIMIT, ContainerAnswer, ContainerStream
from hosting.live import LiveEndpoint, LiveEndpoints, LiveVariant
from hosting.runtime import model_error, multi_model, pipeline
from hosting.runtime.async_queue import AsyncQueue
from hosting.runtime.asynchronous import (
    INLINE_LIMIT,
    AsyncRequest,
    accept,
    check_synchronous,
    configuration,
)
from hosting.runtime.call import Account, Call, Measures, Request
from hosting.runtime.capture_writer import CaptureWriter
from hosting.runtime.errors import ModelError, is_client_error
from hosting.runtime.members import (
    INVOKE,
    INVOKE_ASYNC,
    INVOKE_STREAM,
    TARGET_CONTAINER,
    TARGET_MODEL,
    TARGET_VARIANT,
    Members,
    Operation,
    check_body,
    read_members,
)
from hosting.runtime.metrics import Metrics, VariantMetrics
from hosting.runtime.multi_model import ModelShelves
from hosting.runtime.objects import Objects
from hosting.runtime.routing import (
    check_target_model,
    choose_instance,
    choose_variant,
    containers_asked,
    find_endpoint,
    target_variant,
)
from hosting.runtime.sampler import KeptPieces, Sampler
from hosting.runtime.shadow import Shadows
from hosting.store import Store
from riskstack.contract.fault import place

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BEGIN_AGAIN_S = 1.0
"""How long a work of the background rests after a fault."""


class Runtime:
    """The endpoints in service, and what invocations of them need beside.

    `run` is the background work: without it nothing is captured, and no asynchronous invocation is
    answered.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - all that it works with is handed in
        self,
        account: Account,
        endpoints: LiveEndpoints,
        store: Store,
        make_s3_client: "Callable[[], S3Client]",
        log: Logger,
        draw: Callable[[], float] = random.random,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Take dice and clock: a number from [0, 1), and seconds since 1970."""
        self.metrics = Metrics()
        self._account = account
        self._endpoints = endpoints
        self._log = log
        self._draw = draw
        self._now = now
        self._objects = objects = Objects(make_s3_client)
        self._capture = CaptureWriter(objects, log)
        self._sampler = Sampler(self._capture, draw, now)
        self._shadows = Shadows(self.metrics, log, draw)
        self._shelves = ModelShelves()
        self._queue = AsyncQueue(account, endpoints, store, objects, self.metrics, log, now, draw)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do the background work; at the end write what was captured."""
        try:
            async with self._background():
                yield
        finally:
            self._objects.close()

    @asynccontextmanager
    async def _background(self) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._keep_up(work))
                for work in (self._capture.run, self._queue.run)
            ]
            try:
                yield
            finally:
                await self._shadows.close()
                for task in tasks:
                    task.cancel()

    async def invoke(
        self, request: Request, measures: Measures
    ) -> tuple[LiveVariant, ContainerAnswer]:
        """Do what InvokeEndpoint does; the answer is a successful one.

        Raises:
            ServiceError: the one that tells what is at fault.
        """
        members, endpoint, variant = self._find(INVOKE, request, measures)
        target = members.values.get(TARGET_MODEL)
        call = self._call(request, members, endpoint, variant, target)
        metrics = self._count(call)
        answer: ContainerAnswer | None = None
        call.instance.outstanding += 1
        try:
            answer = await self._ask(call, target, metrics, measures)
        except ModelError as error:
            _count_error(metrics, error)
            raise
        finally:
            call.instance.outstanding -= 1
            metrics.model_latency.observe(measures.model_latency_us)
            # a model that is asked by its name is production's
            if endpoint.shadow is not None and target is None:
                self._shadows.copy(call, endpoint.shadow, answer)
        capture = self._sampler.drawn(endpoint.capture)
        if capture is not None:
            self._sampler.take(call, capture, answer.content_type, answer.body)
        return variant, answer

    @asynccontextmanager
    async def stream(
        self, request: Request, measures: Measures, limit_s: float
    ) -> AsyncIterator[tuple[LiveVariant, ContainerStream]]:
        """Do what InvokeEndpointWithResponseStream does, within a limit of time.

        Raises:
            ServiceError: the one that tells what is at fault.
            TimeoutError: the answer has begun and lasts too long.
        """
        members, endpoint, variant = self._find(INVOKE_STREAM, request, measures)
        call = self._call(request, members, endpoint, variant, None)
        metrics = self._count(call)
        capture = self._sampler.drawn(endpoint.capture)
        has_begun = False
        call.instance.outstanding += 1
        started = perf_counter_ns()
        try:
            async with asyncio.timeout(limit_s), pipeline.ask_for_stream(call, measures) as answer:
                has_begun = True
                kept = KeptPieces(answer.pieces)
                yield variant, replace(answer, pieces=kept.pieces()) if capture else answer
            if capture is not None:
                self._sampler.take(call, capture, answer.content_type, kept.body())
        except ModelError as error:
            _count_error(metrics, error)
            raise
        except TimeoutError as error:
            metrics.model_errors += 1
            metrics.server_errors += 1
            if has_begun:
                raise
            container = call.hostnames[-1]
            raise model_error.timed_out(self._account.origin(endpoint.name, container)) from error
        finally:
            call.instance.outstanding -= 1
            measures.model_latency_us = (perf_counter_ns() - started) // 1000
            metrics.model_latency.observe(measures.model_latency_us)

    def invoke_async(self, request: Request, measures: Measures) -> AsyncRequest:
        """Do what InvokeEndpointAsync does: accept a request, and keep it on the disk.

        Raises:
            ServiceError: the one that tells what is at fault.
        """
        members = read_members(INVOKE_ASYNC, request.endpoint_name, request.headers)
        endpoint = self._endpoint(members)
        config = configuration(endpoint)
        for variant in endpoint.variants:
            check_target_model(endpoint, variant, None, request.request_id)
        measures.variant = endpoint.variants[0].name
        check_body(request.size, INLINE_LIMIT, request.request_id)
        accepted = accept(request.request_id, members, request.body, config, self._now())
        self._queue.add(accepted)
        return accepted

    def metrics_text(self) -> bytes:
        """Give the metrics in Prometheus's text format."""
        for endpoint in self._endpoints.in_service.values():
            for variant in endpoint.variants:
                if variant.multi_model:
                    metrics = self.metrics.of(endpoint.name, variant.name)
                    metrics.loaded_models = self._shelves.loaded(variant)
        return self.metrics.text()

    def _endpoint(self, members: Members) -> LiveEndpoint:
        return find_endpoint(self._endpoints, members.endpoint_name, self._account.account_id)

    def _find(
        self, operation: Operation, request: Request, measures: Measures
    ) -> tuple[Members, LiveEndpoint, LiveVariant]:
        """Read a request, and find the variant that it goes to."""
        members = read_members(operation, request.endpoint_name, request.headers)
        endpoint = self._endpoint(members)
        check_synchronous(endpoint, operation.name)
        name = members.values.get(TARGET_VARIANT)
        if name is None:
            variant = choose_variant(endpoint, self._draw())
        else:
            variant = target_variant(endpoint, name, self._account.account_id)
        measures.variant = variant.name
        check_body(request.size, PAYLOAD_LIMIT, request.request_id)
        return members, endpoint, variant

    def _call(
        self,
        request: Request,
        members: Members,
        endpoint: LiveEndpoint,
        variant: LiveVariant,
        target: str | None,
    ) -> Call:
        """Find the instance and its containers."""
        check_target_model(endpoint, variant, target, request.request_id)
        if target is None:
            instance = choose_instance(variant, self._draw())
        else:
            multi_model.check_target(target)
            instance = choose_instance(
                variant, self._draw(), lambda each: self._shelves.has(each, target)
            )
        container = members.values.get(TARGET_CONTAINER)
        hostnames = containers_asked(endpoint, variant, tuple(instance.containers), container)
        return Call(
            self._account,
            endpoint,
            variant,
            instance,
            hostnames,
            members.container_headers,
            request.body,
        )

    def _count(self, call: Call) -> VariantMetrics:
        call.variant.invocations += 1
        metrics = self.metrics.of(call.endpoint.name, call.variant.name)
        metrics.invocations += 1
        metrics.invocations_per_instance += 1 / len(call.variant.instances)
        return metrics

    async def _ask(
        self, call: Call, target: str | None, metrics: VariantMetrics, measures: Measures
    ) -> ContainerAnswer:
        if target is not None:
            shelf = self._shelves.of(call.variant, call.instance, metrics)
            return await multi_model.ask_model(call, shelf, target, measures)
        started = perf_counter_ns()
        try:
            return await pipeline.ask(call, measures)
        finally:
            measures.model_latency_us = (perf_counter_ns() - started) // 1000

    async def _keep_up(self, work: Callable[[], Awaitable[NoReturn]]) -> None:
        """Begin a work again that fails, for the others must go on."""
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - told, and tried again
                self._log.error("internal failure", extra=place(error))
                await asyncio.sleep(BEGIN_AGAIN_S)


def _count_error(metrics: VariantMetrics, error: ModelError) -> None:
    metrics.model_errors += 1
    if is_client_error(error.original_status):
        metrics.client_errors += 1
    else:
        metrics.server_errors += 1
