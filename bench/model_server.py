"""The model server beside the same server answering a constant, and beside MLServer and BentoML.

All in one run: each server on one core, the load on another, taking turns in many short rounds, so
that a busy moment of the machine meets all of them; who is not in turn stands still.
`make bench-model-server` writes the table and the plot into docs/benchmarks/.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.progress import track

from bench import model_server_report as report
from bench import servers
from bench.load import Measured, Target, ask, run
from bench.servers import Running, Server
from riskstack.contract.features import csv_row, vector
from seed.dataset import rows as data_rows
from stack.settings import ROOT

CONNECTIONS = (1, 8, 64)
ROUNDS = 15
SECONDS = 0.5
WARMING_SECONDS = 0.1
BULK = (1_000, 100_000)
BULK_ROUNDS = 5
BULK_SECONDS = 2.0
OUTPUT = ROOT / "docs" / "benchmarks"

_CSV = ("Content-Type: text/csv", "Accept: text/csv")
_JSON = ("Content-Type: application/json", "Accept: application/json")


Ways: TypeAlias = Mapping[str, Callable[[list[str]], Target]]
"""How a server is asked: rows of text, as csv has them, to a request."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that runs and stands still, and how it is asked in its turn."""

    name: str
    running: Running
    ways: Ways


def main() -> None:
    """Measure, print and write."""
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    console = Console()
    lines = [csv_row(vector(row.answers)) for row in data_rows()]
    with ExitStack() as stack:
        contenders = []
        for server, ways in _servers():
            running = stack.enter_context(servers.started(server))
            for way in ways.values():
                ask(way(lines[:1]))
            running.stop()
            contenders.append(Contender(server.name, running, ways))
        single = _single(contenders, lines[0], console)
        bulk = _bulk(contenders, lines, console)
    report.write(OUTPUT, single, bulk, console)


def _single(contenders: list[Contender], line: str, console: Console) -> report.Single:
    found: dict[report.Key, list[Measured]] = {}
    for _ in track(range(ROUNDS), "single rows", console=console):
        for connections in CONNECTIONS:
            for contender in contenders:
                for way, target in contender.ways.items():
                    with contender.running.alone():
                        # who stood still has things to catch up with
                        run(target([line]), connections, WARMING_SECONDS)
                        measured = run(target([line]), connections, SECONDS)
                    found.setdefault((contender.name, way, connections), []).append(measured)
    return found


def _bulk(contenders: list[Contender], lines: list[str], console: Console) -> report.Bulk:
    found: dict[report.Key, list[float]] = {}
    for _ in track(range(BULK_ROUNDS), "many rows", console=console):
        for count in BULK:
            rows = (lines * (count // len(lines) + 1))[:count]
            for contender in contenders:
                for way, target in contender.ways.items():
                    if contender.name == report.CONSTANT:
                        continue
                    with contender.running.alone():
                        measured = run(target(rows), 1, BULK_SECONDS)
                    key = (contender.name, way, count)
                    found.setdefault(key, []).append(measured.rate * count)
            found.setdefault((report.BARE, "csv", count), []).append(_bare(rows))
    return found


def _bare(rows: list[str]) -> float:
    """Give the rows a second of parsing and predicting in one process."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_text("\n".join(rows) + "\n")
        command = (sys.executable, "-m", "bench.bare", file.name, str(BULK_SECONDS))
        done = subprocess.run(  # noqa: S603 - this project's own module
            (*servers.PINNED, *command),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    return float(done.stdout)


def _servers() -> Iterator[tuple[Server, Ways]]:
    ours = servers.ours()
    yield (
        ours,
        {
            "csv": lambda rows: _csv(ours.port, "/invocations", rows),
            "json": lambda rows: Target(
                ours.port, "/invocations", f'{{"instances":{_nested(rows)}}}'.encode(), _JSON
            ),
        },
    )
    constant = servers.constant()
    yield constant, {"csv": lambda rows: _csv(constant.port, "/invocations", rows)}
    hosting = servers.behind_hosting()
    path = "/endpoints/credit-risk/invocations"
    yield hosting, {"csv": lambda rows: _csv(hosting.port, path, rows)}
    mlserver = servers.mlserver()
    yield mlserver, {"json": lambda rows: _v2(mlserver.port, rows)}
    bentoml = servers.bentoml()
    yield (
        bentoml,
        {
            "json": lambda rows: Target(
                bentoml.port, "/predict", f'{{"rows":{_nested(rows)}}}'.encode(), _JSON
            )
        },
    )


def _csv(port: int, path: str, rows: list[str]) -> Target:
    return Target(port, path, ("\n".join(rows) + "\n").encode(), _CSV)


def _v2(port: int, rows: list[str]) -> Target:
    columns = rows[0].count(",") + 1
    body = (
        f'{{"inputs":[{{"name":"rows","shape":[{len(rows)},{columns}],"datatype":"FP32",'
        f'"data":{_nested(rows)}}}]}}'
    )
    return Target(port, "/v2/models/credit/infer", body.encode(), _JSON)


def _nested(rows: list[str]) -> str:
    # the peers have no word for a missing value, so all get a zero in its place
    cells = (",".join(cell or "0" for cell in row.split(",")) for row in rows)
    return f"[{','.join(f'[{row}]' for row in cells)}]"


if __name__ == "__main__":
    main()
