"""Half an hour of load on the model server: does it answer, does it stay healthy, does it grow?

64 connections send single rows; beside them one asks /ping each second. It prints a line a minute
and ends with 1 where a request failed, a /ping was late, or memory grew: `python -m bench.soak`,
with another number of minutes behind it if need be.
"""

import os
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench import servers
from bench.load import Target, run
from riskstack.contract.features import csv_row, vector
from seed.dataset import rows

MINUTES = 30
CONNECTIONS = 64
PING_LIMIT_S = 2.0
"""What SageMaker waits for an answer to /ping (AWS-hosting)."""
GROWTH_LIMIT_MB = 20.0


@dataclass(slots=True)
class Pings:
    """What came of asking /ping each second."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def main(minutes: int) -> int:
    """Load for so many minutes; give the exit status."""
    os.sched_setaffinity(0, {servers.LOAD_CORE})
    server = servers.ours()
    body = csv_row(vector(next(rows()).answers)).encode()
    target = Target(server.port, "/invocations", body, ("Content-Type: text/csv",))
    answers = failed = 0
    with servers.started(server) as running, _pinging(server.port) as pings:
        # what a first minute allocates is no growth
        before = 0.0
        for minute in range(1, minutes + 1):
            measured = run(target, CONNECTIONS, 60.0)
            answers += len(measured.seconds)
            failed += measured.failed
            memory = _resident_mb(running.processes[0])
            before = before or memory
            sys.stdout.write(
                f"minute {minute}: {answers:,} answers, {failed} failed, "
                f"/ping {max(pings.seconds):.3f} s at most, {len(pings.failed)} failed, "
                f"{memory:.1f} MB\n"
            )
            sys.stdout.flush()
    grown = memory - before
    sys.stdout.write(f"grown by {grown:.1f} MB since the first minute\n")
    late = max(pings.seconds) >= PING_LIMIT_S
    return int(bool(failed or pings.failed or late or grown >= GROWTH_LIMIT_MB))


@contextmanager
def _pinging(port: int) -> Iterator[Pings]:
    pings = Pings()
    end = threading.Event()

    def ask() -> None:
        while not end.wait(1.0):
            began = time.perf_counter()
            try:
                url = f"http://127.0.0.1:{port}/ping"
                with urllib.request.urlopen(url, timeout=30):
                    pings.seconds.append(time.perf_counter() - began)
            except OSError as error:
                pings.failed.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield pings
    finally:
        end.set()
        asking.join()


def _resident_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MINUTES))
