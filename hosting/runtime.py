"""The runtime API's InvokeEndpoint, from a request's parts to an answer or an error.

Not: HTTP on the client's side (wire), or any rule: those are in the modules that it calls.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import perf_counter_ns

from hosting import model_error
from hosting.container import (
    ContainerAnswer,
    ContainerBodyError,
    ContainerTimeoutError,
    ContainerUnreachableError,
)
from hosting.endpoint import Endpoint, Variant
from hosting.errors import ServiceUnavailableError
from hosting.health import State
from hosting.invocation import check_body, read_invocation
from hosting.routing import choose_variant, find_endpoint, target_variant
from hosting.watch import WatchedContainer


@dataclass(slots=True)
class Measures:
    """What is learned of an invocation on its way: for its log line, also where it fails."""

    variant: str = ""
    model_latency_us: int = 0
    """From passing the invocation on to the whole answer (CloudWatch's ModelLatency)."""
    failure: str = ""
    """What failed on the way to the container, which AWS's texts do not tell."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; `headers` have their names in lower case."""

    request_id: str
    endpoint_name: str
    headers: Iterable[tuple[bytes, bytes]]
    body: bytes
    size: int
    """Bytes that were sent, of which `body` holds no more than are allowed."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose endpoints these are, and where."""

    account_id: str
    region: str


class Runtime:
    """The endpoints in service, with the container of each model by its name."""

    def __init__(
        self,
        account: Account,
        endpoints: Mapping[str, Endpoint],
        containers: Mapping[str, WatchedContainer],
        draw: Callable[[], float],
    ) -> None:
        """Take `draw` for the dice: each call gives a number from [0, 1)."""
        self._account = account
        self._endpoints = endpoints
        self._containers = containers
        self._draw = draw

    async def invoke_endpoint(
        self, request: Request, measures: Measures
    ) -> tuple[Variant, ContainerAnswer]:
        """Do what InvokeEndpoint does; the answer is a successful one.

        Raises:
            ValidationError: the request is at fault.
            ServiceUnavailableError: the endpoint is not in service.
            ModelError: the container is at fault.
        """
        invocation = read_invocation(request.endpoint_name, request.headers)
        endpoint = find_endpoint(
            self._endpoints, invocation.endpoint_name, self._account.account_id
        )
        if invocation.target_variant is None:
            variant = choose_variant(endpoint, self._draw())
        else:
            variant = target_variant(endpoint, invocation.target_variant, self._account.account_id)
        measures.variant = variant.name
        check_body(request.size, request.request_id)
        self._check_in_service(endpoint)
        answer = await self._ask(
            endpoint, variant, invocation.container_headers, request.body, measures
        )
        return variant, answer

    def not_healthy(self) -> dict[str, str]:
        """Give the models whose containers are not healthy, each with why."""
        return {
            model: f"{container.health.state}: {container.health.reason}"
            for model, container in self._containers.items()
            if container.health.state is not State.HEALTHY
        }

    def _check_in_service(self, endpoint: Endpoint) -> None:
        """Refuse while a container has yet to answer for the first time.

        AWS creates an endpoint until each container passes its health checks. It does not
        document what InvokeEndpoint then says; this is the error that tells SDKs to try again.
        """
        for variant in endpoint.variants:
            health = self._containers[variant.model.name].health
            if health.state is State.STARTING:
                raise ServiceUnavailableError(
                    f"Endpoint {endpoint.name} of account {self._account.account_id} is not in"
                    f" service: container {variant.model.container_hostname} of model"
                    f" {variant.model.name} is starting ({health.reason}). Try your call again."
                )

    async def _ask(
        self,
        endpoint: Endpoint,
        variant: Variant,
        headers: Mapping[str, str],
        body: bytes,
        measures: Measures,
    ) -> ContainerAnswer:
        origin = model_error.Origin(
            self._account.account_id,
            self._account.region,
            endpoint.name,
            variant.model.container_hostname,
        )
        started = perf_counter_ns()
        try:
            answer = await self._containers[variant.model.name].invoke(headers, body)
        except ContainerTimeoutError as error:
            measures.failure = str(error)
            raise model_error.timed_out(origin) from error
        except ContainerUnreachableError as error:
            measures.failure = str(error)
            raise model_error.unreachable(origin) from error
        except ContainerBodyError as error:
            measures.failure = str(error)
            raise model_error.broken_off(origin, error.status) from error
        finally:
            measures.model_latency_us = (perf_counter_ns() - started) // 1000
        if not 200 <= answer.status < 300:  # noqa: PLR2004 - the statuses of success
            raise model_error.answered(origin, answer.status, answer.body)
        return answer
