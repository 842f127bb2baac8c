from dataclasses import replace

from prometheus_client.parser import text_string_to_metric_families

from gateway.exchange import Exchange
from gateway.metrics import ApiMetrics
from gateway.stage import Stage
from tests.gateway_stand import ROUTE, exchange

Samples = dict[tuple[str, str, str], float]


def done(status: int, integration_ms: float | None = 4.0, resource: str = "/things") -> Exchange:
    made = exchange(route=replace(ROUTE, resource=resource))
    made.status, made.latency_ms, made.integration_ms = status, 7.0, integration_ms
    return made


def samples(metrics: ApiMetrics) -> Samples:
    """Give each sample by name, resource and method."""
    return {
        (one.name, one.labels["Resource"], one.labels["Method"]): one.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for one in family.samples
        if one.labels.get("le", "+Inf") == "+Inf"
    }


def test_requests_are_counted_by_cloudwatch_s_names() -> None:
    metrics = ApiMetrics("things", Stage("v1"))
    for one in (done(200), done(404), done(502), done(403, integration_ms=None)):
        metrics.add(one)
    assert samples(metrics) == {
        ("Count_total", "", ""): 4,
        ("Error4XX_total", "", ""): 2,
        ("Error5XX_total", "", ""): 1,
        ("Latency_bucket", "", ""): 4,
        ("Latency_count", "", ""): 4,
        ("Latency_sum", "", ""): 28,
        ("IntegrationLatency_bucket", "", ""): 3,
        ("IntegrationLatency_count", "", ""): 3,
        ("IntegrationLatency_sum", "", ""): 12,
    }
    assert b'Count_total{ApiName="things",Method="",Resource="",Stage="v1"} 4.0' in metrics.text()


def test_methods_are_counted_by_themselves_where_the_stage_says_so() -> None:
    stage = Stage("v1", detailed_metrics={"*/*": True, "/quiet/POST": False})
    metrics = ApiMetrics("things", stage)
    for one in (done(200), done(200), done(200, resource="/quiet")):
        metrics.add(one)
    counted = samples(metrics)
    assert counted["Count_total", "", ""] == 3
    assert counted["Count_total", "/things", "POST"] == 2
    assert ("Count_total", "/quiet", "POST") not in counted


def test_a_request_without_a_route_counts_for_the_stage() -> None:
    metrics = ApiMetrics("things", Stage("v1", detailed_metrics={"*/*": True}))
    lost = exchange(route=None)
    lost.status = 403
    metrics.add(lost)
    assert samples(metrics)["Error4XX_total", "", ""] == 1
