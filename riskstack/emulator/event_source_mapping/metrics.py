"""What a mapping counts, under CloudWatch's names for event source mappings. Not: how it is served.

Facts: Lambda developer guide, "Types of metrics for Lambda functions". DeletedEventCount is for
queues alone.
"""

import threading
from collections.abc import Mapping

POLLED = "PolledEventCount"
FILTERED_OUT = "FilteredOutEventCount"
INVOKED = "InvokedEventCount"
FAILED = "FailedInvokeEventCount"
DROPPED = "DroppedEventCount"
DELIVERED = "OnFailureDestinationDeliveredEventCount"
ITERATOR_AGE = "IteratorAge"

_COUNTED = (POLLED, FILTERED_OUT, INVOKED, FAILED, DROPPED, DELIVERED)


class Counters:
    """A mapping's numbers since it was started; any thread may ask and count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, float] = dict.fromkeys(_COUNTED, 0)

    def add(self, name: str, events: int) -> None:
        """Count events."""
        with self._lock:
            self._values[name] += events

    def set_iterator_age(self, seconds: float) -> None:
        """Note how old the last record of a batch was when the function was sent it."""
        with self._lock:
            self._values[ITERATOR_AGE] = max(0.0, seconds) * 1000

    def values(self) -> Mapping[str, float]:
        """Give every value by its name: events, and milliseconds for IteratorAge once known."""
        with self._lock:
            return dict(self._values)
