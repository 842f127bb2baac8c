"""What the container counts, as Prometheus text at /metrics, where SageMaker scrapes it.

(botocore: ContainerMetricsConfig.) The hot path counts in plain numbers, a tenth of what the
library's own objects cost; they are put into Prometheus' words only when somebody asks. Nothing is
told by model name, which is opaque and unbounded in number.
"""

import threading
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from model_server.model.predictor import Predictor

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
BUCKETS = (
    *(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
"""Upper ends in seconds: from a single row to SageMaker's limit of an invocation."""
LEFT = 499
"""How a request is counted whose client left before there was an answer."""


class Metrics(Collector):
    """Counts of one server. Invocations are counted on the event loop, rows in any thread."""

    def __init__(self) -> None:
        self._requests: Counter[int] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        self._in_flight = 0
        self._rows = 0
        self._rows_lock = threading.Lock()
        self._models = 0
        self._load_seconds = 0.0
        self._loads: Counter[str] = Counter()
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def begin(self) -> float:
        """Count an invocation as under way; give the time to end it with."""
        self._in_flight += 1
        return time.perf_counter()

    def end(self, begun: float, status: int) -> None:
        """Count an invocation as answered."""
        seconds = time.perf_counter() - begun
        self._in_flight -= 1
        self._requests[status] += 1
        self._seconds += seconds
        self._buckets[bisect_left(BUCKETS, seconds)] += 1

    def count_rows(self, rows: int) -> None:
        """Count rows that were scored."""
        with self._rows_lock:
            self._rows += rows

    def loaded(self, seconds: float) -> None:
        """Count a model that was loaded, and the time that it took."""
        self._loads["loaded"] += 1
        self._models += 1
        self._load_seconds = seconds

    def not_loaded(self) -> None:
        """Count a model that could not be loaded."""
        self._loads["failed"] += 1

    def unloaded(self) -> None:
        """Count a model that is no longer there."""
        self._models -= 1

    def text(self) -> bytes:
        """Write everything as Prometheus text."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Put the numbers into Prometheus' words."""
        requests = CounterMetricFamily(
            "model_server_invocations", "Invocations by status.", labels=["status"]
        )
        for status, number in sorted(self._requests.items()):
            requests.add_metric([str(status)], number)
        yield requests
        yield HistogramMetricFamily(
            "model_server_invocation_seconds",
            "From the headers of an invocation to the end of its answer.",
            buckets=list(self._cumulated()),
            sum_value=self._seconds,
        )
        yield GaugeMetricFamily(
            "model_server_invocations_in_flight", "Invocations under way.", self._in_flight
        )
        yield CounterMetricFamily("model_server_rows", "Rows that were scored.", self._rows)
        loads = CounterMetricFamily(
            "model_server_model_loads", "Loads of a model by outcome.", labels=["outcome"]
        )
        for outcome, number in sorted(self._loads.items()):
            loads.add_metric([outcome], number)
        yield loads
        yield GaugeMetricFamily(
            "model_server_model_load_seconds", "Time of the last load.", self._load_seconds
        )
        yield GaugeMetricFamily("model_server_models", "Models in memory.", self._models)

    def _cumulated(self) -> Iterator[tuple[str, float]]:
        total = 0
        for end, number in zip((*map(str, BUCKETS), "+Inf"), self._buckets, strict=True):
            total += number
            yield end, total


class Counted:
    """A predictor whose rows are counted; see `Predictor`."""

    def __init__(self, model: Predictor, metrics: Metrics) -> None:
        self.columns = model.columns
        self.names = model.names
        self.objective = model.objective
        self.classes = model.classes
        self.version = model.version
        self.contributions = model.contributions
        self.score_row = model.score_row
        self.score_csv = model.score_csv
        self.score_json = model.score_json
        self._score = model.score
        self._count = metrics.count_rows

    def score(self, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Count the rows and predict."""
        self._count(len(rows))
        return self._score(rows)
