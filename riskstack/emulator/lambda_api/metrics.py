"""What AWS counts of a function in CloudWatch, as Prometheus text, by the same names.

Facts: Lambda developer guide, "Types of metrics for Lambda functions", namespace AWS/Lambda;
durations are in milliseconds, as there. To Prometheus a counter's name ends in `_total`. What the
function logs in the embedded metric format stands beside it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
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

from riskstack.emulator.event_source_mapping.metrics import ITERATOR_AGE
from riskstack.emulator.lambda_api.embedded_metrics import EmbeddedMetrics
from riskstack.times import Times

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4

LABELS = ("FunctionName",)

BUCKETS_MS = (
    *(1.0, 2.0, 5.0),
    *(10.0, 20.0, 50.0),
    *(100.0, 200.0, 500.0),
    *(1e3, 2e3, 5e3),
    *(1e4, 3e4, 6e4),
    *(3e5, 9e5),
)
"""Up to the 15 minutes that a function may take."""


def _times() -> Times:
    return Times(BUCKETS_MS)


@dataclass(slots=True)
class Counts:
    """The metrics of one function."""

    invocations: int = 0
    errors: int = 0
    throttles: int = 0
    events_received: int = 0
    events_dropped: int = 0
    dead_letter_errors: int = 0
    delivery_failures: int = 0
    concurrency: int = 0
    duration: Times = field(default_factory=_times)
    event_age: Times = field(default_factory=_times)


_COUNTERS = {
    "invocations": ("Invocations", "Invocations of the function's code"),
    "errors": ("Errors", "Invocations that ended in a function error"),
    "throttles": ("Throttles", "Invocations that were refused for want of concurrency"),
    "events_received": ("AsyncEventsReceived", "Events that were queued"),
    "events_dropped": ("AsyncEventsDropped", "Events that were given up"),
    "dead_letter_errors": ("DeadLetterErrors", "Events that did not reach the dead letter queue"),
    "delivery_failures": ("DestinationDeliveryFailures", "Records that reached no destination"),
}
_GAUGES = {"concurrency": ("ConcurrentExecutions", "Invocations under way")}
_TIMES = {
    "duration": ("Duration", "Milliseconds that the function's code took"),
    "event_age": ("AsyncEventAge", "Milliseconds from queueing an event to invoking the function"),
}
"""The metrics behind the members of Counts: their names, and what they tell."""


class Metrics(Collector):
    """All metrics of one function."""

    def __init__(self, function: str, embedded: EmbeddedMetrics) -> None:
        self.counts = Counts()
        self.embedded = embedded
        self.mappings: Callable[[], Sequence[Mapping[str, float]]] = list
        """Gives what each event source mapping has counted, by CloudWatch's names."""
        self._labels = [function]
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """Give all of them in Prometheus's text format."""
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Metric]:
        """Give nothing: which metrics there are, the function's log decides."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Give all of them as Prometheus's."""
        for member, (name, meaning) in _COUNTERS.items():
            counter = CounterMetricFamily(name, meaning, labels=LABELS)
            counter.add_metric(self._labels, getattr(self.counts, member))
            yield counter
        for member, (name, meaning) in _GAUGES.items():
            gauge = GaugeMetricFamily(name, meaning, labels=LABELS)
            gauge.add_metric(self._labels, getattr(self.counts, member))
            yield gauge
        for member, (name, meaning) in _TIMES.items():
            times: Times = getattr(self.counts, member)
            histogram = HistogramMetricFamily(name, meaning, labels=LABELS)
            histogram.add_metric(self._labels, times.buckets(), times.total)
            yield histogram
        yield from self._of_mappings()
        yield from self.embedded.collect()

    def _of_mappings(self) -> Iterator[Metric]:
        """Give what the event source mappings counted, those of one name added up.

        An age is no count: the oldest of them is given.
        """
        mappings = self.mappings()
        for name in sorted({name for values in mappings for name in values}):
            values = [mapping[name] for mapping in mappings if name in mapping]
            if name == ITERATOR_AGE:
                meaning = "Milliseconds between the last record of a batch and its end"
                gauge = GaugeMetricFamily(name, meaning, labels=LABELS)
                gauge.add_metric(self._labels, max(values))
                yield gauge
            else:
                meaning = "Events of the function's event source mappings"
                counter = CounterMetricFamily(name, meaning, labels=LABELS)
                counter.add_metric(self._labels, sum(values))
                yield counter
