from dataclasses import replace

import pytest
from botocore.model import ServiceModel

from push.design import Design
from push.preflight import check
from push.problem import PushError
from push.settings import Settings
from push.undertaking import Clients


@pytest.fixture
def service(clients: Clients) -> ServiceModel:
    return clients.sagemaker.meta.service_model


def test_what_is_declared_here_is_fine(design: Design, service: ServiceModel) -> None:
    check(design, service)


def test_a_member_that_sagemaker_does_not_know_is_named(
    design: Design, service: ServiceModel
) -> None:
    variant = {"VariantName": "A", "ModelName": "credit-risk", "Colour": "red"}
    declared = replace(design.declaration, config={"ProductionVariants": [variant]})
    with pytest.raises(PushError, match=r'CreateEndpointConfig does not take.*"Colour"'):
        check(replace(design, declaration=declared), service)


def test_an_instance_type_that_there_is_not_is_named(design: Design, service: ServiceModel) -> None:
    settings = Settings(instance_type="ml.m5.enormous")
    with pytest.raises(PushError, match=r"ml\.m5\.enormous is no instance type for an endpoint"):
        check(replace(design, settings=settings), service)


def test_instances_have_to_run_what_is_built(design: Design, service: ServiceModel) -> None:
    graviton = Settings(instance_type="ml.c7g.large")
    with pytest.raises(PushError, match="set PLATFORM=linux/arm64"):
        check(replace(design, settings=graviton), service)
    check(replace(design, settings=replace(graviton, platform="linux/arm64")), service)
    # what a chosen image is for is seen when it is looked at
    check(replace(design, settings=replace(graviton, image="mine")), service)
