import pytest

from push.problem import PushError
from push.settings import Settings

ROLE = "arn:aws:iam::123456789012:role/service-role/mine"


def test_nothing_has_to_be_set() -> None:
    assert Settings.from_environment({"ROLE_ARN": "", "INSTANCE_COUNT": ""}) == Settings()


def test_everything_can_be_set() -> None:
    environ = {
        "ROLE_ARN": ROLE,
        "BUCKET": "mine",
        "IMAGE": "mine:1",
        "PLATFORM": "linux/arm64",
        "INSTANCE_TYPE": "ml.c7g.large",
        "INSTANCE_COUNT": "2",
        "REGISTRY_URL": "http://127.0.0.1:5000",
    }
    assert Settings.from_environment(environ) == Settings(
        ROLE, "mine", "mine:1", "linux/arm64", "ml.c7g.large", 2, "http://127.0.0.1:5000"
    )


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("ROLE_ARN", "my-role", "arn:aws:iam::<account>:role/<name>"),
        ("PLATFORM", "linux/386", "it is linux/amd64 or linux/arm64"),
        ("INSTANCE_COUNT", "0", "it is a number from 1"),
        ("INSTANCE_COUNT", "\N{SUPERSCRIPT TWO}", "it is a number from 1"),
        ("INSTANCE_COUNT", "many", "it is a number from 1"),
    ],
)
def test_what_cannot_be_meant_is_named(name: str, value: str, says: str) -> None:
    with pytest.raises(PushError) as refused:
        Settings.from_environment({name: value})
    assert str(refused.value).startswith(f"{name}={value}")
    assert says in str(refused.value)
