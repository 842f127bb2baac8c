"""A container for SageMaker in the standard library: `serve` and `train` of a weighted sum.

The model is a file of weights, one a column; training takes the means of the columns. BROKEN names
the one rule of the contract that this build breaks; without it, it keeps them all.
"""

import http.server
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from statistics import fmean
from types import FrameType
from typing import Any, ClassVar

BROKEN = os.environ.get("BROKEN", "")
MULTI_MODEL = os.environ.get("SAGEMAKER_MULTI_MODEL") == "true"
ROOT = Path("/opt/ml")
LIMIT = 2**20 if BROKEN == "small-bodies" else 25 * 2**20
KNOWN_HEADERS = {"host", "accept-encoding", "content-length", "content-type", "expect"}
METRICS = "# TYPE invocations_total counter\ninvocations_total 1\n"
PARAMETERS = {"MaxConcurrentTransforms": 4, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}


class RefusalError(Exception):
    """A status and its reason."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Model:
    """Weights, one a column."""

    def __init__(self, folder: Path) -> None:
        self.weights = [float(line) for line in (folder / "weights").read_text().split()]

    def scores(self, body: bytes) -> str:
        """Give a line for each row of text/csv. Raises ValueError."""
        lines = []
        for line in body.decode().splitlines():
            cells = [float(cell or 0) for cell in line.split(",")]
            if len(cells) != len(self.weights):
                raise ValueError(f"expected {len(self.weights)} columns, found {len(cells)}")
            lines.append(f"{sum(w * c for w, c in zip(self.weights, cells, strict=True))}\n")
        return "".join(lines)


class Handler(http.server.BaseHTTPRequestHandler):
    """One request a connection."""

    protocol_version = "HTTP/1.1"
    model: ClassVar[Model | None] = None
    models: ClassVar[dict[str, tuple[str, Model]]] = {}
    under_way: ClassVar[set[int]] = set()

    def do_GET(self) -> None:
        """Answer what is only read."""
        known = {
            "/ping": self.ping,
            "/metrics": self.metrics,
            "/execution-parameters": self.parameters,
            "/models": self.list_models,
        }
        self.answer(known.get(self.path, self.describe))

    def do_POST(self) -> None:
        """Answer an invocation, mostly."""
        known = {"/models": self.load}
        if BROKEN != "get-only-ping":
            known["/ping"] = self.ping
        self.answer(known.get(self.path, self.invoke))

    def do_DELETE(self) -> None:
        """Unload."""
        self.answer(self.unload)

    def answer(self, work: Callable[[], str]) -> None:
        """Send what `work` gives, or why it refuses."""
        try:
            status, body = HTTPStatus.OK, work().encode()
        except RefusalError as refusal:
            status, body = refusal.status, f"{refusal}\n".encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Connection", "close")
        if BROKEN == "chunked" and self.path == "/invocations":
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def ping(self) -> str:
        """Say whether there is a model."""
        if BROKEN == "late-ping":
            time.sleep(2.5)
        if BROKEN == "never-ready":
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "not ready")
        if BROKEN == "busy-ping" and self.under_way:
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "busy")
        if BROKEN != "static-ping" and self.model is None and not MULTI_MODEL:
            raise RefusalError(HTTPStatus.SERVICE_UNAVAILABLE, "no model")
        return ""

    def metrics(self) -> str:
        """Give Prometheus text."""
        return "invocations: many\n" if BROKEN == "metrics" else METRICS

    def parameters(self) -> str:
        """Give what batch transform asks for."""
        wrong = {"MaxPayloadInMB": 60} if BROKEN == "execution-parameters" else {}
        return json.dumps(PARAMETERS | wrong)

    def invoke(self) -> str:
        """Score rows."""
        model = self.model if self.path == "/invocations" else self.named()[2]
        headers = {name.lower() for name in self.headers}
        if self.path == "/invocations" and (
            BROKEN == "refuses-rows" or (BROKEN == "picky-headers" and not headers <= KNOWN_HEADERS)
        ):
            raise RefusalError(HTTPStatus.BAD_REQUEST, "refused without a reason")
        if model is None:
            raise RefusalError(HTTPStatus.INTERNAL_SERVER_ERROR, "no model")
        unreadable = HTTPStatus.BAD_REQUEST
        if BROKEN == "unreadable-500":
            unreadable = HTTPStatus.INTERNAL_SERVER_ERROR
        with self.counted():
            try:
                return model.scores(self.body())
            except ValueError as error:
                raise RefusalError(unreadable, str(error)[:200]) from error

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Keep this invocation among those under way."""
        self.under_way.add(id(self))
        if BROKEN == "busy-ping":
            time.sleep(0.05)
        yield
        self.under_way.remove(id(self))

    def body(self) -> bytes:
        """Read the body."""
        length = int(self.headers["Content-Length"])
        if length > LIMIT:
            raise RefusalError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        return self.rfile.read(length)

    def list_models(self) -> str:
        """List what is loaded."""
        listed = [{"modelName": name, "modelUrl": url} for name, (url, _) in self.models.items()]
        return json.dumps({"models": listed})

    def load(self) -> str:
        """Load a model."""
        wanted = json.loads(self.body())
        name, url = wanted["model_name"], wanted["url"]
        if name in self.models and BROKEN != "loads-twice":
            raise RefusalError(HTTPStatus.CONFLICT, f"Model {name} is already registered.")
        self.models[name] = (url, Model(Path(url)))
        return json.dumps({"status": "Workers scaled"})

    def describe(self) -> str:
        """Describe a loaded model."""
        name, url, _ = self.named()
        return json.dumps({"modelName": name, "modelUrl": url})

    def unload(self) -> str:
        """Unload a model."""
        name, _, _ = self.named()
        if BROKEN != "forgets-unloading":
            del self.models[name]
        return json.dumps({"status": f'Model "{name}" unregistered'})

    def named(self) -> tuple[str, str, Model]:
        """Give name, URL and model of what the path /models/{name} names."""
        kind, _, name = self.path.removeprefix("/").removesuffix("/invoke").partition("/")
        if kind != "models" or name not in self.models:
            raise RefusalError(HTTPStatus.NOT_FOUND, f"Model not found: {name}")
        url, model = self.models[name]
        return name, url, model

    def log_message(self, text: str, *values: Any) -> None:  # noqa: ANN401 - as in the library
        """Log a line."""
        if BROKEN != "logs-to-file":
            super().log_message(text, *values)


