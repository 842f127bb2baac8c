import boto3
import pytest

from push.architecture import check, platform_of
from push.problem import PushError

# families with Graviton or Grace processors among those of endpoints (EC2 instance types guide)
ARM = {
    *("ml.c6g", "ml.c6gd", "ml.c6gn", "ml.c7g", "ml.c8g", "ml.m6g", "ml.m6gd", "ml.m8g"),
    *("ml.r6g", "ml.r6gd", "ml.r7gd", "ml.r8g", "ml.p6e-gb200"),
}


def test_every_instance_type_of_an_endpoint_has_its_architecture() -> None:
    """Names as in SageMaker's own model (ProductionVariantInstanceType, botocore)."""
    service = boto3.client("sagemaker", region_name="eu-central-1").meta.service_model
    names = service.shape_for("ProductionVariantInstanceType").metadata["enum"]
    families = {name.rpartition(".")[0]: platform_of(name) for name in names}
    assert {name for name, platform in families.items() if platform == "linux/arm64"} == ARM


def test_a_gpu_series_is_no_graviton() -> None:
    assert platform_of("ml.g4dn.xlarge") == "linux/amd64"


def test_an_image_for_another_architecture_is_refused_with_the_way_out() -> None:
    check("ml.m5.large", "linux/amd64")
    with pytest.raises(PushError, match=r"runs images for linux/arm64.*set PLATFORM=linux/arm64"):
        check("ml.c7g.large", "linux/amd64")


@pytest.mark.parametrize("name", ["m5.large", "ml.large", "ml.m5"])
def test_what_is_no_instance_type_is_refused(name: str) -> None:
    with pytest.raises(PushError, match="no instance type"):
        platform_of(name)
