"""The flow on another model image, tests/images/sklearn: another library, another web server."""

import json
import subprocess
from collections.abc import Callable

import pytest

from riskstack.contract.features import csv_row, vector
from seed.render.request import Request
from seed.samples import samples
from stack.settings import ROOT
from tests.running_stack import RunningStack, wait_for

IMAGE = "riskstack-test/sklearn"
ROW = csv_row(vector(next(samples())))

# only containers have an image
pytestmark = pytest.mark.parametrize("stack", ["compose"], indirect=True)


@pytest.fixture(scope="module")
def image() -> str:
    dockerfile = ROOT / "tests" / "images" / "sklearn" / "Dockerfile"
    subprocess.run(
        ["docker", "build", "--quiet", "--file", str(dockerfile), "--tag", IMAGE, str(ROOT)],  # noqa: S607
        capture_output=True,
        check=True,
    )
    return IMAGE


def score(stack: RunningStack) -> float:
    def asked() -> float | None:
        answer = stack.client("sagemaker-runtime").invoke_endpoint(
            EndpointName="credit-risk", ContentType="text/csv", Accept="application/json", Body=ROW
        )
        predictions = json.loads(answer["Body"].read())
        (found,) = predictions["predictions"] if isinstance(predictions, dict) else predictions
        return float(found["score"] if isinstance(found, dict) else found)

    return wait_for(lambda: _or_none(asked), 60.0, "no score came")


def test_applications_are_decided_with_another_model(
    stack: RunningStack, image: str, sample: Callable[..., Request]
) -> None:
    own = score(stack)
    with stack.model_image(image):
        other = score(stack)
        outcome = stack.outcome(stack.submit(sample())["application_id"])
    assert score(stack) == own != other

    assert outcome["status"] == "in_review"
    item = stack.item(outcome["application_id"])
    assert float(item["score"]["N"]) == pytest.approx(other, abs=1e-6)


def _or_none(asked: Callable[[], float | None]) -> float | None:
    try:
        return asked()
    except Exception as error:  # noqa: BLE001 - boto3 makes its errors at run time
        assert "ModelError" in repr(error), error  # noqa: PT017 - the container is being replaced
        return None
