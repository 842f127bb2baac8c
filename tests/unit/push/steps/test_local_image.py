from dataclasses import replace

import pytest

from push.engine import Image
from push.problem import PushError
from push.steps.local_image import LocalImage
from tests.unit.push.stand import Stand


def test_it_is_built_for_the_platform(stand: Stand) -> None:
    push = stand.again(platform="linux/arm64", instance_type="ml.c7g.large")
    stand.engine.image = Image("sha256:1a", "linux/arm64", 7)
    step = LocalImage(push)
    assert step.text == "build model_server/Dockerfile for linux/arm64"
    assert step.look().done is None
    step.do()
    assert stand.engine.built == ["linux/arm64"]
    assert push.design.facts.image_id == "sha256:1a"


def test_one_that_is_chosen_is_taken_as_it_is(stand: Stand) -> None:
    push = stand.again(image="mine")
    step = LocalImage(push)
    assert step.text == "take the image mine of the engine"
    assert step.look().done is True
    assert stand.engine.built == []
    assert push.design.facts.image_id == stand.engine.image.id


def test_one_that_the_instances_do_not_run_is_refused(stand: Stand) -> None:
    with pytest.raises(PushError, match="set PLATFORM=linux/arm64"):
        LocalImage(stand.again(image="mine", instance_type="ml.c7g.large")).look()


def test_one_that_is_too_big_for_serverless_is_refused(stand: Stand) -> None:
    stand.engine.image = Image("sha256:1a", "linux/amd64", 10**10 + 1)
    push = stand.again(image="mine")
    LocalImage(push).look()
    serverless = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    variant = {"VariantName": "A", "ModelName": "credit-risk", **serverless}
    declared = replace(push.design.declaration, config={"ProductionVariants": [variant]})
    push.design = replace(push.design, declaration=declared)
    with pytest.raises(PushError, match="a serverless endpoint takes 10 GB"):
        LocalImage(push).look()
