"""The endpoints as invocations find them: variants, their instances, the containers of each.

The control API replaces a whole `LiveEndpoint`; an invocation that is under way keeps the instance
that it began with. One that has awaited anything before it chose its instance looks its endpoint up
again: the instances of a former one may be gone.
Not: how they come about (control), or what an invocation does with them (runtime).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hosting.fleet.fleet import Running
from hosting.watch import WatchedContainer


class Routing(StrEnum):
    """RoutingStrategy of a production variant (botocore)."""

    RANDOM = "RANDOM"
    LEAST_OUTSTANDING_REQUESTS = "LEAST_OUTSTANDING_REQUESTS"


class Execution(StrEnum):
    """Mode of a model's InferenceExecutionConfig (botocore)."""

    SERIAL = "Serial"
    DIRECT = "Direct"


@dataclass(slots=True, eq=False, weakref_slot=True)
class Instance:
    """One copy of a variant: each of the model's containers once, by hostname, in their order."""

    name: str
    containers: Mapping[str, WatchedContainer]
    outstanding: int = 0
    """Invocations under way; one that is taken out of service is stopped when this is 0.

    The runtime counts it up without awaiting anything since it chose the instance.
    """
    running: Mapping[str, Running] = field(default_factory=dict)
    """What runs each container, by hostname: a multi-model endpoint's models are laid in there."""


@dataclass(slots=True, eq=False)
class LiveVariant:
    """A production or shadow variant. Weight and instances change while it is in service."""

    name: str
    model_name: str
    weight: float
    instances: list[Instance]
    routing: Routing = Routing.RANDOM
    execution: Execution = Execution.SERIAL
    multi_model: bool = False
    model_data_url: str | None = None
    """A multi-model variant's `s3://bucket/prefix/` or `file:///folder/` of models, else None."""
    invocations: int = 0
    """Invocations that reached the variant since it came into service: counted up by the runtime,
    read by auto scaling (InvocationsPerInstance)."""


@dataclass(frozen=True, slots=True)
class Capture:
    """DataCaptureConfig of an endpoint (botocore, data model of CreateEndpointConfig)."""

    destination: str
    """`s3://bucket/prefix`."""
    percentage: int
    input: bool
    output: bool
    csv_types: tuple[str, ...] = ()
    json_types: tuple[str, ...] = ()
    """What is of neither is written in Base64 (CaptureContentTypeHeader, botocore)."""


@dataclass(frozen=True, slots=True)
class Asynchronous:
    """AsyncInferenceConfig of an endpoint; one that has it takes InvokeEndpointAsync only."""

    output: str
    """`s3://bucket/prefix`."""
    failure: str | None
    concurrency_per_instance: int


@dataclass(frozen=True, slots=True)
class LiveEndpoint:
    """An endpoint that is in service, with its variants in the order of their declaration."""

    name: str
    variants: tuple[LiveVariant, ...]
    shadow: LiveVariant | None = None
    capture: Capture | None = None
    asynchronous: Asynchronous | None = None


@dataclass(slots=True)
class LiveEndpoints:
    """All endpoints in service. `creating` names those that are not yet, each with why."""

    in_service: dict[str, LiveEndpoint] = field(default_factory=dict)
    creating: dict[str, str] = field(default_factory=dict)
