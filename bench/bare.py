"""Rows parsed and predicted in one process without a server: `python -m bench.bare FILE SECONDS`.

It does to a file of csv what the server does to a body, over and over, and prints rows a second.
"""

import asyncio
import sys
import time
from pathlib import Path

from bench.servers import MODEL
from model_server.model import folder
from model_server.rows import from_csv


def main(body: bytes, seconds: float) -> None:
    """Parse and predict for so many seconds."""
    model = asyncio.run(folder.load(MODEL / "model"))
    rows = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        for part in from_csv.read(body, model.columns):
            rows += len(model.score(part))
    sys.stdout.write(f"{rows / (time.perf_counter() - began)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]).read_bytes(), float(sys.argv[2]))
