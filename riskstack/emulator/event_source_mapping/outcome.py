"""What follows from an answer for each record of its batch: done, tried again, or given up.

Facts: Lambda developer guide, "Retain discarded records for a DynamoDB event source".
"""

from dataclasses import dataclass, replace

from riskstack.emulator.event_source_mapping.answer import Answer
from riskstack.emulator.event_source_mapping.batch import Batch
from riskstack.emulator.event_source_mapping.record import Record
from riskstack.emulator.event_source_mapping.settings import Settings

EXHAUSTED = "RetryAttemptsExhausted"
TOO_OLD = "RecordAgeExceeded"
"""As recorded on AWS for Kinesis in localstack's test_kinesis_maximum_record_age_exceeded."""


@dataclass(frozen=True, slots=True)
class Discard:
    """A batch that is not tried again, and why; `request_id` is that of its last invocation."""

    batch: Batch
    condition: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from one invocation."""

    done: tuple[Record, ...] = ()
    retry: tuple[Batch, ...] = ()
    discard: Discard | None = None


def settle(batch: Batch, answer: Answer, settings: Settings, request_id: str) -> Outcome:
    """Say what follows from an answer for the batch that it is about."""
    first = answer.first_failure
    if first is None:
        return Outcome(done=batch.records)
    done, rest = batch.records[:first], batch.records[first:]
    if answer.error and settings.bisect_batch_on_function_error and len(rest) > 1:
        # a split uses up no attempt; a partial failure is split where it failed
        half = len(rest) // 2
        return Outcome(
            retry=(replace(batch, records=rest[:half]), replace(batch, records=rest[half:]))
        )
    tried = Batch(rest, batch.failures + 1, answer.error)
    if tried.exhausted(settings):
        return Outcome(done, discard=Discard(tried, EXHAUSTED, request_id))
    return Outcome(done, retry=(tried,))
