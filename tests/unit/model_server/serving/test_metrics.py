import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from model_server.model.booster import Model
from model_server.serving.metrics import LEFT, Counted, Metrics


def samples(metrics: Metrics) -> dict[str, float]:
    """Give every sample by its name and labels, as Prometheus itself would read it."""
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sample.labels.items()): (
            sample.value
        )
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_invocations_are_counted_by_status_and_time() -> None:
    metrics = Metrics()
    begun = [metrics.begin() for _ in range(4)]
    for status in (200, 200, LEFT):
        metrics.end(begun.pop(), status)

    found = samples(metrics)

    assert found["model_server_invocations_total status=200"] == 2
    assert found["model_server_invocations_total status=499"] == 1
    assert found["model_server_invocations_in_flight"] == 1
    assert found["model_server_invocation_seconds_count"] == 3
    assert found["model_server_invocation_seconds_bucket le=+Inf"] == 3
    assert found["model_server_invocation_seconds_sum"] > 0


@pytest.mark.parametrize(("seconds", "bucket"), [(0.002, "0.0025"), (0.0025, "0.0025")])
def test_a_time_is_in_the_bucket_that_it_does_not_exceed(
    seconds: float, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    metrics = Metrics()
    monkeypatch.setattr("time.perf_counter", lambda: seconds)

    metrics.end(0.0, 200)

    found = samples(metrics)
    assert found["model_server_invocation_seconds_bucket le=0.001"] == 0
    assert found[f"model_server_invocation_seconds_bucket le={bucket}"] == 1
    assert found["model_server_invocation_seconds_bucket le=60.0"] == 1


def test_models_are_counted_with_the_time_of_the_last_load() -> None:
    metrics = Metrics()
    metrics.loaded(1.5)
    metrics.loaded(2.5)
    metrics.not_loaded()
    metrics.unloaded()

    found = samples(metrics)

    assert found["model_server_model_loads_total outcome=loaded"] == 2
    assert found["model_server_model_loads_total outcome=failed"] == 1
    assert found["model_server_models"] == 1
    assert found["model_server_model_load_seconds"] == 2.5


def test_rows_are_counted_and_scored_as_before(model: Model) -> None:
    metrics = Metrics()
    counted = Counted(model, metrics)
    rows = np.zeros((5, model.columns), np.float32)

    scores = counted.score(rows)

    assert np.array_equal(scores, model.score(rows))
    assert samples(metrics)["model_server_rows_total"] == 5
    assert (counted.columns, counted.names, counted.objective, counted.classes) == (
        model.columns,
        model.names,
        model.objective,
        model.classes,
    )


def test_two_servers_in_a_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.count_rows(1)

    assert samples(other)["model_server_rows_total"] == 0
