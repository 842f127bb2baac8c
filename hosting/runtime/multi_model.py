"""Multi-model endpoints: the models of each instance, and the one that an invocation asks.

Not: how a model is loaded into a container (model_shelf).
"""

from dataclasses import replace
from http import HTTPStatus
from time import perf_counter_ns
from urllib.parse import unquote
from weakref import WeakKeyDictionary

from hosting.container import ContainerAnswer
from hosting.live import Instance, LiveVariant
from hosting.runtime import pipeline
from hosting.runtime.call import Call, Measures
from hosting.runtime.errors import ModelError, ValidationError
from hosting.runtime.members import TARGET_MODEL
from hosting.runtime.metrics import VariantMetrics
from hosting.runtime.model_shelf import Model, ModelShelf


class ModelShelves:
    """The shelf of each instance that has one."""

    def __init__(self) -> None:
        self._shelves: WeakKeyDictionary[Instance, ModelShelf] = WeakKeyDictionary()

    def of(self, variant: LiveVariant, instance: Instance, metrics: VariantMetrics) -> ModelShelf:
        """Give an instance's shelf; a multi-model variant's model has one container."""
        shelf = self._shelves.get(instance)
        if shelf is None:
            [hostname] = instance.containers
            shelf = self._shelves[instance] = ModelShelf(
                instance.containers[hostname],
                instance.running[hostname],
                variant.model_data_url or "",
                metrics,
            )
        return shelf

    def has(self, instance: Instance, target: str) -> bool:
        """Tell whether an instance has a model loaded."""
        shelf = self._shelves.get(instance)
        return shelf is not None and shelf.has(target)

    def loaded(self, variant: LiveVariant) -> int:
        """Give how many models all instances of a variant have loaded."""
        shelves = [self._shelves.get(instance) for instance in variant.instances]
        return sum(shelf.loaded for shelf in shelves if shelf is not None)


async def ask_model(
    call: Call, shelf: ModelShelf, target: str, measures: Measures
) -> ContainerAnswer:
    """Ask a model of a multi-model container, once more where the container has lost it.

    Raises what `ModelShelf.use` and `pipeline.ask` raise.
    """
    origin = call.account.origin(call.endpoint.name, call.hostnames[0])
    used: Model | None = None
    try:
        async with shelf.use(target, origin) as used:
            return await _ask_once(call, used, measures)
    except ModelError as error:
        if used is None or error.original_status != HTTPStatus.NOT_FOUND:
            raise
        # a container that was started again has no model loaded
        shelf.forget(used)
    async with shelf.use(target, origin) as model:
        return await _ask_once(call, model, measures)


async def _ask_once(call: Call, model: Model, measures: Measures) -> ContainerAnswer:
    started = perf_counter_ns()
    try:
        return await pipeline.ask(replace(call, path=model.path), measures)
    finally:
        measures.model_latency_us = (perf_counter_ns() - started) // 1000


def check_target(target: str) -> None:
    """Check that a target is a path below the prefix.

    Raises:
        ValidationError: it leads elsewhere.
    """
    # models of file:///folder/ are found by the path that the URL means
    path = unquote(target)
    if path.startswith("/") or ".." in path.split("/"):
        raise ValidationError(
            f"Target model {target} is no path below the endpoint's models.",
            at_fault=(TARGET_MODEL,),
        )
