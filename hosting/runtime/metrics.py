"""What AWS counts of endpoints in CloudWatch, as Prometheus text, by the same names.

Times are in microseconds, as in the namespace AWS/SageMaker (AWS developer guide, monitoring with
CloudWatch). To Prometheus a counter's name ends in `_total`. What tells of a shadow variant has no
counterpart at AWS, where its answers are compared by hand.

An invocation only adds to plain numbers: prometheus_client's own counters, with their locks, cost
as much as all the rest of an invocation. They are made Prometheus's when they are asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from riskstack.times import Times

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

LABELS = ("EndpointName", "VariantName")

BUCKETS_US = (
    *(100.0, 200.0, 500.0),
    *(1e3, 2e3, 5e3),
    *(1e4, 2e4, 5e4),
    *(1e5, 2e5, 5e5),
    *(1e6, 2e6, 5e6),
    *(1e7, 3e7, 6e7),
)
"""From a tenth of a millisecond to the 60 s that AWS waits for a container."""

SHADOW_RESULTS = ("equal", "different", "failed", "dropped")


def _times() -> Times:
    return Times(BUCKETS_US)


@dataclass(slots=True)
class VariantMetrics:
    """The metrics of one variant."""

    invocations: int = 0
    invocations_per_instance: float = 0.0
    client_errors: int = 0
    server_errors: int = 0
    model_errors: int = 0
    cache_hits: int = 0
    loaded_models: int = 0
    model_latency: Times = field(default_factory=_times)
    overhead_latency: Times = field(default_factory=_times)
    loading_wait: Times = field(default_factory=_times)
    downloading: Times = field(default_factory=_times)
    loading: Times = field(default_factory=_times)
    unloading: Times = field(default_factory=_times)


COUNTERS = {
    "invocations": ("Invocations", "InvokeEndpoint requests sent to a model endpoint"),
    "invocations_per_instance": (
        "InvocationsPerInstance",
        "Invocations, each divided by the instances of the variant",
    ),
    "client_errors": ("Invocation4XXErrors", "Requests where the model returned a 4xx status"),
    "server_errors": (
        "Invocation5XXErrors",
        "Requests where the model returned a 5xx status, or no answer",
    ),
    "model_errors": (
        "InvocationModelErrors",
        "Requests that did not result in a 2xx status of the model",
    ),
    "cache_hits": (
        "ModelCacheHit",
        "Requests to a multi-model endpoint whose model was already loaded",
    ),
}
GAUGES = {
    "loaded_models": (
        "LoadedModelCount",
        "Models loaded in the containers of a multi-model endpoint",
    ),
}
TIMES = {
    "model_latency": ("ModelLatency", "Time taken by the model to respond"),
    "overhead_latency": ("OverheadLatency", "Time that is added to the model's"),
    "loading_wait": ("ModelLoadingWaitTime", "Time that a request has waited for its model"),
    "downloading": ("ModelDownloadingTime", "Time to download a model"),
    "loading": ("ModelLoadingTime", "Time to load a model"),
    "unloading": ("ModelUnloadingTime", "Time to unload a model"),
}
"""The metrics behind the members of VariantMetrics: their names, and what they tell."""


class Metrics(Collector):
    """The metrics of all variants."""

    def __init__(self) -> None:
        self._variants: dict[tuple[str, str], VariantMetrics] = {}
        self._shadows: dict[tuple[str, str], dict[str, int]] = {}
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def of(self, endpoint: str, variant: str) -> VariantMetrics:
        """Give the metrics of a variant, to add to."""
        names = (endpoint, variant)
        found = self._variants.get(names)
        if found is None:
            found = self._variants[names] = VariantMetrics()
        return found

    def compared(self, endpoint: str, shadow: str, result: str) -> None:
        """Count how a copy that was for a shadow variant fared: one of SHADOW_RESULTS."""
        results = self._shadows.setdefault((endpoint, shadow), dict.fromkeys(SHADOW_RESULTS, 0))
        results[result] += 1

    def text(self) -> bytes:
        """Give all of them in Prometheus's text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Give all of them as Prometheus's."""
        for member, (name, meaning) in COUNTERS.items():
            counter = CounterMetricFamily(name, meaning, labels=LABELS)
            for names, metrics in self._variants.items():
                counter.add_metric(names, getattr(metrics, member))
            yield counter
        for member, (name, meaning) in GAUGES.items():
            gauge = GaugeMetricFamily(name, meaning, labels=LABELS)
            for names, metrics in self._variants.items():
                gauge.add_metric(names, getattr(metrics, member))
            yield gauge
        for member, (name, meaning) in TIMES.items():
            histogram = HistogramMetricFamily(name, f"{meaning}, in microseconds", labels=LABELS)
            for names, metrics in self._variants.items():
                times: Times = getattr(metrics, member)
                histogram.add_metric(names, times.buckets(), times.total)
            yield histogram
        yield self._comparisons()

    def _comparisons(self) -> Metric:
        comparisons = CounterMetricFamily(
            "ShadowComparisons",
            "Copies for a shadow variant, by how its answer compares",
            labels=(*LABELS, "Result"),
        )
        for names, results in self._shadows.items():
            for result, count in results.items():
                comparisons.add_metric((*names, result), count)
        return comparisons
