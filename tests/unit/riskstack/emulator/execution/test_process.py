from datetime import UTC, datetime
from pathlib import Path

from riskstack.emulator.execution.process import Launch, variables
from tests.lambda_stand import function


def test_variables_of_the_function_win_over_the_services_and_awss_over_both() -> None:
    declared = function(
        Environment={"Variables": {"SHARED": "function", "TZ": "Europe/Berlin"}},
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "LogGroup": "/own"},
    )
    environ = {"SHARED": "service", "AWS_REGION": "elsewhere", "PYTHONPATH": "/given"}
    given = variables(Launch(declared, environ, Path("/code")), datetime(2026, 1, 2, tzinfo=UTC))
    assert (given["SHARED"], given["TZ"]) == ("function", "Europe/Berlin")
    assert given["AWS_REGION"] == given["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert given["AWS_LAMBDA_LOG_STREAM_NAME"].startswith("2026/01/02/[$LATEST]")
    assert (given["AWS_LAMBDA_LOG_FORMAT"], given["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "DEBUG")
    assert given["AWS_LAMBDA_LOG_GROUP_NAME"] == "/own"
    assert given["PYTHONPATH"].endswith(":/given")


def test_a_function_without_a_log_level_has_none() -> None:
    given = variables(Launch(function(), {}, Path("/code")), datetime(2026, 1, 2, tzinfo=UTC))
    assert "AWS_LAMBDA_LOG_LEVEL" not in given
    assert given["AWS_LAMBDA_LOG_FORMAT"] == "Text"
    assert given["TZ"] == ":UTC"
