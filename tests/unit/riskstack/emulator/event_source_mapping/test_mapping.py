from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from riskstack.emulator.event_source_mapping import Settings, declared, pollers
from riskstack.emulator.function import Result
from riskstack.emulator.template import TemplateError
from tests.stream_stand import FUNCTION_ARN, OK, STREAM_ARN, Recorder, Table, wait_until

LOGGER = Logger(service="test")
OTHER = STREAM_ARN.replace("table/t", "table/u")


def stream(arn: str = STREAM_ARN, **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - any property
    given = {"Stream": arn, "StartingPosition": "TRIM_HORIZON", **properties}
    return {"Type": "DynamoDB", "Properties": given}


def settings(arn: str = STREAM_ARN, **changes: Any) -> Settings:  # noqa: ANN401 - any setting
    return Settings(stream_arn=arn, starting_position="TRIM_HORIZON", **changes)


def invoke(payload: bytes, request_id: str) -> Result:
    assert payload
    assert request_id
    return OK


@pytest.mark.parametrize("events", [{}, {"Events": None}, {"Events": {}}])
def test_a_function_may_have_no_stream(events: dict[str, Any]) -> None:
    assert declared({"FunctionName": "f", **events}) == ()


def test_a_function_may_have_several_streams() -> None:
    events = {"A": stream(), "B": stream(OTHER, BatchSize=7)}
    assert declared({"FunctionName": "f", "Events": events}) == (
        settings(),
        settings(OTHER, batch_size=7),
    )


@pytest.mark.parametrize("kind", ["Api", "Kinesis", "SQS", "MSK", None])
def test_an_event_of_another_type_is_refused(kind: str | None) -> None:
    with pytest.raises(TemplateError, match=f"event E: the type {kind} is not emulated"):
        declared({"FunctionName": "f", "Events": {"E": {"Type": kind}}})


def test_the_same_stream_twice_is_refused_in_the_words_of_lambda() -> None:
    """As recorded on AWS in localstack's test_duplicate_event_source_mappings."""
    with pytest.raises(TemplateError) as refused:
        declared({"FunctionName": "f", "Events": {"A": stream(), "B": stream()}})
    assert str(refused.value).startswith(
        f'The event source arn (" {STREAM_ARN} ") and function (" f ") provided mapping already '
        "exists. Please update or delete the existing mapping with UUID "
    )


@pytest.mark.usefixtures("empty_aws")
def test_a_mapping_that_is_not_enabled_is_not_read(tmp_path: Path) -> None:
    working = pollers(
        [settings(enabled=False)],
        function_arn=FUNCTION_ARN,
        invoke=invoke,
        state=None,
        logger=LOGGER,
    )
    assert working.counters == ()
    assert working.alive
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("empty_aws")
def test_an_enabled_mapping_is_read_with_what_it_needs(tmp_path: Path) -> None:
    table = Table.create("t")
    table.put("a1")
    recorder = Recorder(lambda _call, _before: OK)
    working = pollers(
        [settings(table.stream_arn)],
        function_arn=FUNCTION_ARN,
        invoke=recorder,
        state=tmp_path,
        logger=LOGGER,
    )
    working.start()
    try:
        wait_until(lambda: recorder.ids == ["a1"])
    finally:
        working.stop()


def test_a_stream_needs_a_place_for_checkpoints() -> None:
    with pytest.raises(SystemExit, match="f polls a stream: set STATE, a folder that is kept"):
        pollers([settings()], function_arn=FUNCTION_ARN, invoke=invoke, state=None, logger=LOGGER)
