"""The life of one endpoint: created, updated, scaled, mended, deleted, brought back.

One thing at a time goes on in an endpoint. What is in service changes in one step: invocations
that are under way end on the instances that they began with, and only then are these stopped.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeAlias

from aws_lambda_powertools import Logger

from hosting.control.instances import InstanceError, Instances
from hosting.control.plan import VariantPlan, plan_of
from hosting.control.records import Records, Status
from hosting.control.rollout import Rollout, fresh_name, variants_of
from hosting.live import Instance, LiveEndpoint, LiveEndpoints, LiveVariant
from riskstack.contract.fault import place

RETRY_S = 5.0
"""Between two tries to bring back what should be in service."""

UNHEALTHY_CHECKS_LIMIT = 6
"""An instance that is not healthy so many checks in a row is replaced; AWS tells no number."""

Work: TypeAlias = Callable[[], Coroutine[Any, Any, None]]


class EndpointLife:
    """The life of the endpoint of a name."""

    def __init__(
        self, name: str, records: Records, instances: Instances, live: LiveEndpoints, log: Logger
    ) -> None:
        self._name = name
        self._records = records
        self._instances = instances
        self._rollout = Rollout(instances, self._tell)
        self._live = live
        self._log = log
        self._plans: Mapping[str, VariantPlan] = {}
        self._task: asyncio.Task[None] | None = None
        self._unhealthy_checks: dict[str, int] = {}

    def begin(self, work: Work) -> None:
        """Begin something; bringing back and mending, which could go on for long, end there."""
        self._task = asyncio.create_task(self._do(work, self._task))

    async def close(self) -> None:
        """Let go of what goes on: hosting ends."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._rollout.close()

    # the works

    async def create(self) -> None:
        """Bring what is pending into service, or fail."""
        await self._create(patient=False)

    async def create_declared(self) -> None:
        """Do as `create`, but wait for containers that are given as long as it takes."""
        await self._create(patient=True)

    async def update(self) -> None:
        """Bring what is pending into service in place of what is, or keep that."""
        pending = self._records.find(self._name)["Pending"]
        before = self._live.in_service[self._name]
        try:
            fresh = await self._rollout.start(plan_of(self._name, pending), patient=False)
        except InstanceError as error:
            self._records.change(
                self._name, Status.IN_SERVICE, Pending=None, FailureReason=str(error)
            )
            return
        self._put_in_service(fresh, pending)
        for variant in variants_of(before):
            self._rollout.retire(variant.instances)

    async def scale(self) -> None:
        """Make weights and instances what the document says is desired."""
        plan = plan_of(self._name, self._records.find(self._name)["Deployed"])
        endpoint = self._live.in_service[self._name]
        reason = None
        added: Mapping[str, list[Instance]] = {}
        try:
            added = await self._rollout.start_missing(plan, endpoint)
        except InstanceError as error:
            reason = str(error)
        for variant, wanted in zip(variants_of(endpoint), plan.all_variants, strict=True):
            variant.weight = wanted.weight
            gone = [each for each in variant.instances if each.name not in wanted.instances]
            variant.instances[:] = [
                *(each for each in variant.instances if each not in gone),
                *added.get(variant.name, ()),
            ]
            self._rollout.retire(gone)
        self._write_instances(endpoint, reason)

    async def delete(self) -> None:
        """Take the endpoint out of service, and end it when its invocations have."""
        self._live.creating.pop(self._name, None)
        endpoint = self._live.in_service.pop(self._name, None)
        for variant in variants_of(endpoint) if endpoint else ():
            self._rollout.retire(variant.instances)
        await self._rollout.retired()
        self._records.delete(self._name)

    async def recover(self) -> None:
        """Bring back what a former hosting had in service, however long it takes."""
        record = self._records.find(self._name)
        deployed = record["Deployed"]
        while True:
            try:
                endpoint = await self._rollout.start(plan_of(self._name, deployed), patient=True)
                break
            except InstanceError as error:
                self._warn("endpoint is not back", error)
                self._tell(str(error))
                await asyncio.sleep(RETRY_S)
        self._put_in_service(endpoint, deployed, record.get("FailureReason"))

    async def mend(self) -> None:
        """Replace the instances that have ended, or are not healthy for long."""
        for variant, instance, reason in await self._faulty(self._live.in_service[self._name]):
            self._log.warning(
                "instance is replaced",
                extra={"endpoint": self._name, "instance": instance.name, "reason": reason},
            )
            await self._replace(variant, instance)

    async def needs_mending(self) -> bool:
        """Tell whether an instance is to be replaced; call it at regular intervals."""
        task = self._task
        endpoint = self._live.in_service.get(self._name)
        if endpoint is None or (task is not None and not task.done()):
            return False
        for variant in variants_of(endpoint):
            for instance in variant.instances:
                self._count_unhealthy(instance)
        # something else may have begun meanwhile, which mending would end
        return bool(await self._faulty(endpoint)) and self._task is task

    # how they are done

    async def _do(self, work: Work, before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            before.cancel()
            await asyncio.wait([before])
        try:
            await work()
        except Exception as error:  # noqa: BLE001 - nobody awaits this: it is told in the log and the document
            self._log.error("endpoint", extra={"endpoint": self._name, **place(error)})
            in_service = self._name in self._live.in_service
            self._live.creating.pop(self._name, None)
            self._records.change(
                self._name,
                Status.IN_SERVICE if in_service else Status.FAILED,
                Pending=None,
                FailureReason="Internal failure: hosting's log tells why.",
            )

    async def _create(self, *, patient: bool) -> None:
        pending = self._records.find(self._name)["Pending"]
        self._tell("its containers are starting")
        try:
            endpoint = await self._rollout.start(plan_of(self._name, pending), patient=patient)
        except InstanceError as error:
            self._live.creating.pop(self._name, None)
            self._records.change(self._name, Status.FAILED, Pending=None, FailureReason=str(error))
            return
        self._put_in_service(endpoint, pending)

    def _put_in_service(
        self, endpoint: LiveEndpoint, deployment: Mapping[str, Any], reason: str | None = None
    ) -> None:
        self._live.in_service[self._name] = endpoint
        self._live.creating.pop(self._name, None)
        self._write(deployment, reason)

    async def _replace(self, variant: LiveVariant, instance: Instance) -> None:
        if len(variant.instances) > 1:
            variant.instances.remove(instance)
        try:
            name = fresh_name(self._name, variant.name)
            fresh = await self._rollout.start_one(self._plans[variant.name], name)
        except BaseException as error:
            # it counts as one of the variant's still: it is tried again, or retired with them
            if instance not in variant.instances:
                variant.instances.append(instance)
            if not isinstance(error, InstanceError):
                raise
            self._warn("instance is not replaced", error)
            return
        variant.instances[:] = [
            *(each for each in variant.instances if each is not instance),
            fresh,
        ]
        self._unhealthy_checks.pop(instance.name, None)
        self._rollout.retire([instance])
        self._write_instances(self._live.in_service[self._name], None)

    async def _faulty(self, endpoint: LiveEndpoint) -> list[tuple[LiveVariant, Instance, str]]:
        """Give the instances that are to be replaced, each with why."""
        return [
            (variant, instance, reason)
            for variant in variants_of(endpoint)
            if not self._instances.is_given(self._plans[variant.name])
            for instance in variant.instances
            if (reason := await self._fault(instance))
        ]

    async def _fault(self, instance: Instance) -> str | None:
        if ended := await self._instances.ended(instance):
            return ended
        checks = self._unhealthy_checks.get(instance.name, 0)
        return "it is not healthy" if checks >= UNHEALTHY_CHECKS_LIMIT else None

    def _count_unhealthy(self, instance: Instance) -> None:
        if self._instances.unhealthy(instance):
            checks = self._unhealthy_checks.get(instance.name, 0)
            self._unhealthy_checks[instance.name] = checks + 1
        else:
            self._unhealthy_checks.pop(instance.name, None)

    def _write_instances(self, endpoint: LiveEndpoint, reason: str | None) -> None:
        """Write down the instances that there are."""
        deployed = self._records.find(self._name)["Deployed"]
        variants = {
            variant.name: {
                **deployed["Variants"][variant.name],
                "Instances": [instance.name for instance in variant.instances],
            }
            for variant in variants_of(endpoint)
        }
        self._write({**deployed, "Variants": variants}, reason)

    def _write(self, deployed: Mapping[str, Any], reason: str | None) -> None:
        plan = plan_of(self._name, deployed)
        self._plans = {variant.name: variant for variant in plan.all_variants}
        self._records.change(
            self._name,
            Status.IN_SERVICE,
            EndpointConfigName=deployed["Config"]["EndpointConfigName"],
            Deployed=deployed,
            Pending=None,
            FailureReason=reason,
        )

    def _tell(self, reason: str) -> None:
        if self._name not in self._live.in_service:
            self._live.creating[self._name] = reason

    def _warn(self, message: str, error: BaseException) -> None:
        self._log.warning(message, extra={"endpoint": self._name, "reason": str(error)})
