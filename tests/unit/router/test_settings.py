import pytest

from riskstack.contract.record import Tables
from router.settings import MissingSettingError, Settings

ENVIRONMENT = {
    "APPLICATIONS_TABLE": "a",
    "AUDIT_TABLE": "b",
    "FAILURE_QUEUE_URL": "http://queue",
    "RISK_ENDPOINT": "e",
    "MODEL_REASONS": "3",
}


def test_settings_are_read() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        Tables("a", "b"), "http://queue", "e", 3
    )


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_missing_variable_is_named(name: str) -> None:
    environment = {key: value for key, value in ENVIRONMENT.items() if key != name}
    with pytest.raises(MissingSettingError, match=f"{name} is not set"):
        Settings.from_environment(environment)
