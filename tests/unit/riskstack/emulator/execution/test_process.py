import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from riskstack.emulator.execution.process import Launch, variables
from tests.hosting_stand import wait_until
from tests.lambda_stand import function, gone, write


def test_variables_of_the_function_win_over_the_services_and_awss_over_both() -> None:
    declared = function(
        Environment={
            "Variables": {"SHARED": "function", "TZ": "Europe/Berlin", "PYTHONPATH": "/own/code"}
        },
        LoggingConfig={"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG", "LogGroup": "/own"},
    )
    environ = {"SHARED": "service", "AWS_REGION": "elsewhere", "PYTHONPATH": "/given"}
    given = variables(Launch(declared, environ, Path("/code")), datetime(2026, 1, 2, tzinfo=UTC))
    assert (given["SHARED"], given["TZ"]) == ("function", "Europe/Berlin")
    assert given["AWS_REGION"] == given["AWS_DEFAULT_REGION"] == "eu-central-1"
    assert given["AWS_LAMBDA_LOG_STREAM_NAME"].startswith("2026/01/02/[$LATEST]")
    assert (given["AWS_LAMBDA_LOG_FORMAT"], given["AWS_LAMBDA_LOG_LEVEL"]) == ("JSON", "DEBUG")
    assert given["AWS_LAMBDA_LOG_GROUP_NAME"] == "/own"
    assert given["PYTHONPATH"].endswith(":/own/code:/given")


def test_a_function_without_a_log_level_has_none() -> None:
    given = variables(Launch(function(), {}, Path("/code")), datetime(2026, 1, 2, tzinfo=UTC))
    assert "AWS_LAMBDA_LOG_LEVEL" not in given
    assert given["AWS_LAMBDA_LOG_FORMAT"] == "Text"
    assert given["TZ"] == ":UTC"


def test_a_log_in_json_begins_at_info() -> None:
    """Lambda developer guide, "Log-level filtering"."""
    declared = function(LoggingConfig={"LogFormat": "JSON"})
    given = variables(Launch(declared, {}, Path("/code")), datetime(2026, 1, 2, tzinfo=UTC))
    assert given["AWS_LAMBDA_LOG_LEVEL"] == "INFO"


SERVICE = """
import os
import sys
import time
from pathlib import Path

from riskstack.emulator.execution.process import Launch, spawn
from tests.lambda_stand import function

process = spawn(Launch(function(), dict(os.environ), Path(sys.argv[1])))
time.sleep(600)
"""
HANGS = """
    import os
    import pathlib
    import subprocess
    import sys
    import time

    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    folder = pathlib.Path(__file__).parent
    (folder / "begun").write_text(f"{os.getpid()} {child.pid}")
    (folder / "begun").rename(folder / "pids")
    time.sleep(600)
"""


def test_a_function_that_hangs_ends_with_a_service_that_is_killed(tmp_path: Path) -> None:
    folder = write(tmp_path, HANGS)
    command = [sys.executable, "-c", SERVICE, str(folder)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(Path.cwd())}) as service:
        wait_until((folder / "pids").exists)
        service.kill()
    pids = [int(pid) for pid in (folder / "pids").read_text().split()]
    wait_until(lambda: all(gone(pid) for pid in pids))
