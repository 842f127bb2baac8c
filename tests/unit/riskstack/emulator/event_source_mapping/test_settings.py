from typing import Any

import pytest

from riskstack.emulator.event_source_mapping import Settings
from riskstack.emulator.event_source_mapping.pattern import Pattern
from riskstack.emulator.template import TemplateError

STREAM = "arn:aws:dynamodb:eu-central-1:123456789012:table/t/stream/2026-01-01T00:00:00.000"
REQUIRED = {"Stream": STREAM, "StartingPosition": "TRIM_HORIZON"}
PATTERN = '{"eventName": ["INSERT"]}'


def test_defaults_are_those_of_aws() -> None:
    assert Settings.from_event(REQUIRED) == Settings(
        stream_arn=STREAM, starting_position="TRIM_HORIZON"
    )


def test_every_setting_is_read() -> None:
    read = Settings.from_event(
        {
            **REQUIRED,
            "StartingPosition": "LATEST",
            "Enabled": False,
            "BatchSize": 5,
            "MaximumBatchingWindowInSeconds": 3,
            "ParallelizationFactor": 10,
            "MaximumRetryAttempts": 2,
            "MaximumRecordAgeInSeconds": 60,
            "BisectBatchOnFunctionError": True,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "TumblingWindowInSeconds": 0,
            "FilterCriteria": {"Filters": [{"Pattern": PATTERN}]},
            "DestinationConfig": {"OnFailure": {"Type": "SQS", "Destination": "arn:aws:sqs:r:1:q"}},
            "MetricsConfig": {"Metrics": ["EventCount"]},
        }
    )
    assert read == Settings(
        stream_arn=STREAM,
        starting_position="LATEST",
        enabled=False,
        batch_size=5,
        maximum_batching_window=3,
        parallelization_factor=10,
        maximum_retry_attempts=2,
        maximum_record_age=60,
        bisect_batch_on_function_error=True,
        report_batch_item_failures=True,
        filters=(Pattern.read(PATTERN),),
        on_failure_arn="arn:aws:sqs:r:1:q",
    )


def test_numbers_and_flags_of_parameters_are_texts() -> None:
    read = Settings.from_event(
        {
            **REQUIRED,
            "Enabled": "false",
            "BatchSize": "50",
            "MaximumRecordAgeInSeconds": "-1",
            "BisectBatchOnFunctionError": "true",
        }
    )
    assert (read.enabled, read.bisect_batch_on_function_error) == (False, True)
    assert (read.batch_size, read.maximum_record_age) == (50, -1)


@pytest.mark.parametrize(
    "destination",
    ["arn:aws:sqs:r:1:q", "arn:aws:sns:r:1:t", "arn:aws:s3:::b", "arn:aws-cn:sqs:r:1:q"],
)
def test_destinations_are_queues_topics_and_buckets(destination: str) -> None:
    declared = {"OnFailure": {"Destination": destination}}
    read = Settings.from_event({**REQUIRED, "DestinationConfig": declared})
    assert read.on_failure_arn == destination


@pytest.mark.parametrize(
    "nothing",
    [
        {"DestinationConfig": None},
        {"DestinationConfig": {}},
        {"DestinationConfig": {"OnFailure": {}}},
        {"DestinationConfig": {"OnFailure": None}},
        {"FilterCriteria": None},
        {"FilterCriteria": {}},
        {"FilterCriteria": {"Filters": []}},
        {"TumblingWindowInSeconds": 0, "ParallelizationFactor": 10},
    ],
)
def test_what_is_empty_is_not_there(nothing: dict[str, Any]) -> None:
    assert Settings.from_event({**REQUIRED, **nothing}).on_failure_arn is None
    assert Settings.from_event({**REQUIRED, **nothing}).filters == ()


