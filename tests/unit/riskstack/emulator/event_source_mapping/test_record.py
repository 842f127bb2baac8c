import json

from riskstack.emulator.event_source_mapping.record import Record
from tests.stream_stand import change


def test_a_record_knows_its_place_its_time_and_its_item() -> None:
    event = change("a1", 42, 12.5)
    record = Record.of(event, 13.0)
    assert (record.number, record.arrived, record.read) == (42, 12.5, 13.0)
    assert record.sequence_number == event["dynamodb"]["SequenceNumber"]
    assert json.loads(record.body) == event


def test_records_of_the_same_item_are_told_by_both_keys_in_any_order() -> None:
    first, second, other = (change("a1", number, 1.0) for number in (1, 2, 3))
    first["dynamodb"]["Keys"] = {"p": {"S": "x"}, "s": {"N": "1"}}
    second["dynamodb"]["Keys"] = {"s": {"N": "1"}, "p": {"S": "x"}}
    other["dynamodb"]["Keys"] = {"p": {"S": "x"}, "s": {"N": "2"}}
    assert Record.of(first, 1.0).item == Record.of(second, 1.0).item
    assert Record.of(first, 1.0).item != Record.of(other, 1.0).item


def test_a_record_that_does_not_say_when_it_came_came_now() -> None:
    event = change("a1", 1, 1.0)
    del event["dynamodb"]["ApproximateCreationDateTime"]
    assert Record.of(event, 7.5).arrived == 7.5


def test_half_a_character_does_not_keep_a_record_from_being_written() -> None:
    event = change("a1", 1, 1.0)
    event["dynamodb"]["NewImage"]["text"] = {"S": "a\ud800b"}
    assert json.loads(Record.of(event, 1.0).body)["dynamodb"]["NewImage"]["text"] == {"S": "a?b"}
