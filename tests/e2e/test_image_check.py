"""The image check against real images: whole ones pass, a broken one fails exactly its own item."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import xgboost

from image_check.check import Outcome, Verdict
from image_check.engine import LABEL, connect
from image_check.observation import observe
from image_check.options import read
from image_check.verdicts import GROUPS, judge
from riskstack.contract.features import FEATURES
from seed import dataset, training
from stack.compose import engine_answers
from tests.left_out import leave_out

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "tests" / "images" / "server"
SKLEARN = "riskstack-test/sklearn"
WHOLE = "riskstack-test/server:whole"
AT_ONCE = 3

# what is built differently, and the one item that is to fail for it
BROKEN_IN_THE_IMAGE = {
    "non-root": "root-user",
    "shell-form": "exec-form",
    "tini": "no-tini",
    "own-files": "opt-ml-free",
}
BROKEN_IN_THE_SERVER = {
    "no-serve": "starts",
    "other-port": "port",
    "never-ready": "ping",
    "late-ping": "ping-in-time",
    "get-only-ping": "ping-post",
    "busy-ping": "ping-under-load",
    "static-ping": "broken-model",
    "refuses-rows": "invocations",
    "chunked": "content-length",
    "picky-headers": "unknown-headers",
    "unreadable-500": "unreadable",
    "small-bodies": "large-body",
    "writes-model": "read-only-model",
    "needs-network": "offline",
    "logs-to-file": "logs",
    "ignores-sigterm": "sigterm",
    "drops-requests": "finishes-requests",
    "ignores-port": "bind-to-port",
    "execution-parameters": "execution-parameters",
    "metrics": "metrics",
    "loads-twice": "mme-again",
    "forgets-unloading": "mme-unload",
    "silent-failure": "train-failure",
}
BROKEN = BROKEN_IN_THE_IMAGE | BROKEN_IN_THE_SERVER

Verdicts = Mapping[str, Verdict]


@pytest.fixture(scope="module", autouse=True)
def engine() -> None:
    if not engine_answers():
        leave_out("the image check", "no Docker Engine answers here")


def build(tag: str, context: Path, *arguments: str) -> str:
    command = ["docker", "build", "--quiet", "--tag", tag, *arguments, str(context)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return tag


def build_variant(name: str) -> str:
    how = (
        ["--target", name]
        if name in BROKEN_IN_THE_IMAGE
        else ["--target", "whole", "--build-arg", f"BROKEN={name}"]
    )
    return build(f"riskstack-test/server:{name}", SERVER, *how)


def check(*arguments: str) -> Verdicts:
    options = read(arguments)
    with connect(options.image) as engine:
        seen = observe(engine, options, lambda _: None)
    return {
        finding.check.id: finding.verdict
        for findings in judge(seen).values()
        for finding in findings
    }


def that(verdicts: Verdicts, *outcomes: Outcome) -> dict[str, str]:
    """Give the ids of these outcomes, each with what was seen."""
    return {
        check_id: verdict.seen
        for check_id, verdict in verdicts.items()
        if verdict.outcome in outcomes
    }


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    (folder / "weights").write_text("0.1\n0.2\n0.3\n")
    # pytest's folders are closed to others, and one variant is not root
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def small_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("job")
    (folder / "input" / "config").mkdir(parents=True)
    (folder / "input" / "config" / "hyperparameters.json").write_text("{}")
    (folder / "input" / "data" / "train").mkdir(parents=True)
    (folder / "input" / "data" / "train" / "train.csv").write_text("1,0,1,2\n0,1,2,3\n")
    return folder


@pytest.fixture(scope="module")
def credit_job(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("credit")
    training.write_input(folder / "input", list(dataset.rows())[:400])
    return folder


@pytest.fixture(scope="module")
def xgboost_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(300, len(FEATURES)))
    booster = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(
            rows, rows[:, 0] > 0, feature_names=[feature.name for feature in FEATURES], nthread=1
        ),
        num_boost_round=8,
    )
    folder = tmp_path_factory.mktemp("model")
    (folder / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    return folder


@pytest.fixture(scope="module")
def checked(
    request: pytest.FixtureRequest, weights: Path, small_job: Path
) -> Iterator[Callable[..., Verdicts]]:
    """Gives the verdicts on a broken variant; all that are asked for are checked side by side."""

    def examine(name: str) -> Verdicts:
        arguments = [build_variant(name), "--model", str(weights), "--startup", "5"]
        if name == "silent-failure":
            arguments += ["--train-folder", str(small_job)]
        return check(*arguments)

    wanted = [
        str(item.callspec.params["variant"])
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and "variant" in item.callspec.params
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        verdicts: dict[str, Future[Verdicts]] = {
            name: pool.submit(examine, name) for name in wanted
        }

        def give(name: str, *, again: bool = False) -> Verdicts:
            return examine(name) if again else verdicts[name].result()

        yield give
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("variant", BROKEN)
def test_a_broken_image_fails_exactly_its_own_item(
    checked: Callable[..., Verdicts], variant: str
) -> None:
    failed = that(checked(variant), Outcome.FAILS)
    if set(failed) != {BROKEN[variant]}:
        # side by side they take each other's time, and some items have only so much
        failed = that(checked(variant, again=True), Outcome.FAILS)

    assert set(failed) == {BROKEN[variant]}, failed


def test_the_whole_server_keeps_everything(weights: Path, small_job: Path) -> None:
    build(WHOLE, SERVER, "--target", "whole")

    verdicts = check(WHOLE, "--model", str(weights), "--train-folder", str(small_job))

    assert set(verdicts) == {item.id for checks in GROUPS.values() for item in checks}
    assert set(that(verdicts, Outcome.HOLDS)) == set(verdicts), verdicts


def test_the_projects_image_keeps_what_it_claims(xgboost_model: Path, credit_job: Path) -> None:
    image = build(
        "riskstack-test/model_server", ROOT, "--file", str(ROOT / "model_server" / "Dockerfile")
    )

    verdicts = check(image, "--model", str(xgboost_model), "--train-folder", str(credit_job))

    assert that(verdicts, Outcome.FAILS, Outcome.NOT_CHECKED) == {}
    assert {"bind-to-port", "train", "train-failure"} <= set(that(verdicts, Outcome.HOLDS))


def test_an_independent_image_keeps_what_it_claims(credit_job: Path, tmp_path: Path) -> None:
    dockerfile = ROOT / "tests" / "images" / "sklearn" / "Dockerfile"
    image = build(SKLEARN, ROOT, "--file", str(dockerfile))

    trained = tmp_path / "model"
    trained.mkdir()
    # the model that was trained with the image, in the place of one that a job has written
    run = ["run", "--rm", "--entrypoint", "cat", image, "/opt/credit/credit.skops"]
    content = subprocess.run(["docker", *run], capture_output=True, check=True)  # noqa: S607
    (trained / "credit.skops").write_bytes(content.stdout)

    verdicts = check(image, "--model", str(trained), "--train-folder", str(credit_job))

    assert that(verdicts, Outcome.FAILS, Outcome.NOT_CHECKED) == {}
    assert {"bind-to-port", "train", "train-failure"} <= set(that(verdicts, Outcome.HOLDS))


@pytest.mark.parametrize(
    ("arguments", "status", "fit"), [([], 0, True), (["--env", "BROKEN=picky-headers"], 1, False)]
)
def test_the_command_prints_json_and_leaves_no_container(
    weights: Path, arguments: list[str], status: int, *, fit: bool
) -> None:
    build(WHOLE, SERVER, "--target", "whole")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "image_check", WHOLE, "--model", str(weights)),
            *("--body", "1,2,3", "--json", *arguments),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == status, done.stderr
    document = json.loads(done.stdout)
    assert (document["image"], document["fit"]) == (WHOLE, fit)
    failed = [found["id"] for found in document["findings"] if found["outcome"] == "fails"]
    assert failed == ([] if fit else ["unknown-headers"])


def test_an_image_without_serve_does_not_start() -> None:
    verdicts = check("python:3.13-slim-trixie")

    assert set(that(verdicts, Outcome.FAILS)) == {"starts"}
    assert '"serve": executable file not found' in verdicts["starts"].seen


def test_an_unknown_image_gets_one_clear_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "image_check", "riskstack-test/nowhere"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("image_check: there is no image riskstack-test/nowhere here")
    assert done.stderr.count("\n") == 1


def test_containers_and_networks_are_removed_whatever_happens() -> None:
    build(WHOLE, SERVER, "--target", "whole")
    runs = []

    def fail_in_the_midst() -> None:
        with (
            connect(WHOLE) as engine,
            engine.network_without_a_way_out() as network,
            engine.container(["serve"], network=network) as container,
        ):
            container.start()
            runs.append(engine.run)
            assert all(left(engine.run))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_in_the_midst()

    assert left(runs[0]) == ["", ""]


def left(run: str) -> list[str]:
    """Name the containers and networks of a run."""
    label = f"label={LABEL}={run}"
    commands = (["ps", "--all"], ["network", "ls"])
    return [
        subprocess.run(  # the user's own docker
            ["docker", *command, "--quiet", "--filter", label],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for command in commands
    ]
