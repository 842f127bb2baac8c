"""The declaration file: what it gives, and how what cannot be served is refused."""

from pathlib import Path

import botocore.session
import pytest
import yaml

from hosting.declaration import (
    DeclarationError,
    check_containers,
    declaration_of,
    read_declaration,
)

ROOT = Path(__file__).parents[3]
SERVICE = botocore.session.get_session().get_service_model("sagemaker")

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


def changed(old: str, new: str) -> object:
    assert old in ONE
    content: object = yaml.safe_load(ONE.replace(old, new))
    return content


def test_a_declaration_is_the_requests_that_it_holds() -> None:
    declaration = declaration_of(yaml.safe_load(ONE), SERVICE)
    assert declaration.models == {"credit": {"ModelName": "credit", "PrimaryContainer": {}}}
    assert declaration.endpoint_configs == {
        "plain": {
            "EndpointConfigName": "plain",
            "ProductionVariants": [{"VariantName": "AllTraffic", "ModelName": "credit"}],
        }
    }
    assert declaration.endpoints == {
        "risk": {"EndpointName": "risk", "EndpointConfigName": "plain"}
    }


def test_the_declaration_of_the_stack_can_be_served() -> None:
    declaration = read_declaration(ROOT / "deploy" / "endpoint.yaml", SERVICE)
    assert list(declaration.endpoints) == ["credit-risk"]
    check_containers(declaration, ["credit-risk"])


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # what CreateEndpoint, CreateEndpointConfig and CreateModel take, and hosting does not
        (
            "{EndpointName: risk,",
            "{DeploymentConfig: {}, EndpointName: risk,",
            (
                "Endpoints[0]: CreateEndpoint does not support DeploymentConfig in this stack:"
                " leave it out."
            ),
        ),
        (
            "- EndpointConfigName: plain\n",
            "- EndpointConfigName: plain\n    KmsKeyId: key\n",
            (
                "EndpointConfigs[0]: CreateEndpointConfig does not support KmsKeyId in this stack:"
                " leave it out."
            ),
        ),
        # what these do not take at all
        (
            "PrimaryContainer: {}",
            "PrimaryContainer: {Port: 8080}",
            "Models[0]: primaryContainer.port is no member of ContainerDefinition.",
        ),
        ("Models:", "Modells:", "it has to hold the lists Models, EndpointConfigs, Endpoints,"),
        (
            "\n  - {EndpointName: risk, EndpointConfigName: plain}",
            " {EndpointName: risk}",
            "Endpoints is to be a list of what CreateEndpoint takes",
        ),
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
        # limits of the shapes
        (
            "- {VariantName: AllTraffic, ModelName: credit}",
            "[]",
            (
                "EndpointConfigs[0]: 1 validation error detected: Value '[]' at"
                " 'productionVariants' failed to satisfy constraint:"
                " Member must have length greater than or equal to 1"
            ),
        ),
        (
            "EndpointName: risk",
            "EndpointName: 12",
            "Endpoints[0]: endpointName: NUMBER_VALUE can not be converted to string.",
        ),
        (
            "EndpointName: risk",
            "EndpointName: credit_risk",
            (
                "Endpoints[0]: 1 validation error detected: Value 'credit_risk' at 'endpointName'"
                " failed to satisfy constraint: Member must satisfy regular expression pattern:"
            ),
        ),
    ],
)
def test_what_cannot_be_served_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        declaration_of(changed(old, new), SERVICE)
    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Endpoints: [", "is not YAML: while parsing"),
        ("", "it has to hold the lists"),
        ("- 1", "it has to hold the lists"),
    ],
)
def test_an_error_names_the_file(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "endpoint.yaml"
    file.write_text(content)
    with pytest.raises(DeclarationError, match=message) as raised:
        read_declaration(file, SERVICE)
    assert str(raised.value).startswith(str(file))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.yaml"
    with pytest.raises(DeclarationError) as raised:
        read_declaration(file, SERVICE)
    assert str(raised.value) == f"{file} cannot be read: No such file or directory"


def test_every_declared_model_needs_an_image_or_a_container() -> None:
    declaration = declaration_of(yaml.safe_load(ONE), SERVICE)
    check_containers(declaration, {"credit": "http://a:1"})
    with pytest.raises(DeclarationError, match="CONTAINERS does not tell where credit answers"):
        check_containers(declaration, {})
    with pytest.raises(DeclarationError, match="CONTAINERS names debit, which is not declared"):
        check_containers(declaration, {"credit": "http://a:1", "debit": "http://b:1"})
    with_image = declaration_of(
        changed("PrimaryContainer: {}", "PrimaryContainer: {Image: x}"), SERVICE
    )
    check_containers(with_image, {})
