import json
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from riskstack.emulator.lambda_api.embedded_metrics import EmbeddedMetrics

# CloudWatch user guide, "Specification: Embedded metric format"
LINE: dict[str, Any] = {
    "_aws": {
        "Timestamp": 1574109732004,
        "CloudWatchMetrics": [
            {
                "Namespace": "lambda-function-metrics",
                "Dimensions": [["functionVersion"]],
                "Metrics": [{"Name": "time", "Unit": "Milliseconds", "StorageResolution": 60}],
            }
        ],
    },
    "functionVersion": "$LATEST",
    "time": 100,
    "requestId": "989ffbf8-9ace-4817-a57c-e4dd734019ee",
}


def samples(*lines: object) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    metrics = EmbeddedMetrics()
    for line in lines:
        metrics.add(line if isinstance(line, bytes) else json.dumps(line).encode())
    return {
        (sample.name, tuple(sample.labels.items())): sample.value
        for family in metrics.collect()
        for sample in family.samples
    }


def test_the_documented_line() -> None:
    labels = (("functionVersion", "$LATEST"),)
    assert samples(LINE, LINE | {"time": [1, 2.5]}) == {
        ("lambda_function_metrics_time_count", labels): 3,
        ("lambda_function_metrics_time_sum", labels): 103.5,
    }


def test_a_metric_without_dimensions_and_one_in_two_sets() -> None:
    directive = {"Namespace": "9n", "Dimensions": [], "Metrics": [{"Name": "a"}]}
    two = {"Namespace": "n", "Dimensions": [["x"], ["x", "y"]], "Metrics": [{"Name": "b"}]}
    line = {"_aws": {"CloudWatchMetrics": [directive, two]}, "a": 1, "b": 2, "x": 3, "y": "4"}
    found = samples(line)
    assert found["_9n_a_sum", ()] == 1
    assert found["n_b_sum", (("x", "3"),)] == 2
    assert found["n_b_sum", (("x", "3"), ("y", "4"))] == 2


@pytest.mark.parametrize(
    "line",
    [
        b'{"_aws"',
        b'"_aws"',
        {"_aws": {}},
        {"_aws": {"CloudWatchMetrics": 1}},
        {"_aws": {"CloudWatchMetrics": [1]}},
        LINE | {"time": "slow"},
        LINE | {"time": True},
        LINE | {"time": [1] * 101},
        {key: value for key, value in LINE.items() if key != "functionVersion"},
        {key: value for key, value in LINE.items() if key != "time"},
        {
            "_aws": {
                "CloudWatchMetrics": [{"Namespace": "n", "Metrics": [1, {"Unit": "None"}, None]}]
            }
        },
        {"_aws": {"CloudWatchMetrics": [{"Namespace": "n", "Metrics": 1, "Dimensions": 2}]}},
        {
            "_aws": {
                "CloudWatchMetrics": [
                    {"Namespace": "n", "Metrics": [{"Name": "a"}], "Dimensions": [1]}
                ]
            },
            "a": 1,
        },
    ],
)
def test_a_line_that_holds_none(line: object) -> None:
    assert samples(line) == {}


def test_what_powertools_writes(capsys: pytest.CaptureFixture[str]) -> None:
    with single_metric(
        name="Routed", unit=MetricUnit.Count, value=2, namespace="Riskstack"
    ) as metric:
        metric.add_dimension("service", "router")
    line = capsys.readouterr().out.strip().encode()
    assert samples(line) == {
        ("Riskstack_Routed_count", (("service", "router"),)): 1,
        ("Riskstack_Routed_sum", (("service", "router"),)): 2,
    }
