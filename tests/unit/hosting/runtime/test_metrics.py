"""The metrics' text."""

from dataclasses import fields

from prometheus_client.parser import text_string_to_metric_families

from hosting.runtime.metrics import (
    COUNTERS,
    GAUGES,
    SHADOW_RESULTS,
    TIMES,
    Metrics,
    VariantMetrics,
)


def test_the_text_is_prometheus_s() -> None:
    metrics = Metrics()
    of_variant = metrics.of("risk", "a")
    of_variant.invocations += 1
    of_variant.model_latency.observe(150)
    assert metrics.of("risk", "a") is of_variant
    families = {
        family.name: family for family in text_string_to_metric_families(metrics.text().decode())
    }
    [sample] = families["Invocations"].samples
    assert (sample.labels, sample.value) == ({"EndpointName": "risk", "VariantName": "a"}, 1)
    buckets = {
        sample.labels["le"]: sample.value
        for sample in families["ModelLatency"].samples
        if sample.name == "ModelLatency_bucket"
    }
    # microseconds
    assert (buckets["100.0"], buckets["200.0"], buckets["+Inf"]) == (0, 1, 1)
    assert 'ModelLatency_sum{EndpointName="risk",VariantName="a"} 150.0' in metrics.text().decode()
    assert not [name for name in families if name.endswith("_created")]


def test_every_member_is_told() -> None:
    assert {*COUNTERS, *GAUGES, *TIMES} == {each.name for each in fields(VariantMetrics)}


def test_how_copies_fared_is_told() -> None:
    metrics = Metrics()
    metrics.compared("risk", "s", "equal")
    text = metrics.text().decode()
    for result in SHADOW_RESULTS:
        labels = f'EndpointName="risk",Result="{result}",VariantName="s"'
        assert f"ShadowComparisons_total{{{labels}}} {float(result == 'equal')}" in text
