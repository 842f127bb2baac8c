"""The requests of InvokeEndpointAsync that wait: kept on the disk until each has its result.

A request that was under way when hosting stopped is asked again: a result may be written twice,
none is lost. Not: what is accepted, or where results go (asynchronous).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NoReturn

from aws_lambda_powertools import Logger

from hosting.container import (
    ContainerAnswer,
    ContainerDroppedError,
    ContainerUnreachableError,
)
from hosting.live import Instance, LiveEndpoint, LiveEndpoints, LiveVariant
from hosting.runtime import pipeline
from hosting.runtime.asynchronous import OBJECT_LIMIT, AsyncRequest
from hosting.runtime.call import Account, Call, Measures
from hosting.runtime.errors import ModelError, ServiceError
from hosting.runtime.metrics import Metrics, VariantMetrics
from hosting.runtime.objects import ObjectError, Objects, ObjectsUnavailableError
from hosting.runtime.routing import choose_instance, choose_variant, containers_asked, is_healthy
from hosting.store import Store
from riskstack.contract.fault import place

KIND = "async-invocation"

LOOK_S = 0.5
"""How often it is looked whether an endpoint that has requests waiting has a place for one."""

AGAIN_S = 2.0
"""How long a request waits that S3, or a container that gave no answer, was at fault for."""

TRIES_LIMIT = 3
"""A request that no container answered so many times has failed: it is what they died of.

From the second on it is tried alone, so that none fails for what another did.
"""


class ExpiredError(Exception):
    """The request waited longer than its RequestTTLSeconds: its failure says so."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a request is asked: one of the places of an instance, or all of them, taken."""

    endpoint: LiveEndpoint
    variant: LiveVariant
    instance: Instance
    size: int


