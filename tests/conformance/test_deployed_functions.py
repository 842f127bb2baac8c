"""The functions' packages, each as AWS unpacks it, run by AWS's own Runtime Interface Client.

Nothing but the package and the client can be imported: in a bare process always, and in a container
of python:3.13-slim-trixie where an engine is. Facts: as test_runtime_interface.
"""

import json
import os
import platform
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import boto3
import pytest

from deployment.packages.archive import LARGEST_ZIPPED
from deployment.packages.build import Code, build
from deployment.packages.wheels import Target
from riskstack.contract.application import Answers, Application
from riskstack.contract.record import Tables, to_item
from riskstack.emulator.physical import ExistingResources, pseudo_parameters
from riskstack.emulator.template import Resolver, Template
from stack.compose import engine_answers
from tests.conformance.test_runtime_interface import RuntimeApi, proxy_event, stream_records
from tests.left_out import leave_out

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the Runtime Interface Client is there for Linux only"
)

ROOT = Path(__file__).parents[2]
REGION = "eu-central-1"
ACCOUNT = "123456789012"
IMAGE = "python:3.13-slim-trixie"
FUNCTIONS = ("etl", "router")
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64", "x86_64": "x86_64"}[platform.machine()]
RUN = "import runpy, sys; sys.path[:0] = sys.argv.pop(1).split(':'); sys.argv[0] = 'awslambdaric';"
RUN += "runpy.run_module('awslambdaric', run_name='__main__')"
"""Runs the client with nothing on the path but the interpreter's own modules, and what is given."""

Runs = Callable[[str], AbstractContextManager[RuntimeApi]]
Packages = Mapping[str, Path]


def built(target: Target, folder: Path) -> Packages:
    """Build the packages in another folder than the project's own; give where they are unpacked."""
    for name in (*FUNCTIONS, "riskstack", "requirements"):
        (folder / name).symlink_to(ROOT / name)
    for name in FUNCTIONS:
        package = build(Code(name, folder), target)
        unpacked = folder / "unpacked" / name
        with zipfile.ZipFile(folder / "build" / "functions" / f"{name}.zip") as archive:
            archive.extractall(unpacked)
        assert len(package.content) <= LARGEST_ZIPPED
    return {name: folder / "unpacked" / name for name in FUNCTIONS}


