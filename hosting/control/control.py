"""The control APIs put together: their operations, and what goes on with the endpoints."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from aws_lambda_powertools import Logger

from hosting.control.auto_scaling import AutoScaling
from hosting.control.endpoint_configs import EndpointConfigs
from hosting.control.endpoints import Endpoints
from hosting.control.instances import Instances
from hosting.control.json_protocol import Operations, Request
from hosting.control.lives import EndpointLives
from hosting.control.models import Models
from hosting.control.records import Records, Status
from hosting.control.registry import Registry
from hosting.control.scaling_loop import ScalingLoop
from hosting.control.scaling_records import ScalingRecords
from hosting.health import State
from hosting.live import LiveEndpoints


class Control:
    """Models, endpoint configurations, endpoints, their tags and their scaling."""

    def __init__(
        self,
        registry: Registry,
        instances: Instances,
        live: LiveEndpoints,
        log: Logger,
        metric_period_s: float,
    ) -> None:
        """Take how often auto scaling looks at its metric, in seconds."""
        self._registry = registry
        self._instances = instances
        self._live = live
        self._records = Records(registry)
        self._lives = EndpointLives(self._records, instances, live, log)
        self._models = Models(registry)
        self._configs = EndpointConfigs(registry, self._models)
        self._endpoints = Endpoints(registry, self._configs, self._models, self._lives, live)
        scaling = ScalingRecords(registry)
        self._auto_scaling = AutoScaling(registry, scaling, self._endpoints)
        self._scaling = ScalingLoop(registry, scaling, self._endpoints, log, metric_period_s)

    def operations(self) -> Operations:
        """Give the operations of SageMaker on all of these."""
        return {
            **self._models.operations(),
            **self._configs.operations(),
            **self._endpoints.operations(),
            **self._registry.tags.operations(),
        }

    def auto_scaling_operations(self) -> Operations:
        """Give the operations of Application Auto Scaling."""
        return self._auto_scaling.operations()

    def declare(
        self, models: Mapping[str, Request], endpoint_configs: Mapping[str, Request]
    ) -> None:
        """Create what is declared and not there. Raises ApiError."""
        for name, model in models.items():
            if not self._models.exists(name):
                self._models.create(model)
        for name, config in endpoint_configs.items():
            if not self._configs.exists(name):
                self._configs.create(config)

    @asynccontextmanager
    async def running(self, declared_endpoints: Mapping[str, Request]) -> AsyncIterator[None]:
        """Bring endpoints back or into service and look after them; at the end let go of them.

        What they run is stopped with the fleet.
        """
        await self._instances.stop_others(self._lives.container_names())
        self._lives.bring_back()
        for name, endpoint in declared_endpoints.items():
            record = self._records.get(name)
            if record is not None and _never_came(record):
                # nobody deletes it by hand: what it failed of may be put right by now
                self._records.delete(name)
                record = None
            if record is None:
                self._endpoints.declare(endpoint)
        loops = [
            asyncio.create_task(self._lives.supervise()),
            asyncio.create_task(self._scaling.run()),
        ]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._lives.close()
            self._instances.close()

    def not_in_service(self) -> dict[str, str]:
        """Give the endpoints that should be in service and are not, or not healthy, with why."""
        awaited = {
            record["EndpointName"]: self._live.creating.get(
                record["EndpointName"], "it is starting"
            )
            for record in self._records.all()
            if record["EndpointStatus"] == Status.SYSTEM_UPDATING
            or (record["EndpointStatus"] == Status.CREATING and record["Declared"])
        }
        unhealthy = {
            name: f"container {hostname} of model {variant.model_name}: {container.health.reason}"
            for name, endpoint in self._live.in_service.items()
            for variant in endpoint.variants
            for instance in variant.instances
            for hostname, container in instance.containers.items()
            if container.health.state is not State.HEALTHY
        }
        failed = {
            record["EndpointName"]: record["FailureReason"]
            for record in self._records.all()
            if record["EndpointStatus"] == Status.FAILED and record["Declared"]
        }
        return awaited | failed | unhealthy


def _never_came(record: Request) -> bool:
    """Tell whether an endpoint of the declaration failed before it was ever in service."""
    return (
        record["EndpointStatus"] == Status.FAILED
        and record["Declared"]
        and "Deployed" not in record
    )
