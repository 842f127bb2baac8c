"""The models of a multi-model container: loaded on first use, unloaded when room is needed.

A container is asked as AWS asks it (developer guide, mms-container-apis): POST /models loads, a 507
means that it has no room, DELETE /models/{name} unloads, POST /models/{name}/invoke asks. A model's
name there is opaque. Not: how a model comes into the container (fleet), or what it answers.
"""

import asyncio
import hashlib
import json
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter_ns

from hosting.container import (
    ContainerAnswer,
    ContainerBodyError,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.fleet.fleet import FleetError, Running
from hosting.runtime import model_error
from hosting.runtime.errors import (
    InternalDependencyError,
    ModelError,
    ModelNotReadyError,
    ValidationError,
)
from hosting.runtime.members import TARGET_MODEL
from hosting.runtime.metrics import VariantMetrics
from hosting.watch import WatchedContainer

WAIT_S = 60.0
"""How long a request waits for its model; the model goes on loading after that."""

LOADING_TIMEOUT_S = 600.0
"""How long a container may take to load a model."""

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_LOADED = (HTTPStatus.OK, HTTPStatus.CONFLICT)
_UNLOADED = (HTTPStatus.OK, HTTPStatus.NOT_FOUND)


@dataclass(slots=True, eq=False)
class Model:
    """A model that is loaded, or about to be."""

    target: str
    name: str
    users: int = 0
    loading: "asyncio.Task[None] | None" = None
    is_loaded: bool = False
    gone: asyncio.Event | None = None
    """Set when the container has unloaded it; there is one as soon as it is asked to."""

    @property
    def path(self) -> str:
        """Give where the container is asked for it."""
        return f"/models/{self.name}/invoke"


class ModelShelf:
    """The models of one container, those used last at the end."""

    def __init__(
        self, container: WatchedContainer, running: Running, prefix: str, metrics: VariantMetrics
    ) -> None:
        """Take the container, and where models are: TargetModel comes after the prefix."""
        self._container = container
        self._running = running
        self._prefix = prefix
        self._metrics = metrics
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._making_room = asyncio.Lock()

    def has(self, target: str) -> bool:
        """Tell whether a model is loaded, or about to be."""
        return target in self._models

    @property
    def loaded(self) -> int:
        """Give how many models are loaded (LoadedModelCount)."""
        return sum(model.is_loaded for model in self._models.values())

    def forget(self, model: Model) -> None:
        """Forget a model that the container no longer has, but not one loaded in its place."""
        if self._models.get(model.target) is model:
            del self._models[model.target]

    @asynccontextmanager
    async def use(self, target: str, origin: model_error.Origin) -> AsyncIterator[Model]:
        """Load a model where it is not, and keep it while it is used.

        Raises:
            ValidationError: there is no such model.
            ModelError: the container does not load it.
            ModelNotReadyError: it takes too long.
            InternalDependencyError: it could not be laid into the container.
        """
        model = self._models.get(target)
        while model is not None and model.gone is not None:
            await model.gone.wait()
            model = self._models.get(target)
        if model is None:
            model = self._models[target] = Model(target, _opaque(target))
        self._models.move_to_end(target)
        model.users += 1
        try:
            await self._wait_for(model, origin)
            yield model
        finally:
            model.users -= 1

    async def _wait_for(self, model: Model, origin: model_error.Origin) -> None:
        if model.is_loaded:
            self._metrics.cache_hits += 1
            return
        if model.loading is None:
            model.loading = asyncio.create_task(self._load(model, origin))
            # nobody may wait for it any more when it fails
            model.loading.add_done_callback(_look_at_error)
        started = perf_counter_ns()
        try:
            async with asyncio.timeout(WAIT_S):
                await asyncio.shield(model.loading)
        except TimeoutError as error:
            # AWS's text is not documented: this is what its documentation says of the error
            raise ModelNotReadyError(
                f"Endpoint {origin.endpoint} is still downloading or loading the target model"
                f" {model.target}. Wait and try your request again."
            ) from error
        finally:
            self._metrics.loading_wait.observe(_us_since(started))

    async def _load(self, model: Model, origin: model_error.Origin) -> None:
        try:
            folder = await self._lay_in(model)
            await self._load_with_room(model, folder, origin)
        except BaseException:
            self.forget(model)
            raise
        finally:
            model.loading = None
        model.is_loaded = True

    async def _lay_in(self, model: Model) -> str:
        started = perf_counter_ns()
        try:
            return await self._running.put_model(model.name, self._prefix + model.target)
        except FleetError as error:
            raise ValidationError(
                f"Model {model.target} cannot be had: {error}", at_fault=(TARGET_MODEL,)
            ) from error
        except OSError as error:
            raise InternalDependencyError(
                f"Model {model.target} cannot be laid into the container: {error.strerror}."
            ) from error
        finally:
            self._metrics.downloading.observe(_us_since(started))

    async def _load_with_room(self, model: Model, folder: str, origin: model_error.Origin) -> None:
        answer = await self._ask_to_load(model, folder, origin)
        if answer.status == HTTPStatus.INSUFFICIENT_STORAGE:
            # one at a time, or each would take the room that another has just made
            async with self._making_room:
                for other in list(self._models.values()):
                    if not other.is_loaded or other.users or other.gone is not None:
                        continue
                    await self._unload(other, origin)
                    answer = await self._ask_to_load(model, folder, origin)
                    if answer.status != HTTPStatus.INSUFFICIENT_STORAGE:
                        break
        if answer.status not in _LOADED:
            await self._running.remove_model(model.name)
            raise model_error.answered(origin, answer.status, answer.body)

    async def _ask_to_load(
        self, model: Model, folder: str, origin: model_error.Origin
    ) -> ContainerAnswer:
        body = json.dumps({"model_name": model.name, "url": folder}).encode()
        started = perf_counter_ns()
        try:
            return await self._container.invoke(_JSON, body, "/models", timeout_s=LOADING_TIMEOUT_S)
        except (ContainerTimeoutError, ContainerUnreachableError, ContainerBodyError) as error:
            raise _told(origin, error) from error
        finally:
            self._metrics.loading.observe(_us_since(started))

    async def _unload(self, model: Model, origin: model_error.Origin) -> None:
        """Unload a model that nobody uses; who asks for it meanwhile waits, and loads it anew."""
        model.gone = asyncio.Event()
        started = perf_counter_ns()
        try:
            answer = await self._container.request("DELETE", f"/models/{model.name}")
            if answer.status not in _UNLOADED:
                raise model_error.answered(origin, answer.status, answer.body)
            await self._running.remove_model(model.name)
        except (ContainerTimeoutError, ContainerUnreachableError, ContainerBodyError) as error:
            raise _told(origin, error) from error
        finally:
            self._metrics.unloading.observe(_us_since(started))
            self.forget(model)
            model.gone.set()


def _opaque(target: str) -> str:
    return hashlib.sha256(target.encode()).hexdigest()[:32]


def _us_since(started_ns: int) -> int:
    return (perf_counter_ns() - started_ns) // 1000


def _look_at_error(task: "asyncio.Task[None]") -> None:
    if not task.cancelled():
        task.exception()


def _told(
    origin: model_error.Origin,
    error: ContainerTimeoutError | ContainerUnreachableError | ContainerBodyError,
) -> ModelError:
    if isinstance(error, ContainerTimeoutError):
        return model_error.timed_out(origin)
    if isinstance(error, ContainerUnreachableError):
        return model_error.unreachable(origin)
    return model_error.broken_off(origin, error.status)
