"""A push with a real engine and a real registry; moto is AWS, and the endpoint serves what it says.

What is asked of the endpoint is answered by a container of the image that the model's definition
names, pulled by its digest, over the data that the definition names.
"""

import base64
import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import numpy as np
import pytest
import requests
import xgboost

from push import declaration
from push.archive import pack
from push.delivery import deliver
from push.design import REPOSITORY, Design, Facts
from push.engine import Docker, Image
from push.registry import DOCKER_MANIFEST
from push.settings import Settings
from push.undertaking import Clients, Undertaking
from riskstack.contract.features import vector
from seed import dataset
from seed.samples import samples
from stack.compose import engine_answers
from tests.left_out import leave_out

ROOT = Path(__file__).parents[2]
DEADLINE_S = 60
IMAGE = "riskstack/model_server:latest"
INSTANCE_TYPES = {"linux/amd64": "ml.m5.large", "linux/arm64": "ml.c7g.large"}
USER = "AWS"
# what moto's GetAuthorizationToken gives, and its bcrypt
PASSWORD = "123456789012-auth-token"  # noqa: S105 - of an account that is not one
HTPASSWD = f"{USER}:$2b$04$wyJBlbnxAPOqHwKYG0VJVO4ymU9DtsvRkVmOo3lYV3XokJd51xrjC\n"
AUTHORIZATION = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers(url: str, status: int) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == status
    except requests.ConnectionError:
        return False


def docker(*arguments: str, **environ: str) -> str:
    done = subprocess.run(
        ["docker", *arguments],  # noqa: S607 - the user's own docker
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def image() -> Image:
    """The image that the stack in containers has; it is built where there is none."""
    if not engine_answers():
        leave_out("a push with a real engine", "no Docker Engine answers here")
    if docker("image", "ls", "--quiet", IMAGE):
        return Docker(ROOT).inspect(IMAGE)
    return Docker(ROOT).build(docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"))


@pytest.fixture(scope="module")
def registry(image: Image, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image registry that lets in who knows ECR's password; gives its address."""
    program = shutil.which("docker-registry")
    if program is None:
        leave_out("a push with a real registry", "no docker-registry here: a package of Debian")
    assert image.id
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "htpasswd").write_text(HTPASSWD)
    configuration = {
        "version": 0.1,
        "log": {"level": "error", "accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
        "auth": {"htpasswd": {"realm": "ecr", "path": str(folder / "htpasswd")}},
    }
    # YAML is a superset of JSON
    (folder / "config.yml").write_text(json.dumps(configuration))
    url = f"http://127.0.0.1:{port}"
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(
            [program, "serve", str(folder / "config.yml")], stdout=log, stderr=log
        ) as serving,
    ):
        try:
            until(lambda: answers(f"{url}/v2/", 401), "the registry does not start")
            yield url
        finally:
            serving.terminate()


@pytest.fixture(scope="module")
def booster() -> xgboost.Booster:
    """A small model of the real features."""
    rows = list(dataset.rows())[:500]
    features = np.array([vector(row.answers) for row in rows], dtype=np.float32)
    labels = np.array([row.bad for row in rows], dtype=np.float32)
    return xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "nthread": 1},
        xgboost.DMatrix(features, labels, nthread=1),
        num_boost_round=5,
    )


@pytest.fixture
def model_folder(tmp_path: Path, booster: xgboost.Booster) -> Path:
    folder = tmp_path / "model"
    (folder / "metadata").mkdir(parents=True)
    (folder / "xgboost-model").write_bytes(booster.save_raw("ubj"))
    (folder / "metadata" / "metrics.json").write_text("{}")
    return folder


