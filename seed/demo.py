"""The demo: applications through every channel, each followed to its outcome."""

import itertools
import json
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from riskstack.contract.application import Status
from seed.client import Address, Auditor, Client
from seed.render import RENDERERS
from seed.render.request import Request
from seed.samples import samples

APPLICATIONS = 30
SENDERS = 4
WIDTH = 140
"""Columns of the table where the output is no terminal."""
PATIENCE = 60.0
"""Seconds that an application may take to its outcome."""
_COLOURS = {"accepted": "green", "rejected": "red", "in_review": "cyan"}


@dataclass(frozen=True, slots=True)
class Journey:
    """One application as its sender saw it."""

    channel: str
    status: dict[str, Any]
    latency_ms: float

    @property
    def arrived(self) -> bool:
        """Whether there is an outcome."""
        return self.status["status"] not in {Status.RECEIVED, Status.INCOMPLETE}

    def summary(self) -> dict[str, Any]:
        """Give what build/demo.json holds of it."""
        names = ("application_id", "status", "score", "band", "reasons", "decided_by")
        return {
            "channel": self.channel,
            **{name: self.status.get(name) for name in names},
            "latency_ms": round(self.latency_ms, 1),
        }


def run(address: Address, file: Path) -> int:
    """Run the demo and write its results to a file; give the exit status."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDTH)
    with Progress(console=console) as progress, ThreadPoolExecutor(SENDERS) as senders:
        task = progress.add_task("applications", total=APPLICATIONS)
        sent = [senders.submit(follow, address, request) for request in _requests()]
        for _ in as_completed(sent):
            progress.advance(task)
    journeys = _audited(address, [journey.result() for journey in sent])
    console.print(_table(journeys))
    late = [journey for journey in journeys if not journey.arrived]
    console.print(_summary(journeys, len(late)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([journey.summary() for journey in journeys], indent=2) + "\n")
    console.print(f"The same as JSON: {file}")
    return 1 if late else 0


def follow(address: Address, request: Request) -> Journey:
    """Send one application and ask for its status until there is an outcome."""
    client = Client(address)
    began = time.monotonic()
    application_id = client.submit(request)["application_id"]
    while True:
        status = client.status(application_id)
        elapsed = time.monotonic() - began
        journey = Journey(request.path.rpartition("/")[2], status, elapsed * 1000)
        if journey.arrived or elapsed > PATIENCE:
            return journey
        time.sleep(0.01)


def _requests() -> list[Request]:
    """Render the first applicants of the data set for the channels in turn, each run anew."""
    renderers = itertools.cycle(RENDERERS.values())
    return [
        render(answers, str(uuid.uuid4()))
        for render, answers in zip(
            renderers, itertools.islice(samples(), APPLICATIONS), strict=False
        )
    ]


def _audited(address: Address, journeys: Sequence[Journey]) -> list[Journey]:
    """Let an auditor accept the least risky application in review and reject the riskiest."""
    in_review = [j.status for j in journeys if j.status["status"] == Status.IN_REVIEW]
    in_review.sort(key=lambda status: status["score"])
    auditor = Auditor(address, "Robin Audit")
    if len(in_review) > 1:
        auditor.decide(in_review[0], "accepted", "Little risk, and the papers are in order.")
        auditor.decide(in_review[-1], "rejected", "The reasons against it weigh too much.")
    client = Client(address)
    return [
        Journey(j.channel, client.status(j.status["application_id"]), j.latency_ms)
        for j in journeys
    ]


def _table(journeys: Sequence[Journey]) -> Table:
    table = Table(title="What became of each application")
    table.add_column("channel")
    table.add_column("application", no_wrap=True, min_width=30)
    table.add_column("outcome")
    table.add_column("score", justify="right")
    table.add_column("band")
    table.add_column("top reason")
    table.add_column("ms", justify="right")
    for journey in journeys:
        status = journey.status
        score = status.get("score")
        reasons = status.get("reasons") or [{"text": ""}]
        outcome = status["status"]
        table.add_row(
            journey.channel,
            status["application_id"],
            f"[{_COLOURS.get(outcome, 'yellow')}]{outcome}[/]",
            "" if score is None else f"{score:.3f}",
            status.get("band") or "",
            reasons[0]["text"],
            f"{journey.latency_ms:.0f}",
        )
    return table


def _summary(journeys: Sequence[Journey], late: int) -> str:
    outcomes = [journey.status["status"] for journey in journeys]
    counts = ", ".join(f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes))
    latencies = sorted(journey.latency_ms for journey in journeys)
    median = latencies[len(latencies) // 2]
    text = f"{len(journeys)} applications: {counts}; half of them within {median:.0f} ms"
    return f"{text}; [red]{late} without an outcome[/]" if late else text
