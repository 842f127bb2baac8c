"""A stand for the tests of push: an image registry over HTTP, an engine, a Price List in memory."""

import json
import threading
from base64 import b64encode
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from push.design import Facts
from push.engine import Image
from push.problem import PushError
from push.registry import DOCKER_MANIFEST, Login, Manifest
from push.undertaking import Clients, Undertaking

ACCOUNT = "123456789012"
REGION = "eu-central-1"
PASSWORD = f"{ACCOUNT}-auth-token"
"""What moto's GetAuthorizationToken gives."""


def product(price: str, component: str = "Hosting", name: str = "ml.m5.large") -> str:
    """Write a product as the Price List does."""
    dimension = {"unit": "Hrs", "pricePerUnit": {"USD": price}}
    return json.dumps(
        {
            "product": {"attributes": {"instanceName": name, "component": component}},
            "terms": {"OnDemand": {"T": {"priceDimensions": {"D": dimension}}}},
        }
    )


class PriceList:
    """A Price List with one price for everything."""

    def __init__(self) -> None:
        self.asked: list[dict[str, object]] = []

    def get_products(self, **request: object) -> dict[str, list[str]]:
        self.asked.append(request)
        return {"PriceList": [product("0.1150000000")]}


class MemoryRegistry:
    """Answers HEAD for manifests over HTTP, to those who know the password."""

    def __init__(self) -> None:
        self.manifests: dict[str, Manifest] = {}
        self.status: int | None = None
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                allowed = b64encode(f"AWS:{PASSWORD}".encode()).decode()
                found = registry.manifests.get(self.path)
                if registry.status or self.headers["Authorization"] != f"Basic {allowed}":
                    self.send_response(registry.status or 401)
                elif found is None:
                    self.send_response(404)
                else:
                    self.send_response(200)
                    self.send_header("Docker-Content-Digest", found.digest)
                    self.send_header("Content-Type", found.media_type)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        # asked often whether it is to stop
        serve = partial(self._server.serve_forever, poll_interval=0.01)
        threading.Thread(target=serve, daemon=True).start()

    def put(self, reference: str, manifest: Manifest) -> None:
        repository, _, tag = reference.partition("/")[2].rpartition(":")
        self.manifests[f"/v2/{repository}/manifests/{tag}"] = manifest

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class MemoryEngine:
    """An engine that builds one image, and pushes into the registry in memory."""

    registry: MemoryRegistry
    image: Image = field(
        default_factory=lambda: Image("sha256:" + "1a" * 32, "linux/amd64", 443_000_000)
    )
    manifest: Manifest = field(
        default_factory=lambda: Manifest("sha256:" + "2b" * 32, DOCKER_MANIFEST)
    )
    built: list[str] = field(default_factory=list)
    pushed: list[tuple[str, str, Login]] = field(default_factory=list)

    def build(self, platform: str) -> Image:
        self.built.append(platform)
        return self.image

    def inspect(self, name: str) -> Image:
        if name != "mine":
            raise PushError(f"the engine has no image {name}")
        return self.image

    def push(self, image_id: str, reference: str, login: Login) -> None:
        self.pushed.append((image_id, reference, login))
        self.registry.put(reference, self.manifest)


@dataclass
class Stand:
    """One push, and all around it that a test looks at."""

    undertaking: Undertaking
    engine: MemoryEngine
    registry: MemoryRegistry
    said: list[str]
    slept: list[float]

    @property
    def clients(self) -> Clients:
        return self.undertaking.clients

    def again(self, **changes: object) -> Undertaking:
        """Give another push by the same people; `changes` are settings."""
        old = self.undertaking
        settings = replace(old.design.settings, **changes)  # type: ignore[arg-type] # any setting
        facts = Facts(region=REGION, artifact_digest=old.archive.digest)
        return replace(old, design=replace(old.design, settings=settings, facts=facts))
