import pytest

from deployment.problem import DeploymentError
from deployment.settings import Settings


def test_without_variables_everything_is_as_the_template_says() -> None:
    settings = Settings.from_environment({"STAGE": "", "ALL": "", "WITHOUT_TESTS": "0"})
    assert settings == Settings(parameters={}, everything=False, tests=True)


def test_variables_are_parameters_and_switches() -> None:
    settings = Settings.from_environment(
        {
            "STAGE": "v2",
            "ARCHITECTURE": "x86_64",
            "LOG_RETENTION_DAYS": "7",
            "ALARM_TOPIC_ARN": "arn:aws:sns:eu-central-1:123456789012:alarms",
            "HTTP_API": "create",
            "ALL": "1",
            "WITHOUT_TESTS": "1",
        }
    )
    assert settings == Settings(
        parameters={
            "Stage": "v2",
            "Architecture": "x86_64",
            "LogRetentionDays": "7",
            "AlarmTopicArn": "arn:aws:sns:eu-central-1:123456789012:alarms",
            "HttpApi": "create",
        },
        everything=True,
        tests=False,
    )


@pytest.mark.parametrize("name", ["ALL", "WITHOUT_TESTS"])
def test_a_switch_is_on_or_off(name: str) -> None:
    with pytest.raises(DeploymentError, match=f"{name}=yes: it is 1, or nothing"):
        Settings.from_environment({name: "yes"})