@pytest.fixture(scope="module")
def packages_for_here(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The packages for the interpreter that runs the tests."""
    python = ".".join(platform.python_version_tuple()[:2])
    return built(Target(ARCHITECTURE, python), tmp_path_factory.mktemp("here"))


@pytest.fixture(scope="module")
def client_for_here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client alone."""
    folder = tmp_path_factory.mktemp("client")
    for name in ("awslambdaric", "simplejson", "snapshot-restore-py"):
        for file in metadata.files(name) or ():
            if ".." not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                (folder / file).write_bytes(file.read_binary())
    return folder


@pytest.fixture
def declared(aws: str, data_resolver: Resolver) -> Callable[[str], Mapping[str, Any]]:
    """Gives a function's properties, and the variables that Lambda sets, by its folder's name."""
    pseudo = pseudo_parameters(REGION, ACCOUNT)
    template = Template.read(ROOT / "deploy" / "app.yaml")
    resolver = Resolver(template, ExistingResources(pseudo), pseudo, imports=data_resolver)

    def give(name: str) -> Mapping[str, Any]:
        (properties,) = (
            function.properties
            for function in template.resources("AWS::Serverless::Function")
            if function.properties["FunctionName"] == f"riskstack-{name}"
        )
        return {
            "Handler": properties["Handler"],
            "Timeout": properties["Timeout"],
            "Variables": {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_DEFAULT_REGION": REGION,
                "AWS_REGION": REGION,
                "AWS_LAMBDA_FUNCTION_NAME": f"riskstack-{name}",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_ENDPOINT_URL": aws,
                **resolver.resolve(properties["Environment"]["Variables"]),
            },
        }

    return give


@contextmanager
def serving(
    function: Mapping[str, Any],
    name: str,
    command: Callable[[Mapping[str, str]], list[str | Path]],
    cwd: Path,
) -> Iterator[RuntimeApi]:
    """Serve the runtime API to a client that a command starts with variables."""
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:riskstack-{name}"
    with RuntimeApi(arn, function["Timeout"]).running() as api:
        variables = {**function["Variables"], "AWS_LAMBDA_RUNTIME_API": api.address}
        process = subprocess.Popen(
            command(variables), cwd=cwd, env={"PATH": os.environ["PATH"], **variables}
        )
        try:
            yield api
        finally:
            # the client of docker hands it on to its container
            process.terminate()
            process.wait()


@pytest.fixture
def in_a_process(
    declared: Callable[[str], Mapping[str, Any]],
    packages_for_here: Packages,
    client_for_here: Path,
) -> Runs:
    """Runs a package in a process that finds nothing else."""

    def run(name: str) -> AbstractContextManager[RuntimeApi]:
        function, package = declared(name), packages_for_here[name]
        command: list[str | Path] = [
            *(sys.executable, "-B", "-I", "-S", "-c", RUN),
            *(f"{package}:{client_for_here}", function["Handler"]),
        ]
        return serving(function, name, lambda _: command, package)

    return run


@pytest.fixture(scope="module")
def packages_for_lambda(tmp_path_factory: pytest.TempPathFactory) -> Packages:
    """The packages for python3.13, and the client beside them."""
    if not engine_answers():
        leave_out("the functions' packages in a bare container", "no Docker Engine answers here")
    folder = tmp_path_factory.mktemp("lambda")
    subprocess.run(
        [
            Path(sys.executable).with_name("uv"),
            *("pip", "install", "--quiet", "--target", folder / "client", "--link-mode", "copy"),
            *("--python-version", "3.13", "--only-binary", ":all:", "--python", sys.executable),
            f"awslambdaric=={metadata.version('awslambdaric')}",
        ],
        check=True,
    )
    return {
        **built(Target(ARCHITECTURE, "3.13"), folder),
        "client": folder / "client",
    }


@pytest.fixture
def in_a_container(
    declared: Callable[[str], Mapping[str, Any]], packages_for_lambda: Packages
) -> Runs:
    """Runs a package in a container with nothing but Python, where Lambda puts it: /var/task."""

    def run(name: str) -> AbstractContextManager[RuntimeApi]:
        function = declared(name)

        def command(variables: Mapping[str, str]) -> list[str | Path]:
            return [
                *("docker", "run", "--rm", "--network", "host", "--read-only", "--user", "993:990"),
                *("--volume", f"{packages_for_lambda[name]}:/var/task:ro"),
                *("--volume", f"{packages_for_lambda['client']}:/opt/client:ro"),
                *("--workdir", "/var/task", "--init"),
                *(part for variable in variables for part in ("--env", variable)),
                *(IMAGE, "python3", "-I", "-S", "-c", RUN),
                *("/var/task:/opt/client", function["Handler"]),
            ]

        return serving(function, name, command, ROOT)

    return run


@pytest.fixture(params=["in_a_process", "in_a_container"])
def runs(request: pytest.FixtureRequest) -> Runs:
    """Runs a package, in both ways."""
    chosen: Runs = request.getfixturevalue(request.param)
    return chosen


def test_the_etl_functions_package_answers(runs: Runs, answers: Answers) -> None:
    with runs("etl") as api:
        answer = api.invoke(proxy_event(answers, "ref-1"))
    assert answer["statusCode"] == 202
    assert json.loads(answer["body"])["status"] == "received"
    assert boto3.client("dynamodb").scan(TableName="riskstack-applications")["Count"] == 1


def test_the_router_functions_package_decides(
    runs: Runs, application: Application, tables: Tables
) -> None:
    minor = replace(application, answers=replace(application.answers, age=16))
    table = boto3.resource("dynamodb").Table(tables.applications)
    table.put_item(Item=to_item(minor))
    with runs("router") as api:
        answer = api.invoke({"Records": stream_records(tables.applications)})
    assert answer == {"batchItemFailures": []}
    (item,) = table.scan()["Items"]
    assert item["status"] == "rejected"


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_a_package_is_the_same_bytes_wherever_it_is_built(
    architecture: str, tmp_path: Path
) -> None:
    target = Target(architecture, "3.13")
    archives = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        built(target, folder)
        archives.append(
            {path.name: path.read_bytes() for path in (folder / "build/functions").glob("*.zip")}
        )
    assert archives[0].keys() == {"etl.zip", "router.zip"}
    assert archives[0] == archives[1]


def test_a_package_has_no_emulator_no_web_server_and_no_types(packages_for_here: Packages) -> None:
    for name, folder in packages_for_here.items():
        found = {path.name for path in folder.iterdir()}
        assert {name, "riskstack", "boto3", "aws_lambda_powertools"} <= found
        assert {path.name for path in (folder / "riskstack").iterdir()} == {
            "__init__.py",
            "contract",
        }
        assert not found & {*FUNCTIONS} - {name}
        assert not found & {"fastapi", "starlette", "uvicorn", "yaml", "mypy_boto3_dynamodb", "bin"}
        assert not list(folder.rglob("*.pyc"))
