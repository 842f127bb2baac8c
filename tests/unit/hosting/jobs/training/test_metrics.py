"""Metrics in a log, found as MetricDefinitions say."""

import pytest

from hosting.jobs.training.metrics import Metric, MetricRegexError, final_values

AUC = Metric.define("auc", "auc=(.*?);")


@pytest.mark.parametrize(
    ("log", "value"),
    [
        ("auc=0.5;", 0.5),
        ("auc=0.5;\nauc=0.75;\nother\n", 0.75),
        ("auc=0.5; auc=0.75;", 0.75),
        ("auc=0.5;\nauc=unknown;", 0.5),
        ("auc=0.5;\nauc=nan;", 0.5),
        ("auc=-1e-3;", -0.001),
    ],
)
def test_the_last_number_counts(log: str, value: float) -> None:
    assert final_values([AUC], log) == {"auc": value}


@pytest.mark.parametrize("log", ["", "auc=;", "auc=0.5\n;"])
def test_a_metric_without_a_number_is_left_out(log: str) -> None:
    assert final_values([AUC], log) == {}


def test_the_example_of_the_guide() -> None:
    # SageMaker developer guide, "Defining Regular Expressions for Metrics"
    metrics = [
        Metric.define("train:error", "Train_error=(.*?);"),
        Metric.define("validation:error", r"Valid_error\s*=\s*(.*?);"),
    ]
    log = "Train_error=0.138318;  Valid_error = 0.324557;"
    assert final_values(metrics, log) == {"train:error": 0.138318, "validation:error": 0.324557}


def test_a_group_that_takes_no_part_is_no_number() -> None:
    assert final_values([Metric.define("a", "a=(1)?")], "a=") == {}


@pytest.mark.parametrize(("regex", "told"), [("auc=(", "cannot be read"), ("auc", "has no group")])
def test_an_expression_that_finds_nothing_is_refused(regex: str, told: str) -> None:
    with pytest.raises(MetricRegexError, match=told):
        Metric.define("auc", regex)
