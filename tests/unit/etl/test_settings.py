from datetime import timedelta

import pytest

from etl.settings import SettingError, Settings
from riskstack.contract.record import Tables

ENVIRONMENT = {
    "APPLICATIONS_TABLE": "applications",
    "AUDIT_TABLE": "audit",
    "MIN_CONFIDENCE": "0.80",
    "RETENTION_DAYS": "365",
}


def test_settings_come_from_the_environment() -> None:
    assert Settings.from_environment(ENVIRONMENT) == Settings(
        tables=Tables("applications", "audit"),
        min_confidence=0.8,
        retention=timedelta(days=365),
    )


@pytest.mark.parametrize("name", ENVIRONMENT)
@pytest.mark.parametrize("missing", [True, False])
def test_a_variable_that_is_missing_or_empty_is_named(name: str, *, missing: bool) -> None:
    environment = ENVIRONMENT | {name: ""}
    if missing:
        del environment[name]
    with pytest.raises(SettingError, match=f"set the variable {name}"):
        Settings.from_environment(environment)


@pytest.mark.parametrize(
    ("name", "value"),
    [("MIN_CONFIDENCE", "80"), ("MIN_CONFIDENCE", "high"), ("RETENTION_DAYS", "nan")],
)
def test_a_variable_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"{name} must be a number from 0 to"):
        Settings.from_environment(ENVIRONMENT | {name: value})
