"""The lives of all endpoints: brought back when hosting starts, looked after while it runs.

Not: what happens in a life (life), or what clients may ask for when (endpoints).
"""

import asyncio
from typing import NoReturn

from aws_lambda_powertools import Logger

from hosting.control.instances import Instances, container_name
from hosting.control.life import EndpointLife
from hosting.control.plan import plan_of
from hosting.control.records import Records, Status
from hosting.live import LiveEndpoints
from riskstack.contract.fault import place

CHECK_INTERVAL_S = 2.0
"""Between two checks whether instances are to be replaced."""


class EndpointLives:
    """The life of each endpoint, by its name."""

    def __init__(
        self, records: Records, instances: Instances, live: LiveEndpoints, log: Logger
    ) -> None:
        self._records = records
        self._instances = instances
        self._live = live
        self._log = log
        self._lives: dict[str, EndpointLife] = {}

    def of(self, name: str) -> EndpointLife:
        """Give the life of an endpoint, new or under way."""
        if name not in self._lives:
            self._lives[name] = EndpointLife(
                name, self._records, self._instances, self._live, self._log
            )
        return self._lives[name]

    def container_names(self) -> list[str]:
        """Give the names of the containers that a former hosting may have left in service."""
        return [
            container_name(instance, container)
            for record in self._records.all()
            if "Deployed" in record and record["EndpointStatus"] != Status.DELETING
            for variant in plan_of(record["EndpointName"], record["Deployed"]).all_variants
            for instance in variant.instances
            for container in variant.containers
        ]

    def bring_back(self) -> None:
        """Go on with every endpoint where a former hosting was; call this once, at the start.

        An update that was under way is given up: the endpoint comes back as it was before.
        """
        for record in self._records.all():
            name = record["EndpointName"]
            life = self.of(name)
            status = record["EndpointStatus"]
            if status == Status.DELETING:
                life.begin(life.delete)
            elif "Deployed" in record:
                reason = "The update was cut short." if "Pending" in record else None
                self._records.change(
                    name, Status.SYSTEM_UPDATING, Pending=None, FailureReason=reason
                )
                life.begin(life.recover)
            elif "Pending" in record:
                life.begin(life.create_declared if record["Declared"] else life.create)

    async def supervise(self) -> NoReturn:
        """Replace instances that have ended or are not healthy, until cancelled."""
        while True:
            for name, life in list(self._lives.items()):
                try:
                    if await life.needs_mending():
                        life.begin(life.mend)
                except Exception as error:  # noqa: BLE001 - one endpoint must not end the watch over the others
                    self._log.error("internal failure", extra={"endpoint": name, **place(error)})
            await asyncio.sleep(CHECK_INTERVAL_S)

    async def close(self) -> None:
        """Let go of what goes on: hosting ends."""
        await asyncio.gather(*(life.close() for life in self._lives.values()))
