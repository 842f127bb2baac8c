"""A container in a few lines, run as a program: answers /ping, and /invocations with its model.

What MOOD in its environment says it does otherwise: `exit` ends it at once, `sick` fails /ping,
`slow` answers an invocation only when the file that GO names is there, `deaf` ignores SIGTERM.
"""

import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
MOOD = os.environ.get("MOOD", "")


def say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def train() -> None:
    say("training " + (BASE / "input" / "rows").read_text())
    (BASE / "model").mkdir(exist_ok=True)
    (BASE / "model" / "answer").write_text("trained")
    while MOOD == "slow":
        time.sleep(0.01)
    sys.exit(3 if MOOD == "exit" else 0)


def answer() -> str:
    """Give what lies in the model, or what any of the models says."""
    models = [BASE / "model", *(BASE / "models").glob("*/model")]
    told = [(model / "answer").read_text() for model in models if (model / "answer").exists()]
    return ",".join(told) or os.environ.get("ANSWER", "none")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        sick = MOOD == "sick" or ("SICK" in os.environ and Path(os.environ["SICK"]).exists())
        self.answer(500 if sick else 200, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        while MOOD == "slow" and not Path(os.environ["GO"]).exists():
            time.sleep(0.01)
        self.answer(200, answer().encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "text/csv")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    say(" ".join(["tiny container", *sys.argv[1:]]))
    # a container's first process has no handler of its own for it
    signal.signal(signal.SIGTERM, signal.SIG_IGN if MOOD == "deaf" else lambda *_: sys.exit(0))
    if sys.argv[-1] == "train":
        train()
    if MOOD == "exit":
        sys.exit("it cannot start")
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    ThreadingHTTPServer((os.environ.get("HOST", ""), port), Handler).serve_forever()