class Hosting:
    """The runtime of endpoints: a container for each, of what AWS says that it is made of."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._containers: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        hosting = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                endpoint = self.path.split("/")[2]
                answer = requests.post(
                    f"{hosting.address(endpoint)}/invocations",
                    data=self.rfile.read(int(self.headers["Content-Length"])),
                    headers={name: self.headers[name] for name in ("Content-Type", "Accept")},
                    timeout=DEADLINE_S,
                )
                self.send_response(answer.status_code)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(answer.content)))
                self.send_header("x-Amzn-Invoked-Production-Variant", "AllTraffic")
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def definition(self, endpoint: str) -> dict[str, Any]:
        """Give the container of the endpoint's model, as AWS has it."""
        sagemaker = boto3.client("sagemaker")
        config = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
        variants = sagemaker.describe_endpoint_config(EndpointConfigName=config)
        name = variants["ProductionVariants"][0]["ModelName"]
        return dict(sagemaker.describe_model(ModelName=name)["PrimaryContainer"])

    def data(self, endpoint: str) -> bytes:
        """Give the packed model that the definition names."""
        place = urlsplit(self.definition(endpoint)["ModelDataUrl"])
        found = boto3.client("s3").get_object(Bucket=place.netloc, Key=place.path[1:])
        return found["Body"].read()

    def address(self, endpoint: str) -> str:
        """Give where the endpoint's container answers; it is started when it is asked first."""
        if endpoint not in self._addresses:
            model = self._folder / endpoint
            with tarfile.open(fileobj=io.BytesIO(self.data(endpoint))) as packed:
                packed.extractall(model, filter="data")
            named = self.definition(endpoint)["Image"]
            secrets = self._folder / "docker"
            secrets.mkdir()
            host = named.partition("/")[0]
            (secrets / "config.json").write_text(
                json.dumps({"auths": {host: {"auth": AUTHORIZATION}}})
            )
            docker("pull", "--quiet", named, DOCKER_CONFIG=str(secrets))
            self._containers[endpoint] = docker(
                *("run", "--detach", "--rm", "--read-only", "--tmpfs", "/tmp"),  # noqa: S108 - its own
                *("--publish", "127.0.0.1::8080", "--volume", f"{model}:/opt/ml/model:ro"),
                *(named, "serve"),
            )
            published = docker("port", self._containers[endpoint], "8080/tcp")
            url = f"http://{published.splitlines()[0]}"
            until(lambda: answers(f"{url}/ping", 200), "the container does not get healthy")
            self._addresses[endpoint] = url
        return self._addresses[endpoint]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for endpoint, container in self._containers.items():
            docker("stop", container)
            docker("image", "rm", self.definition(endpoint)["Image"])


@pytest.fixture
def hosting(
    registry: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Hosting]:
    assert registry
    # only now: a server that is closed while it starts complains
    request.getfixturevalue("empty_aws")
    hosting = Hosting(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", hosting.url)
    yield hosting
    hosting.close()


class NoPrices:
    """A Price List with nothing in it."""

    def get_products(self, **_: object) -> dict[str, list[str]]:
        return {"PriceList": []}


def undertaking(
    registry: str, image: Image, folder: Path, say: Callable[[str], None]
) -> Undertaking:
    archive = pack(folder)
    return Undertaking(
        design=Design(
            declaration.read(ROOT / "deploy" / "endpoint.yaml"),
            Settings(
                image=image.id,
                instance_type=INSTANCE_TYPES[image.platform],
                registry_url=registry,
            ),
            Facts(region="eu-central-1", artifact_digest=archive.digest),
        ),
        archive=archive,
        clients=Clients(
            sts=boto3.client("sts"),
            ecr=boto3.client("ecr"),
            s3=boto3.client("s3"),
            iam=boto3.client("iam"),
            sagemaker=boto3.client("sagemaker"),
            runtime=boto3.client("sagemaker-runtime"),
            pricing=NoPrices(),
        ),
        engine=Docker(ROOT),
        say=say,
        sleep=time.sleep,
    )


def test_what_is_pushed_is_what_serves(
    registry: str,
    image: Image,
    hosting: Hosting,
    model_folder: Path,
    booster: xgboost.Booster,
) -> None:
    said: list[str] = []
    push = undertaking(registry, image, model_folder, said.append)
    deliver(push)

    # the registry has the very image that the model is defined by
    tag = push.design.image_tag
    manifest = requests.get(
        f"{registry}/v2/{REPOSITORY}/manifests/{tag}",
        headers={"Accept": DOCKER_MANIFEST},
        auth=(USER, PASSWORD),
        timeout=10,
    )
    host = registry.removeprefix("http://")
    digest = manifest.headers["Docker-Content-Digest"]
    definition = hosting.definition("credit-risk")
    assert definition["Image"] == f"{host}/{REPOSITORY}@{digest}"
    # whose configuration is the image that the engine has
    assert manifest.json()["config"]["digest"] == image.id
    # S3 has the very model
    assert hosting.data("credit-risk") == pack(model_folder).content
    # and the score is the model's own
    row = np.array([vector(next(samples()))], dtype=np.float32)
    expected = float(booster.predict(xgboost.DMatrix(row, nthread=1))[0])
    (line,) = [line for line in said if line.startswith("score of")]
    assert f"{expected:.5f}" in line

    # the second push finds everything there
    said.clear()
    deliver(undertaking(registry, image, model_folder, said.append))
    assert "this image and this model are there already: nothing was changed" in said
    # nor does the engine keep a second name of the image, or the user's configuration a password
    assert docker("image", "ls", "--quiet", f"{host}/{REPOSITORY}:{tag}") == ""
    own = Path(os.environ.get("DOCKER_CONFIG", Path.home() / ".docker")) / "config.json"
    assert not own.exists() or host not in own.read_text()
