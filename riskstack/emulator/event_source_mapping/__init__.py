"""The event source mapping of DynamoDB Streams to Lambda: rules that are pure, and a short loop.

`shard` is the machine of the rules, and `lane` is what happens to a batch; `settings`, `pattern`,
`record`, `batch`, `answer`, `outcome`, `window` and `notice` are what they know. `poller`,
`shard_reader`, `checkpoint` and `destination` own threads, stream, files and the SDK.
"""

from riskstack.emulator.event_source_mapping.checkpoint import Checkpoint, Checkpoints
from riskstack.emulator.event_source_mapping.destination import destination
from riskstack.emulator.event_source_mapping.mapping import declared, pollers
from riskstack.emulator.event_source_mapping.metrics import Counters
from riskstack.emulator.event_source_mapping.poller import Poller, Pollers
from riskstack.emulator.event_source_mapping.record import to_event_record
from riskstack.emulator.event_source_mapping.settings import Settings
from riskstack.emulator.event_source_mapping.source import Invocation, Source

__all__ = [
    "Checkpoint",
    "Checkpoints",
    "Counters",
    "Invocation",
    "Poller",
    "Pollers",
    "Settings",
    "Source",
    "declared",
    "destination",
    "pollers",
    "to_event_record",
]
