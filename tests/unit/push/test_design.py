import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from push.declaration import Declaration
from push.design import Design, Facts
from push.settings import Settings

HOST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


def model(design: Design) -> dict[str, object]:
    return design.model_requests()["credit-risk"]


def test_names_carry_the_versions(design: Design) -> None:
    assert design.image_reference == f"{HOST}/riskstack/model_server:push-{'1a' * 8}"
    assert design.image_uri == f"{HOST}/riskstack/model_server@sha256:{'2b' * 32}"
    assert design.artifact_url == (
        f"s3://riskstack-models-123456789012-eu-central-1/credit-risk/{'c3' * 32}/model.tar.gz"
    )
    for name in (model(design)["ModelName"], design.config_request()["EndpointConfigName"]):
        assert str(name).startswith("credit-risk-2b2b2b2b-c3c3c3c3-")
    assert design.endpoint_name == "credit-risk"


@pytest.mark.parametrize(
    "changed",
    [
        {"image_digest": "sha256:" + "9f" * 32},
        {"artifact_digest": "sha256:" + "9f" * 32},
        {"account": "210987654321"},
    ],
)
def test_what_is_made_of_something_else_has_another_name(
    design: Design, changed: dict[str, str]
) -> None:
    other = replace(design, facts=replace(design.facts, **changed))
    assert model(other)["ModelName"] != model(design)["ModelName"]
    names = (one.config_request()["EndpointConfigName"] for one in (other, design))
    assert len(set(names)) == 2


def test_another_role_is_another_model(design: Design) -> None:
    role = "arn:aws:iam::123456789012:role/mine"
    other = replace(design, settings=Settings(role_arn=role))
    assert model(other)["ExecutionRoleArn"] == role
    assert model(other)["ModelName"] != model(design)["ModelName"]


def test_other_instances_are_another_configuration_of_the_same_model(design: Design) -> None:
    other = replace(design, settings=Settings(instance_type="ml.c5.large", instance_count=2))
    assert model(other) == model(design)
    assert other.instances() == {"ml.c5.large": 2}
    name = "EndpointConfigName"
    assert other.config_request()[name] != design.config_request()[name]


def test_the_same_is_the_same(design: Design) -> None:
    again = replace(design)
    assert again.model_requests() == design.model_requests()
    assert again.config_request() == design.config_request()
    assert again.role_name == design.role_name


def test_names_fit_into_aws(design: Design) -> None:
    # 63 for S3 and SageMaker, 64 for a role (botocore); the longest region has 14 letters
    longest = replace(design, facts=replace(design.facts, region="ap-southeast-7"))
    assert len(longest.bucket) <= 63
    assert len(str(model(longest)["ModelName"])) <= 63
    assert len(longest.role_name) <= 64


def test_a_model_has_no_network(design: Design) -> None:
    assert model(design)["EnableNetworkIsolation"] is True


def test_a_declared_instance_type_stays_unless_another_is_set(design: Design) -> None:
    declared = declaration_with(design, {"InstanceType": "ml.t2.medium", "InitialInstanceCount": 3})
    assert replace(design, declaration=declared).instances() == {"ml.t2.medium": 3}
    set_one = replace(design, declaration=declared, settings=Settings(instance_type="ml.c5.large"))
    assert set_one.instances() == {"ml.c5.large": 3}


def test_a_serverless_variant_has_no_instances(design: Design) -> None:
    serverless = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    assert replace(design, declaration=declaration_with(design, serverless)).instances() == {}


def declaration_with(design: Design, changed: Mapping[str, object]) -> Declaration:
    variant = {"VariantName": "AllTraffic", "ModelName": "credit-risk", **changed}
    return replace(design.declaration, config={"ProductionVariants": [variant]})


def test_the_role_may_do_what_a_model_needs_and_no_more(design: Design) -> None:
    statements = json.loads(design.permissions_policy)["Statement"]
    allowed = {one["Sid"]: one["Resource"] for one in statements}
    everywhere = {sid for sid, resource in allowed.items() if resource == "*"}
    # neither action knows a resource (service authorization reference)
    assert everywhere == {"LogInToTheRegistry", "WriteMetrics"}
    assert allowed["PullTheImage"] == (
        "arn:aws:ecr:eu-central-1:123456789012:repository/riskstack/model_server"
    )
    assert allowed["ReadTheModel"] == f"arn:aws:s3:::{design.bucket}/{design.artifact_key}"
    assert all("*" not in str(one["Action"]) for one in statements)
    assert json.loads(design.trust_policy)["Statement"][0]["Principal"] == {
        "Service": "sagemaker.amazonaws.com"
    }


def test_what_is_not_known_yet_has_no_name_yet(declared: Declaration) -> None:
    design = Design(declared, Settings(), Facts("eu-central-1", "sha256:" + "c3" * 32))
    assert not design.facts.complete
    assert design.image_tag == "push-<image>"
    assert model(design)["ModelName"] == "credit-risk-<version>"
    assert design.role_name == "riskstack-credit-risk-<version>"
    assert design.bucket == "riskstack-models-<account>-eu-central-1"