@pytest.mark.parametrize(
    ("properties", "cause"),
    [
        ({"KmsKeyArn": "k"}, "the event source mapping does not emulate KmsKeyArn; remove it"),
        (
            {"StartingPositionTimestamp": 1, "LoggingConfig": {}},
            "does not emulate LoggingConfig, StartingPositionTimestamp; remove it",
        ),
        ({"Stream": None}, "Stream: give the ARN of a DynamoDB stream"),
        (
            {"Stream": "arn:aws:kinesis:r:1:stream/s"},
            "Stream: only DynamoDB streams are emulated, not kinesis",
        ),
        (
            {"StartingPosition": "AT_TIMESTAMP"},
            "StartingPosition: a DynamoDB stream starts at TRIM_HORIZON or LATEST",
        ),
        ({"Enabled": "no"}, "Enabled must be true or false"),
        ({"BatchSize": 0}, "BatchSize must be from 1 to 10000"),
        ({"BatchSize": 10_001}, "BatchSize must be from 1 to 10000"),
        ({"BatchSize": True}, "BatchSize must be from 1 to 10000"),
        ({"BatchSize": "10001"}, "BatchSize must be from 1 to 10000"),
        ({"BatchSize": "many"}, "BatchSize must be from 1 to 10000"),
        ({"BatchSize": 1.5}, "BatchSize must be from 1 to 10000"),
        ({"BatchSize": [5]}, "BatchSize must be from 1 to 10000"),
        ({"BisectBatchOnFunctionError": 1}, "BisectBatchOnFunctionError must be true or false"),
        ({"Enabled": None}, "Enabled: a text, a number, true or false is wanted, not None"),
        (
            {"MaximumBatchingWindowInSeconds": 301},
            "MaximumBatchingWindowInSeconds must be from 0 to 300",
        ),
        ({"ParallelizationFactor": 11}, "ParallelizationFactor must be from 1 to 10"),
        ({"MaximumRetryAttempts": -2}, "MaximumRetryAttempts must be from -1 to 10000"),
        (
            {"MaximumRecordAgeInSeconds": 59},
            "MaximumRecordAgeInSeconds must be -1 or from 60 to 604800",
        ),
        (
            {"MaximumRecordAgeInSeconds": 604_801},
            "MaximumRecordAgeInSeconds must be from -1 to 604800",
        ),
        ({"TumblingWindowInSeconds": 901}, "TumblingWindowInSeconds must be from 0 to 900"),
        (
            {"TumblingWindowInSeconds": 60, "ParallelizationFactor": 2},
            "TumblingWindowInSeconds with a ParallelizationFactor above 1 is not emulated",
        ),
        ({"FunctionResponseTypes": ["All"]}, "AWS knows only ReportBatchItemFailures"),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": PATTERN}] * 6}},
            "FilterCriteria: a mapping has at most 5 filters",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": " " * 4097}]}},
            "FilterCriteria: a Pattern has at most 4096 characters",
        ),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": {"eventName": ["INSERT"]}}]}},
            "FilterCriteria: a filter is an object with a Pattern, JSON as text",
        ),
        ({"FilterCriteria": {"Filter": []}}, "FilterCriteria: give Filters"),
        (
            {"FilterCriteria": {"Filters": [{"Pattern": "single-string"}]}},
            "Invalid filter pattern definition. It is not JSON",
        ),
        (
            {"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:sqs:r:1:q"}}},
            "DestinationConfig: only OnFailure with a Destination",
        ),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "kafka://topic"}}},
            "only OnFailure to an SQS queue, an SNS topic or an S3 bucket is emulated",
        ),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:r:1:q.fifo"}}},
            "OnFailure wants no FIFO queue or topic",
        ),
        (
            {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b", "Type": "SNS"}}},
            "the Type is SNS, but the Destination is arn:aws:s3:::b",
        ),
        ({"MetricsConfig": {"Metrics": ["KafkaMetrics"]}}, "only the Metrics EventCount"),
    ],
)
def test_what_is_not_emulated_or_out_of_range_is_refused_by_name(
    properties: dict[str, Any], cause: str
) -> None:
    with pytest.raises(TemplateError) as refused:
        Settings.from_event({**REQUIRED, **properties})
    assert cause in str(refused.value)
