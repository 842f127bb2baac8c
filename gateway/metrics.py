"""What AWS counts of an API in CloudWatch, as Prometheus text, by the same names.

Names, dimensions and units (milliseconds): API Gateway developer guide, "Amazon API Gateway
dimensions and metrics". To Prometheus a counter's name ends in `_total`, and none begins with a
digit. A request that finds no API, as with another stage, is not counted, as on AWS.

A request only adds to plain numbers; they are made Prometheus's when they are asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from gateway.exchange import Exchange
from gateway.stage import Stage
from riskstack.times import Times

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

LABELS = ("ApiName", "Stage", "Resource", "Method")
"""The last two are empty in what counts a stage as a whole."""

BUCKETS_MS = (
    *(1.0, 2.0, 5.0),
    *(1e1, 2e1, 5e1),
    *(1e2, 2e2, 5e2),
    *(1e3, 2e3, 5e3),
    *(1e4, 2.9e4),
)

_CLIENT_ERROR = 400
_SERVER_ERROR = 500


def _times() -> Times:
    return Times(BUCKETS_MS)


@dataclass(slots=True)
class Counts:
    """The metrics of a stage, or of one method in it."""

    count: int = 0
    client_errors: int = 0
    server_errors: int = 0
    latency: Times = field(default_factory=_times)
    integration_latency: Times = field(default_factory=_times)

    def add(self, exchange: Exchange) -> None:
        """Count a request that was answered."""
        self.count += 1
        if exchange.status >= _SERVER_ERROR:
            self.server_errors += 1
        elif exchange.status >= _CLIENT_ERROR:
            self.client_errors += 1
        self.latency.observe(exchange.latency_ms)
        if exchange.integration_ms is not None:
            self.integration_latency.observe(exchange.integration_ms)


class ApiMetrics(Collector):
    """The metrics of an API's stage."""

    def __init__(self, api_name: str, stage: Stage) -> None:
        self._api_name = api_name
        self._stage = stage
        self._all = Counts()
        self._routes: dict[tuple[str, str], Counts] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def add(self, exchange: Exchange) -> None:
        """Count a request that was answered, for its method too where the stage says so."""
        self._all.add(exchange)
        route = exchange.route
        if route is None or not self._stage.has_metrics(route.key):
            return
        place = (route.resource, exchange.request.method)
        counts = self._routes.get(place)
        if counts is None:
            counts = self._routes[place] = Counts()
        counts.add(exchange)

    def text(self) -> bytes:
        """Give all metrics as Prometheus text."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Give all metrics, as the registry asks for them."""
        families = {
            "Count": CounterMetricFamily("Count", "API requests", labels=LABELS),
            "4XX": CounterMetricFamily("Error4XX", "Client errors: 4XXError", labels=LABELS),
            "5XX": CounterMetricFamily("Error5XX", "Server errors: 5XXError", labels=LABELS),
        }
        latency = HistogramMetricFamily(
            "Latency", "From a request to its answer, in milliseconds", labels=LABELS
        )
        integration = HistogramMetricFamily(
            "IntegrationLatency", "What the backend took, in milliseconds", labels=LABELS
        )
        for place, counts in {("", ""): self._all, **self._routes}.items():
            labels = (self._api_name, self._stage.name, *place)
            families["Count"].add_metric(labels, counts.count)
            families["4XX"].add_metric(labels, counts.client_errors)
            families["5XX"].add_metric(labels, counts.server_errors)
            for family, times in (
                (latency, counts.latency),
                (integration, counts.integration_latency),
            ):
                family.add_metric(labels, times.buckets(), times.total)
        yield from families.values()
        yield latency
        yield integration
