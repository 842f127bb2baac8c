"""Plans made into live endpoints: instances started side by side, retired when they are drained.

Not: when that is done, or what is written down of it (life).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import uuid4

from hosting.control.instances import Instances
from hosting.control.plan import EndpointPlan, VariantPlan
from hosting.live import Instance, LiveEndpoint, LiveVariant


def fresh_name(endpoint_name: str, variant_name: str) -> str:
    """Give the name of a new instance: no two have the same."""
    return f"{endpoint_name}-{variant_name}-{uuid4().hex[:8]}"


def variants_of(endpoint: LiveEndpoint) -> Sequence[LiveVariant]:
    """Give every variant, the shadow last: the order of EndpointPlan.all_variants."""
    return (*endpoint.variants, endpoint.shadow) if endpoint.shadow else endpoint.variants


class Rollout:
    """Starts and retires the instances of one endpoint."""

    def __init__(self, instances: Instances, tell: Callable[[str], None]) -> None:
        """Take `tell`, which is told what is waited for."""
        self._instances = instances
        self._tell = tell
        self._retiring: set[asyncio.Task[None]] = set()

    async def start(self, plan: EndpointPlan, *, patient: bool) -> LiveEndpoint:
        """Start all instances of a plan. Raises InstanceError, and then nothing is left."""
        started = await self._start(
            [(variant, name) for variant in plan.all_variants for name in variant.instances],
            patient=patient,
        )
        variants = [_live(variant, started[variant.name]) for variant in plan.all_variants]
        return LiveEndpoint(
            name=plan.name,
            variants=tuple(variants[: len(plan.variants)]),
            shadow=variants[-1] if plan.shadow else None,
            capture=plan.capture,
            asynchronous=plan.asynchronous,
        )

    async def start_missing(
        self, plan: EndpointPlan, endpoint: LiveEndpoint
    ) -> Mapping[str, list[Instance]]:
        """Start the instances that a plan has and an endpoint has not; give them by variant.

        Raises InstanceError, and then none is left.
        """
        there = {each.name for variant in variants_of(endpoint) for each in variant.instances}
        missing = [
            (variant, name)
            for variant in plan.all_variants
            for name in variant.instances
            if name not in there
        ]
        return await self._start(missing, patient=False)

    async def start_one(self, variant: VariantPlan, name: str) -> Instance:
        """Start one instance. Raises InstanceError, and then it is not left."""
        return await self._instances.start(variant, name, patient=False, tell=self._tell)

    def retire(self, instances: Iterable[Instance]) -> None:
        """Stop instances, each when its invocations have ended; this does not wait for it."""
        for instance in instances:
            task = asyncio.create_task(self._instances.retire(instance))
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    async def retired(self) -> None:
        """Wait until all is stopped that was retired."""
        await asyncio.gather(*self._retiring)

    async def close(self) -> None:
        """Wait no longer for the ends of invocations: hosting ends."""
        for task in self._retiring:
            task.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    async def _start(
        self, wanted: Sequence[tuple[VariantPlan, str]], *, patient: bool
    ) -> dict[str, list[Instance]]:
        tasks = [
            asyncio.create_task(
                self._instances.start(variant, name, patient=patient, tell=self._tell)
            )
            for variant, name in wanted
        ]
        try:
            instances = await asyncio.gather(*tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            self.retire(end for end in ends if isinstance(end, Instance))
            raise
        started: dict[str, list[Instance]] = {variant.name: [] for variant, _ in wanted}
        for (variant, _), instance in zip(wanted, instances, strict=True):
            started[variant.name].append(instance)
        return started


def _live(plan: VariantPlan, instances: list[Instance]) -> LiveVariant:
    return LiveVariant(
        name=plan.name,
        model_name=plan.model_name,
        weight=plan.weight,
        instances=instances,
        routing=plan.routing,
        execution=plan.execution,
        multi_model=plan.multi_model,
        model_data_url=plan.containers[0].model_data_url if plan.multi_model else None,
    )
