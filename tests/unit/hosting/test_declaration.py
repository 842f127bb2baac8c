"""The declaration file: what it gives, and how what cannot be served is refused."""

from pathlib import Path

import pytest
import yaml

from hosting.declaration import (
    DeclarationError,
    check_containers,
    endpoints_of,
    read_endpoints,
)
from hosting.endpoint import Endpoint, Model, Variant

ROOT = Path(__file__).parents[3]

ONE = """
Endpoints:
  - {EndpointName: risk, EndpointConfigName: plain}
EndpointConfigs:
  - EndpointConfigName: plain
    ProductionVariants:
      - {VariantName: AllTraffic, ModelName: credit}
Models:
  - ModelName: credit
    PrimaryContainer: {}
"""

CREDIT = Model("credit", "primary")


def changed(old: str, new: str) -> object:
    assert old in ONE
    content: object = yaml.safe_load(ONE.replace(old, new))
    return content


def test_aws_defaults_hold() -> None:
    assert endpoints_of(yaml.safe_load(ONE)) == {
        "risk": Endpoint("risk", (Variant("AllTraffic", CREDIT, 1.0),))
    }


def test_variants_keep_their_order_and_weights() -> None:
    content = changed(
        "- {VariantName: AllTraffic, ModelName: credit}",
        "[{VariantName: b, ModelName: credit, InitialVariantWeight: 9},"
        " {VariantName: a, ModelName: credit, InitialVariantWeight: 0}]",
    )
    variants = endpoints_of(content)["risk"].variants
    assert [(variant.name, variant.weight) for variant in variants] == [("b", 9), ("a", 0)]


def test_a_container_may_have_a_name_of_its_own() -> None:
    content = changed("PrimaryContainer: {}", "PrimaryContainer: {ContainerHostname: scorer}")
    assert endpoints_of(content)["risk"].variants[0].model == Model("credit", "scorer")


def test_the_declaration_of_the_stack_can_be_served() -> None:
    endpoints = read_endpoints(ROOT / "deploy" / "endpoint.yaml")
    assert [variant.model.container_hostname for variant in endpoints["credit-risk"].variants] == [
        "primary"
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # what CreateEndpoint, CreateEndpointConfig and CreateModel take, and hosting does not
        (
            "{EndpointName: risk,",
            "{DeploymentConfig: {}, EndpointName: risk,",
            "Endpoints.0.DeploymentConfig is not supported: remove it",
        ),
        (
            "- EndpointConfigName: plain\n",
            "- EndpointConfigName: plain\n    DataCaptureConfig: {EnableCapture: true}\n",
            "EndpointConfigs.0.DataCaptureConfig is not supported: remove it",
        ),
        (
            "ModelName: credit}",
            "ModelName: credit, ServerlessConfig: {MaxConcurrency: 1}}",
            "EndpointConfigs.0.ProductionVariants.0.ServerlessConfig is not supported: remove it",
        ),
        (
            "PrimaryContainer: {}",
            "PrimaryContainer: {Mode: MultiModel}",
            "Models.0.PrimaryContainer.Mode is not supported: remove it",
        ),
        (
            "PrimaryContainer: {}",
            "Containers: []",
            (
                "Models.0.PrimaryContainer: Field required;"
                " Models.0.Containers is not supported: remove it"
            ),
        ),
        ("Models:", "Modells:", "Models: Field required; Modells is not supported: remove it"),
        # references
        ("ModelName: credit}", "ModelName: debit}", "debit is not in Models"),
        (
            "EndpointConfigName: plain}",
            "EndpointConfigName: fancy}",
            "fancy is not in EndpointConfigs",
        ),
        (
            "- ModelName: credit\n    PrimaryContainer: {}",
            (
                "[{ModelName: credit, PrimaryContainer: {}},"
                " {ModelName: credit, PrimaryContainer: {}}]"
            ),
            "Models has credit twice",
        ),
        (
            "- {VariantName: AllTraffic, ModelName: credit}",
            "[{VariantName: a, ModelName: credit}, {VariantName: a, ModelName: credit}]",
            "ProductionVariants of plain has a twice",
        ),
        # limits of the shapes
        (
            "- {VariantName: AllTraffic, ModelName: credit}",
            "[]",
            (
                "EndpointConfigs.0.ProductionVariants:"
                " List should have at least 1 item after validation, not 0"
            ),
        ),
        (
            "ModelName: credit}",
            "ModelName: credit, InitialVariantWeight: -1}",
            (
                "EndpointConfigs.0.ProductionVariants.0.InitialVariantWeight:"
                " Input should be greater than or equal to 0"
            ),
        ),
        (
            "ModelName: credit}",
            "ModelName: credit, InitialVariantWeight: .nan}",
            (
                "EndpointConfigs.0.ProductionVariants.0.InitialVariantWeight:"
                " Input should be a finite number"
            ),
        ),
        (
            "ModelName: credit}",
            "ModelName: credit, InitialVariantWeight: 0}",
            "every InitialVariantWeight of plain is 0: no variant would get an invocation",
        ),
        (
            "EndpointName: risk",
            "EndpointName: 12",
            "Endpoints.0.EndpointName: Input should be a valid string",
        ),
        (
            "EndpointName: risk",
            "EndpointName: credit_risk",
            (
                "Endpoints.0.EndpointName:"
                " String should match pattern '^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$'"
            ),
        ),
    ],
)
def test_what_cannot_be_served_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        endpoints_of(changed(old, new))
    assert str(raised.value) == message


def test_an_eleventh_variant_is_refused() -> None:
    variants = [f"{{VariantName: v{number}, ModelName: credit}}" for number in range(11)]
    content = changed("- {VariantName: AllTraffic, ModelName: credit}", f"[{', '.join(variants)}]")
    with pytest.raises(DeclarationError, match="at most 10 items"):
        endpoints_of(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Endpoints: [", "is not YAML: while parsing"),
        ("", "the file: Input should be"),
        ("- 1", "the file: Input should be"),
    ],
)
def test_an_error_names_the_file(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "endpoint.yaml"
    file.write_text(content)
    with pytest.raises(DeclarationError, match=message) as raised:
        read_endpoints(file)
    assert str(raised.value).startswith(str(file))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.yaml"
    with pytest.raises(DeclarationError) as raised:
        read_endpoints(file)
    assert str(raised.value) == f"{file} cannot be read: No such file or directory"


def test_every_served_model_needs_a_container() -> None:
    endpoints = endpoints_of(yaml.safe_load(ONE)).values()
    check_containers(endpoints, {"credit": "http://a:1"})
    with pytest.raises(DeclarationError, match="CONTAINERS does not tell where credit answers"):
        check_containers(endpoints, {})
    with pytest.raises(DeclarationError, match="CONTAINERS names debit, which no endpoint serves"):
        check_containers(endpoints, {"credit": "http://a:1", "debit": "http://b:1"})
