"""What `make up` and its like do in the hands of somebody who types them twice, or too early."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stack.ports import require_free
from stack.services import Port
from stack.settings import StackError
from tests.running_stack import RunningStack

ROOT = Path(__file__).parents[2]


def test_up_twice_changes_nothing(stack: RunningStack) -> None:
    stack.up()
    stack.up()


def test_a_taken_port_is_named_with_the_way_out(stack: RunningStack) -> None:
    port = int(stack.settings.values["GATEWAY_PORT"])
    with pytest.raises(StackError, match=f"port {port} of gateway is taken.*GATEWAY_PORT="):
        require_free([Port("gateway", "GATEWAY_PORT", port)])


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"MODE": "cloud"}, "MODE=cloud: it is compose or embedded"),
        (
            {"MODE": "compose", "DOCKER_HOST": "unix:///nowhere.sock"},
            "MODE=compose needs a Docker Engine",
        ),
    ],
)
def test_a_mode_that_is_not_there_gets_one_clear_line(variables: dict[str, str], says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "stack", "up"],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"riskstack: {says}")
    assert done.stderr.count("\n") == 1
