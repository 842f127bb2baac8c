"""The import rules of pyproject.toml, each broken on purpose to see it fail."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
NAMES = {contract["name"] for contract in RULES["contracts"]}

INDEPENDENCE = "Services know riskstack, never each other"
LAYERS = "The contract and both ends of HTTP are the bottom; the emulator is above them"
DEPLOYED = "What is deployed knows no emulator and no web server; only local.py does"
CORES = "Cores and the contract are handed the SDK, the environment and the clock"
ALONE = "model_server stands alone"
STACK = "What runs on AWS knows nothing of what runs the stack here"
DIGESTS = "What a push makes follows from digests alone"
ASKED = "What a deployment asks for follows from files and answers alone"
STRANGER = "image_check knows nothing of the project"
JUDGED = "An image is judged without engine, network and clock"

OFFENCES = [
    ("console/words.py", "gateway.model", {INDEPENDENCE}),
    # what the contract imports is deployed with the functions: no import of the emulator
    # can break the layers and nothing else
    ("riskstack/contract/decision.py", "riskstack.emulator.template", {LAYERS, DEPLOYED}),
    ("riskstack/http_client/pool.py", "riskstack.contract.fault", {LAYERS}),
    ("riskstack/http_server.py", "riskstack.http_client.pool", {LAYERS}),
    ("etl/intake.py", "fastapi", {DEPLOYED}),
    ("etl/store.py", "riskstack.http_client.pool", {DEPLOYED}),
    ("router/store.py", "riskstack.emulator.lambda_service", {DEPLOYED}),
    ("etl/channels/chat.py", "os", {CORES}),
    ("router/core.py", "datetime", {CORES}),
    # by way of another module
    ("etl/answers.py", "etl.store", {CORES}),
    ("model_server/rows/from_csv.py", "riskstack.contract.features", {ALONE}),
    ("seed/samples.py", "stack.ports", {STACK}),
    ("push/design.py", "boto3", {DIGESTS}),
    ("deployment/status.py", "boto3", {ASKED}),
    ("etl/store.py", "deployment.settings", {DEPLOYED}),
    ("image_check/report.py", "stack.ports", {STRANGER}),
    ("image_check/verdicts/ping.py", "socket", {JUDGED}),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages, to break rules in."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in RULES["root_packages"]:
        for module in (ROOT / package).rglob("*.py"):
            copy = tmp_path / module.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(module, copy)
    return tmp_path


def verdicts(tree: Path) -> dict[str, str]:
    """Check a tree; give each contract's verdict."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    checked = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=tree,
        # wide, so that no line is broken
        env=environ | {"COLUMNS": "500", "NO_COLOR": "1", "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    found = dict(re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.*\))?\s*$", checked.stdout, re.MULTILINE))
    assert found.keys() == NAMES, checked.stdout + checked.stderr
    assert checked.returncode == ("BROKEN" in found.values())
    return found


def test_every_rule_is_kept(tree: Path) -> None:
    assert verdicts(tree) == dict.fromkeys(NAMES, "KEPT")


@pytest.mark.parametrize(
    ("module", "imported", "broken"),
    OFFENCES,
    ids=[f"{module} imports {imported}" for module, imported, _ in OFFENCES],
)
def test_an_offending_import_breaks_its_rule(
    tree: Path, module: str, imported: str, broken: set[str]
) -> None:
    with (tree / module).open("a") as lines:
        lines.write(f"\nimport {imported}\n")
    found = verdicts(tree)
    assert {name for name, verdict in found.items() if verdict == "BROKEN"} == broken


def test_every_rule_is_broken_once() -> None:
    assert set().union(*(broken for _, _, broken in OFFENCES)) == NAMES


def test_every_package_is_under_the_rules() -> None:
    packages = {initial.parent.name for initial in ROOT.glob("*/__init__.py")}
    assert packages == set(RULES["root_packages"])
