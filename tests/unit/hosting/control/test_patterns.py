"""Java's patterns of the service models as Python's."""

import botocore.session
import pytest

from hosting.control.patterns import matches

TAG = r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
TEXT = r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*"


@pytest.mark.parametrize(
    ("pattern", "value", "whole"),
    [
        (TAG, "Größe\N{NO-BREAK SPACE}1_.:/=+-@", True),
        (TAG, "a\tb", False),
        (TAG, "a#b", False),
        (TEXT, "line\r\n\t\N{GRINNING FACE}", True),
        (TEXT, "\x00", False),
        (r"\p{Print}+", "my policy", True),
        (r"\p{Print}+", "größe", False),
        ("[a-z]+", "abc\n", False),
        (r"(https|s3)://([^/]+)/?(.*)", "file:///models/credit", True),
        (r"(https|s3)://([^/]+)/?(.*)", "ftp://models/credit", False),
    ],
)
def test_the_whole_value_has_to_match(pattern: str, value: str, whole: bool) -> None:
    assert matches(pattern, value) is whole


def test_every_pattern_of_the_operations_can_be_read() -> None:
    session = botocore.session.get_session()
    sagemaker = session.get_service_model("sagemaker")
    names = ("ModelName", "Url", "S3ModelUri", "EnvironmentKey", "TagKey", "RoleArn", "ResourceArn")
    patterns = [sagemaker.shape_for(name).metadata["pattern"] for name in names]
    scaling = session.get_service_model("application-autoscaling")
    patterns += [
        shape.metadata["pattern"]
        for shape in map(scaling.shape_for, scaling.shape_names)
        if "pattern" in shape.metadata
    ]
    # one that Python does not understand raises re.error
    assert sum(matches(pattern, "a") for pattern in patterns) > len(patterns) / 2
