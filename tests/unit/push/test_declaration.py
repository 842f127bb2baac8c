from pathlib import Path
from typing import Any

import pytest

from push.declaration import of, read
from push.problem import PushError


def content(**changes: object) -> dict[str, Any]:
    variants = [{"VariantName": "A", "ModelName": "m"}]
    container = {"Image": "local", "ModelDataUrl": "s3://x/y", "Environment": {"A": "1"}}
    return {
        "Endpoints": [{"EndpointName": "e", "EndpointConfigName": "c"}],
        "EndpointConfigs": [{"EndpointConfigName": "c", "ProductionVariants": variants}],
        "Models": [{"ModelName": "m", "PrimaryContainer": container}],
    } | changes


def test_what_is_declared_is_handed_on_but_for_what_a_push_fills_in() -> None:
    declared = of(content())
    assert (declared.endpoint_name, declared.config_name) == ("e", "c")
    assert declared.config == {"ProductionVariants": [{"VariantName": "A", "ModelName": "m"}]}
    assert declared.models == {"m": {"PrimaryContainer": {"Environment": {"A": "1"}}}}


def test_a_model_that_no_variant_names_is_not_made() -> None:
    spare = {"ModelName": "spare", "PrimaryContainer": {}}
    models = [*content()["Models"], spare]
    assert of(content(Models=models)).models.keys() == {"m"}


@pytest.mark.parametrize(
    ("declared", "says"),
    [
        (content(Endpoints=[]), "a push is of one endpoint, and 0 are declared"),
        (content(Models=[]), "no ModelName is m"),
        (content(EndpointConfigs=[]), "no EndpointConfigName is c"),
        (content(Models=[{"ModelName": "m", "Containers": []}]), "m has Containers"),
        (content(Models=[{"ModelName": "m"}]), "PrimaryContainer is missing"),
        ({"Endpoints": []}, "EndpointConfigs is missing"),
        (None, "not made of Endpoints"),
        (["a"], "not made of Endpoints"),
    ],
)
def test_what_cannot_be_pushed_is_named(declared: object, says: str) -> None:
    with pytest.raises(PushError, match=says):
        of(declared)


def test_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PushError, match=r"endpoint\.yaml cannot be read"):
        read(tmp_path / "endpoint.yaml")
    (tmp_path / "endpoint.yaml").write_text("a: [")
    with pytest.raises(PushError, match=r"endpoint\.yaml cannot be read"):
        read(tmp_path / "endpoint.yaml")
    (tmp_path / "endpoint.yaml").write_text("{}")
    with pytest.raises(PushError, match=r"endpoint\.yaml: Endpoints is missing"):
        read(tmp_path / "endpoint.yaml")
