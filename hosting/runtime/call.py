"""What an invocation is while it is under way: what was asked, who is asked, what was learned.

What each invocation makes anew is a value but not frozen: to make that takes three times as long.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hosting.container import INVOCATIONS
from hosting.live import Instance, LiveEndpoint, LiveVariant
from hosting.runtime.model_error import Origin


@dataclass(frozen=True, slots=True)
class Account:
    """Whose endpoints these are, and where."""

    account_id: str
    region: str

    def origin(self, endpoint: str, container: str) -> Origin:
        """Give whose container an error is told of."""
        return Origin(self.account_id, self.region, endpoint, container)


@dataclass(slots=True)
class Request:
    """What a client sent; `headers` have their names in lower case."""

    request_id: str
    endpoint_name: str
    headers: Iterable[tuple[bytes, bytes]] = field(repr=False)
    body: bytes = field(repr=False)
    size: int
    """Bytes that were sent, of which `body` holds no more than are allowed."""


@dataclass(slots=True)
class Measures:
    """What is learned of an invocation on its way: for its log line, also where it fails."""

    variant: str = ""
    model_latency_us: int = 0
    """From passing the invocation on to the whole answer (CloudWatch's ModelLatency)."""
    failure: str = ""
    """What failed on the way to the container, which AWS's texts do not tell."""


@dataclass(slots=True)
class Call:
    """A request that has found its way: the containers of an instance, in the order asked."""

    account: Account
    endpoint: LiveEndpoint
    variant: LiveVariant
    instance: Instance
    hostnames: Sequence[str]
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    path: str = INVOCATIONS
    """Where the containers are asked: /invocations, or a model of a multi-model container."""