class Server(http.server.ThreadingHTTPServer):
    """Ends when every request that is under way has its answer."""

    daemon_threads = False
    request_queue_size = 128


def serve() -> None:
    """Serve until SIGTERM."""
    if BROKEN == "needs-network":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # sends nothing, but needs a route
    if not MULTI_MODEL:
        if BROKEN == "writes-model":
            (ROOT / "model" / "lock").touch()
        try:
            Handler.model = Model(ROOT / "model")
        except (OSError, ValueError) as error:
            sys.stderr.write(f"no model: {error}\n")
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    port = {"ignores-port": 8080, "other-port": 8000}.get(BROKEN, port)
    server = Server(("", port), Handler)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        if BROKEN == "drops-requests":
            os._exit(0)
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, signal.SIG_IGN if BROKEN == "ignores-sigterm" else stop)
    with server:
        server.serve_forever(poll_interval=0.1)


def train() -> int:
    """Write the means of the channel `train`, its label left out; give the exit code."""
    try:
        files = sorted((ROOT / "input" / "data" / "train").iterdir())
        lines = [line for file in files for line in file.read_text().split()]
        rows = [[float(cell or 0) for cell in line.split(",")[1:]] for line in lines]
        means = [fmean(column) for column in zip(*rows, strict=True)]
    except (OSError, ValueError) as error:
        if BROKEN != "silent-failure":
            (ROOT / "output" / "failure").write_text(str(error))
        return 1
    (ROOT / "model" / "weights").write_text("".join(f"{mean}\n" for mean in means))
    return 0


if __name__ == "__main__":
    if sys.argv[-1] == "train":
        sys.exit(train())
    if sys.argv[-1] != "serve" or BROKEN == "no-serve":
        sys.exit("usage: serve | train")
    serve()