class AsyncQueue:
    """The requests of all endpoints."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that it works with is handed in
        self,
        account: Account,
        endpoints: LiveEndpoints,
        store: Store,
        objects: Objects,
        metrics: Metrics,
        log: Logger,
        now: Callable[[], float],
        draw: Callable[[], float],
    ) -> None:
        """Take clock and dice: seconds since 1970, and a number from [0, 1)."""
        self._account = account
        self._endpoints = endpoints
        self._store = store
        self._objects = objects
        self._metrics = metrics
        self._log = log
        self._now = now
        self._draw = draw
        self._waiting: dict[str, deque[AsyncRequest]] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        requests = map(AsyncRequest.of, store.all(KIND))
        for request in sorted(requests, key=lambda each: each.accepted_at):
            self._wait(request)

    def add(self, request: AsyncRequest) -> None:
        """Accept a request: when this returns it is on the disk."""
        self._store.put(KIND, request.request_id, request.document())
        self._wait(request)

    async def run(self) -> NoReturn:
        """Ask and answer until cancelled; what is under way then waits for the next start."""
        try:
            while True:
                self._news.clear()
                self._start_what_can()
                try:
                    async with asyncio.timeout(LOOK_S if self._waiting else None):
                        await self._news.wait()
                except TimeoutError:
                    pass
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _wait(self, request: AsyncRequest) -> None:
        self._waiting.setdefault(request.endpoint, deque()).append(request)
        self._news.set()

    def _start_what_can(self) -> None:
        for name, requests in list(self._waiting.items()):
            while requests:
                expired = requests[0].expires_at < self._now()
                place_taken = None if expired else self._take_place(name, requests[0])
                if not expired and place_taken is None:
                    break
                self._start(requests.popleft(), place_taken)
            if not requests:
                del self._waiting[name]

    def _take_place(self, name: str, request: AsyncRequest) -> _Place | None:
        """Take a place of an endpoint's instances, or none where all are taken or not healthy."""
        endpoint = self._endpoints.in_service.get(name)
        if endpoint is None or endpoint.asynchronous is None:
            return None
        places = endpoint.asynchronous.concurrency_per_instance
        size = places if request.unanswered else 1

        def has_room(instance: Instance) -> bool:
            return instance.outstanding + size <= places and is_healthy(instance)

        try:
            variant = choose_variant(endpoint, self._draw())
            instance = choose_instance(variant, self._draw(), has_room)
        except ServiceError:
            # not in service yet, or scaled to zero
            return None
        if not has_room(instance):
            return None
        instance.outstanding += size
        return _Place(endpoint, variant, instance, size)

    def _start(self, request: AsyncRequest, place_taken: _Place | None) -> None:
        task = asyncio.create_task(self._answer_in(place_taken, request))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer_in(self, place_taken: _Place | None, request: AsyncRequest) -> None:
        try:
            await self._answer(place_taken, request)
        except (ObjectsUnavailableError, ContainerUnreachableError) as error:
            self._log.warning(
                "asynchronous invocation waits",
                extra={"request_id": request.request_id, "reason": str(error)},
            )
            if isinstance(error, ContainerDroppedError):
                request = self._counted(request)
            await asyncio.sleep(AGAIN_S)
            self._wait(request)
        except Exception as error:  # noqa: BLE001 - one request must not end the others
            self._log.error(
                "internal failure", extra={"request_id": request.request_id, **place(error)}
            )
            self._store.delete(KIND, request.request_id)
        finally:
            if place_taken is not None:
                place_taken.instance.outstanding -= place_taken.size
            self._news.set()

    def _counted(self, request: AsyncRequest) -> AsyncRequest:
        """Keep with a request, over a restart too, that it was sent once more for nothing."""
        counted = replace(request, unanswered=request.unanswered + 1)
        self._store.put(KIND, counted.request_id, counted.document())
        return counted

    async def _answer(self, place_taken: _Place | None, request: AsyncRequest) -> None:
        """Ask, write the result, and forget the request.

        Raises ObjectsUnavailableError, ContainerUnreachableError.
        """
        try:
            answer = await self._ask(place_taken, request)
            await self._objects.put(request.output_location, answer.body, answer.content_type)
        except ObjectsUnavailableError:
            raise
        except (ExpiredError, ObjectError, ServiceError) as error:
            await self._tell_failure(request, str(error))
        else:
            self._tell(request, "completed")
        self._store.delete(KIND, request.request_id)

    async def _ask(self, place_taken: _Place | None, request: AsyncRequest) -> ContainerAnswer:
        if place_taken is None or request.expires_at < self._now():
            waited = int(request.expires_at - request.accepted_at)
            raise ExpiredError(f"The request expired: it waited longer than {waited} seconds.")
        body = request.body
        if request.input_location is not None:
            body = await self._objects.get(request.input_location, OBJECT_LIMIT)
        call = self._call(place_taken, request, body)
        metrics = self._metrics.of(call.endpoint.name, call.variant.name)
        metrics.invocations += 1
        call.variant.invocations += 1
        return await self._ask_container(call, request, metrics)

    async def _ask_container(
        self, call: Call, request: AsyncRequest, metrics: VariantMetrics
    ) -> ContainerAnswer:
        measures = Measures()
        started = self._now()
        try:
            limits = pipeline.Limits(request.timeout_s, OBJECT_LIMIT)
            answer = await pipeline.ask(call, measures, limits)
        except ModelError as error:
            metrics.model_errors += 1
            cause = error.__cause__
            if isinstance(cause, ContainerUnreachableError) and _is_asked_again(request, cause):
                raise cause from None
            raise
        finally:
            metrics.model_latency.observe((self._now() - started) * 1e6)
        if not answer.has_length:
            # AWS's text (deepjavalibrary/djl-serving #2567)
            raise ServiceError(
                f"The response from container {call.hostnames[-1]} did not specify the required"
                " Content-Length header"
            )
        return answer

    def _call(self, place_taken: _Place, request: AsyncRequest, body: bytes) -> Call:
        hostnames = containers_asked(
            place_taken.endpoint, place_taken.variant, tuple(place_taken.instance.containers), None
        )
        return Call(
            self._account,
            place_taken.endpoint,
            place_taken.variant,
            place_taken.instance,
            hostnames,
            request.headers,
            body,
        )

    async def _tell_failure(self, request: AsyncRequest, reason: str) -> None:
        if request.failure_location is not None:
            try:
                await self._objects.put(request.failure_location, reason.encode(), "text/plain")
            except ObjectsUnavailableError:
                raise
            except ObjectError as error:
                self._log.warning(
                    "failure not written",
                    extra={"request_id": request.request_id, "reason": str(error)},
                )
        self._tell(request, "failed")

    def _tell(self, request: AsyncRequest, outcome: str) -> None:
        self._log.info(
            "asynchronous invocation",
            extra={
                "request_id": request.request_id,
                "endpoint": request.endpoint,
                "outcome": outcome,
                "seconds": round(self._now() - request.accepted_at, 3),
            },
        )


def _is_asked_again(request: AsyncRequest, error: ContainerUnreachableError) -> bool:
    """Tell whether a request waits until the container is back, or has failed.

    A container that was down already got nothing, which says nothing of the request.
    """
    return not isinstance(error, ContainerDroppedError) or request.unanswered + 1 < TRIES_LIMIT
