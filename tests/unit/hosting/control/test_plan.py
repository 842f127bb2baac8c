"""Plans: what deployments, which are documents, say an endpoint is to be."""

from typing import Any

from hosting.control import deployment
from hosting.control.plan import ContainerPlan, plan_of
from hosting.live import Asynchronous, Capture, Execution, Routing

VARIANT = {
    "VariantName": "main",
    "ModelName": "m",
    "InitialInstanceCount": 2,
    "InitialVariantWeight": 0.5,
}
CAPTURE = {
    "InitialSamplingPercentage": 30,
    "DestinationS3Uri": "s3://b/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def made(config: dict[str, Any], model: dict[str, Any] | None = None, **kept: Any) -> Any:  # noqa: ANN401 - documents
    model = model or {"PrimaryContainer": {"Image": "i"}}
    full = {"EndpointConfigName": "c", "ProductionVariants": [VARIANT], **config}
    return deployment.deployment("e", full, {"m": model}, 1.0, kept)


def test_a_variant_is_what_its_configuration_says() -> None:
    routing = {"RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"}
    variant = {
        **VARIANT,
        "RoutingConfig": routing,
        "ContainerStartupHealthCheckTimeoutInSeconds": 61,
        "ModelDataDownloadTimeoutInSeconds": 62,
    }
    [plan] = plan_of("e", made({"ProductionVariants": [variant]})).variants
    assert (plan.name, plan.model_name, plan.weight) == ("main", "m", 0.5)
    assert len(set(plan.instances)) == 2
    assert all(name.startswith("e-main-") for name in plan.instances)
    assert plan.routing is Routing.LEAST_OUTSTANDING_REQUESTS
    assert plan.execution is Execution.SERIAL
    assert (plan.startup_timeout_s, plan.download_timeout_s) == (61, 62)
    assert plan.containers == (ContainerPlan("primary", "i", {}, None, multi_model=False),)


def test_what_is_not_said_has_a_default() -> None:
    [plan] = plan_of("e", made({})).variants
    assert plan.routing is Routing.RANDOM
    assert not plan.multi_model


def test_containers_have_names_of_their_own_or_by_their_place() -> None:
    direct = {"Mode": "Direct"}
    named = {"Containers": [{"Image": "i", "ContainerHostname": "a"}]}
    [plan] = plan_of("e", made({}, {**named, "InferenceExecutionConfig": direct})).variants
    assert (plan.execution, [each.hostname for each in plan.containers]) == (
        Execution.DIRECT,
        ["a"],
    )
    listed = {"Containers": [{"Image": "i"}, {"Image": "j"}]}
    [plan] = plan_of("e", made({}, listed)).variants
    assert [each.hostname for each in plan.containers] == ["container-1", "container-2"]


def test_a_model_may_come_from_a_source_and_be_many() -> None:
    source = {"S3DataSource": {"S3Uri": "s3://b/model/"}}
    model = {"PrimaryContainer": {"Image": "i", "ModelDataSource": source}}
    [plan] = plan_of("e", made({}, model)).variants
    assert plan.containers[0].model_data_url == "s3://b/model/"
    many = {"PrimaryContainer": {"Image": "i", "Mode": "MultiModel", "ModelDataUrl": "s3://b/m/"}}
    assert plan_of("e", made({}, many)).variants[0].multi_model


def test_a_shadow_stands_beside_the_variants() -> None:
    shadow = {**VARIANT, "VariantName": "shadow"}
    plan = plan_of("e", made({"ShadowProductionVariants": [shadow]}))
    assert [each.name for each in plan.variants] == ["main"]
    assert plan.shadow is not None
    assert [each.name for each in plan.all_variants] == ["main", "shadow"]


def test_capture_is_on_unless_it_is_switched_off() -> None:
    assert plan_of("e", made({})).capture is None
    off = {**CAPTURE, "EnableCapture": False}
    assert plan_of("e", made({"DataCaptureConfig": off})).capture is None
    assert plan_of("e", made({"DataCaptureConfig": CAPTURE})).capture == Capture(
        "s3://b/captured", 30, input=True, output=False
    )
    types = {"CsvContentTypes": ["a/b"], "JsonContentTypes": ["c/d"]}
    both = {
        **CAPTURE,
        "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
        "CaptureContentTypeHeader": types,
    }
    assert plan_of("e", made({"DataCaptureConfig": both})).capture == Capture(
        "s3://b/captured", 30, input=True, output=True, csv_types=("a/b",), json_types=("c/d",)
    )


def test_asynchronous_inference_is_read() -> None:
    config = {
        "OutputConfig": {"S3OutputPath": "s3://b/out"},
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 9},
    }
    assert plan_of("e", made({"AsyncInferenceConfig": config})).asynchronous == Asynchronous(
        "s3://b/out", None, 9
    )


def test_an_update_can_keep_what_the_variants_have() -> None:
    before = made({"DataCaptureConfig": CAPTURE})
    before["Variants"]["main"] = {"Weight": 7.0, "Instances": ["a", "b", "c"]}
    kept = deployment.retained(before, [])
    assert kept == {"main": {"Weight": 7.0, "Count": 3}}
    assert deployment.retained(before, ["DesiredWeight"]) == {"main": {"Count": 3}}
    assert deployment.retained(before, ["DesiredInstanceCount"]) == {"main": {"Weight": 7.0}}
    [plan] = plan_of("e", made({}, None, **kept)).variants
    assert (plan.weight, len(plan.instances)) == (7.0, 3)
    other = {"EndpointConfigName": "d", "DataCaptureConfig": {"EnableCapture": False}}
    assert deployment.with_capture_of(before, other)["DataCaptureConfig"] == CAPTURE
    assert "DataCaptureConfig" not in deployment.with_capture_of(made({}), other)
