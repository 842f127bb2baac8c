"""The instances of variants: started until they are healthy, looked after, drained and stopped.

An instance is each of a model's containers once. Not: which instances there are to be (life).
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aws_lambda_powertools import Logger

from hosting.container import ContainerClient
from hosting.control.plan import ContainerPlan, VariantPlan
from hosting.fleet.fleet import Fleet, FleetError, Running, ServingContainer
from hosting.fleet.given import GivenContainer
from hosting.health import State
from hosting.live import Instance
from hosting.watch import WatchedContainer
from riskstack.contract.fault import place

LOOK_INTERVAL_S = 0.1
"""Between two looks at what is awaited: health, or the end of invocations."""

LAST_WORDS = 800
"""Characters of a log that a FailureReason, of 1,024 at most, has room for."""

LOOKS_PER_EXIT = 5
"""A fleet is asked whether a container has ended only at every so manieth look."""


def container_name(instance: str, container: ContainerPlan) -> str:
    """Give the name by which a fleet knows a container of an instance."""
    return f"{instance}-{container.hostname}"


class InstanceError(Exception):
    """An instance did not come into service; the message becomes FailureReason."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A container of an instance with all that belongs to it."""

    hostname: str
    running: Running
    client: ContainerClient
    watched: WatchedContainer
    watch: asyncio.Task[None]


class Instances:
    """Every instance that runs."""

    def __init__(
        self,
        fleet: Fleet,
        given: Mapping[str, str],
        invocation_timeout_s: float,
        log: Logger,
    ) -> None:
        """Take in `given` the URLs of the models whose containers are not started here."""
        self._fleet = fleet
        self._given = given
        self._invocation_timeout_s = invocation_timeout_s
        self._log = log
        self._parts: dict[str, list[_Part]] = {}

    async def start(
        self, plan: VariantPlan, name: str, *, patient: bool, tell: Callable[[str], None]
    ) -> Instance:
        """Start an instance, or take over the one of that name, and wait until it is healthy.

        Where it is `patient` a container that is given may take its time. `tell` is told what is
        waited for.

        Raises:
            InstanceError: it did not become healthy; nothing of it is left.
        """
        parts: list[_Part] = []
        self._parts[name] = parts
        try:
            for container in plan.containers:
                running = await self._run(plan, name, container)
                parts.append(self._watch(plan, container.hostname, running))
            given = plan.model_name in self._given
            timeout_s = None if patient and given else plan.startup_timeout_s
            await self._until_healthy(plan, parts, timeout_s, tell)
        except BaseException:
            await self._stop(name)
            raise
        return Instance(
            name,
            {part.hostname: part.watched for part in parts},
            running={part.hostname: part.running for part in parts},
        )

    async def retire(self, instance: Instance) -> None:
        """Wait for the invocations that are under way, then stop an instance."""
        while instance.outstanding:  # noqa: ASYNC110 - the runtime counts; it sets no event on its hot path
            await asyncio.sleep(LOOK_INTERVAL_S)
        await self._stop(instance.name)

    async def ended(self, instance: Instance) -> str | None:
        """Tell how a container of an instance ended, or give None while all run."""
        # it may have been stopped meanwhile
        for part in self._parts.get(instance.name, ()):
            if outcome := await part.running.exited():
                return f"container {part.hostname} ended with exit code {outcome.exit_code}"
        return None

    def unhealthy(self, instance: Instance) -> str | None:
        """Tell why an instance is not healthy, or give None where it is."""
        for hostname, container in instance.containers.items():
            if container.health.state is State.UNHEALTHY:
                return f"container {hostname}: {container.health.reason}"
        return None

    async def stop_others(self, names: list[str]) -> None:
        """Stop what a former hosting left, but for the containers of these names."""
        await self._fleet.stop_others(names)

    def close(self) -> None:
        """Let go of all instances: hosting ends, and the fleet stops what runs."""
        for part in (part for parts in self._parts.values() for part in parts):
            part.watch.cancel()
            part.client.close()

    def is_given(self, plan: VariantPlan) -> bool:
        """Tell whether a variant's container is not started here, and so never replaced."""
        return plan.model_name in self._given

    async def _run(self, plan: VariantPlan, name: str, container: ContainerPlan) -> Running:
        if plan.model_name in self._given:
            return GivenContainer(self._given[plan.model_name])
        if container.image is None:
            raise InstanceError(
                f"Model {plan.model_name} has no Image, and CONTAINERS does not tell where its"
                " container answers."
            )
        try:
            async with asyncio.timeout(plan.download_timeout_s):
                return await self._fleet.launch(
                    ServingContainer(
                        name=container_name(name, container),
                        image=container.image,
                        environment=container.environment,
                        model_data_url=None if container.multi_model else container.model_data_url,
                        multi_model=container.multi_model,
                        hostname=container.hostname,
                    )
                )
        except TimeoutError:
            raise InstanceError(
                f"The {container.hostname} container for production variant {plan.name} did not"
                f" start within {plan.download_timeout_s:g} s, the time to download its model."
            ) from None
        except FleetError as error:
            raise InstanceError(str(error)) from error

    def _watch(self, plan: VariantPlan, hostname: str, running: Running) -> _Part:
        client = ContainerClient(running.url, self._invocation_timeout_s)
        watched = WatchedContainer(plan.model_name, client, self._log)
        return _Part(hostname, running, client, watched, asyncio.create_task(watched.watch()))

    async def _until_healthy(
        self,
        plan: VariantPlan,
        parts: list[_Part],
        timeout_s: float | None,
        tell: Callable[[str], None],
    ) -> None:
        looks = 0
        waiting = parts
        try:
            async with asyncio.timeout(timeout_s):
                while waiting := [p for p in parts if p.watched.health.state is not State.HEALTHY]:
                    first = waiting[0]
                    tell(
                        f"container {first.hostname} of model {plan.model_name} is starting"
                        f" ({first.watched.health.reason})"
                    )
                    looks += 1
                    if looks % LOOKS_PER_EXIT == 0:
                        await self._check_running(plan, parts)
                    await asyncio.sleep(LOOK_INTERVAL_S)
        except TimeoutError:
            first = waiting[0]
            reason = f"After {timeout_s:g} s: {first.watched.health.reason}."
            raise InstanceError(_not_healthy(plan, first.hostname, reason)) from None

    async def _check_running(self, plan: VariantPlan, parts: list[_Part]) -> None:
        for part in parts:
            try:
                outcome = await part.running.exited()
            except FleetError as error:
                raise InstanceError(str(error)) from error
            if outcome:
                words = outcome.log.strip()[-LAST_WORDS:]
                reason = f"It ended with exit code {outcome.exit_code}: {words}"
                raise InstanceError(_not_healthy(plan, part.hostname, reason))

    async def _stop(self, name: str) -> None:
        parts = self._parts.pop(name)
        for part in parts:
            part.watch.cancel()
            part.client.close()
        ends = await asyncio.gather(
            *(part.running.stop() for part in parts), return_exceptions=True
        )
        for error in ends:
            if isinstance(error, Exception):
                self._log.error("instance is not stopped", extra={"instance": name, **place(error)})


def _not_healthy(plan: VariantPlan, hostname: str, reason: str) -> str:
    """Give AWS's text (awslabs/llm-hosting-container #18), and what is known here."""
    return (
        f"The {hostname} container for production variant {plan.name} did not pass the ping health"
        f" check. Please check CloudWatch logs for this endpoint. {reason}"
    )
