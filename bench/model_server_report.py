"""What bench/model_server.py found, as a table and as a plot."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench.bars import plot
from bench.load import Measured, Rounds, by_round, rates, total

OURS = "Riskstack model_server"
CONSTANT = "the same server, a constant"
HOSTING = "model_server behind hosting"
PEERS = ("MLServer", "BentoML")
BARE = "bare, in one process"
SHOWN = 8
"""The number of connections that claims and plot are about."""

Key = tuple[str, str, int]
"""A server, a format, and connections or rows in a request."""
Single = Mapping[Key, Rounds]
Bulk = Mapping[Key, Sequence[float]]
"""Rows a second in each round."""


def write(folder: Path, single: Single, bulk: Bulk, console: Console) -> None:
    """Write model-server.md and model-server.svg, and print the former."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(_page(single, bulk)) + "\n"
    (folder / "model-server.md").write_text(text, encoding="utf-8")
    (folder / "model-server.svg").write_text(_plot(single), encoding="utf-8")
    console.print(Markdown(text))


def _page(single: Single, bulk: Bulk) -> Iterator[str]:
    yield "# The model server beside its peers"
    yield ""
    yield "Written by `make bench-model-server`. Each server has one core, the load another; all in"
    yield "one run, in turns; who is not in turn stands still. The ratios count, each the median"
    yield "of what it was in every round: the absolute figures are this machine's."
    yield ""
    yield "![Single rows a second at 8 connections](model-server.svg)"
    yield ""
    yield "## What it comes to"
    yield ""
    yield "| | found | wanted |"
    yield "| --- | --- | --- |"
    for what, found, wanted in _claims(single, bulk):
        yield f"| {what} | {found} | {wanted} |"
    yield ""
    yield "## Single rows"
    yield ""
    yield "| server | format | connections | requests/s | p50 | p99 | not 2xx |"
    yield "| --- | --- | ---: | ---: | ---: | ---: | ---: |"
    whole = {key: total(rounds) for key, rounds in single.items()}
    for (name, way, connections), measured in sorted(
        whole.items(), key=lambda item: (item[0][2], -item[1].rate)
    ):
        yield (
            f"| {name} | {way} | {connections} | {measured.rate:,.0f} "
            f"| {_ms(measured, 50)} | {_ms(measured, 99)} | {measured.failed} |"
        )
    yield ""
    yield "## Many rows in a request, one connection"
    yield ""
    yield "| server | format | rows in a request | rows/s |"
    yield "| --- | --- | ---: | ---: |"
    middle = {key: statistics.median(rates) for key, rates in bulk.items()}
    for (name, way, count), rate in sorted(middle.items(), key=lambda item: (item[0][2], -item[1])):
        yield f"| {name} | {way} | {count:,} | {rate:,.0f} |"


def _claims(single: Single, bulk: Bulk) -> Iterator[tuple[str, str, str]]:
    ours = single[OURS, "csv", SHOWN]
    peers = [single[name, "json", SHOWN] for name in PEERS]
    best = by_round(_rate_to_best, ours, *peers)
    yield "csv at 8 connections, to the better peer", f"{best:.1f} times", "10 times"
    to_constant = by_round(rates, ours, single[CONSTANT, "csv", SHOWN])
    yield "csv at 8 connections, to a constant", f"{to_constant:.0%}", "60 %"
    # a percentile of few answers says little: these are of all rounds
    late = total(ours).percentile(99) / min(total(peer).percentile(50) for peer in peers)
    yield "p99 of ours to p50 of the faster peer", f"{late:.2f}", "below 1"
    json_to_csv = by_round(rates, single[OURS, "json", SHOWN], ours)
    yield "json to csv, at 8 connections", f"{json_to_csv:.0%}", "80 %"
    many = zip(bulk[OURS, "csv", 100_000], bulk[BARE, "csv", 100_000], strict=True)
    to_bare = statistics.median(rate / bare for rate, bare in many)
    yield "100,000 rows of csv, to bare", f"{to_bare:.0%}", "80 %"
    trips = by_round(_added, *(single[name, "csv", 1] for name in (HOSTING, OURS, CONSTANT)))
    yield "hosting adds to the p50, in round trips of a constant", f"{trips:.1f}", "3"


def _rate_to_best(one: Measured, *others: Measured) -> float:
    return one.rate / max(other.rate for other in others)


def _added(whole: Measured, part: Measured, unit: Measured) -> float:
    return (whole.percentile(50) - part.percentile(50)) / unit.percentile(50)


def _ms(measured: Measured, percent: int) -> str:
    return f"{measured.percentile(percent) * 1000:.2f} ms"


def _plot(single: Single) -> str:
    """Draw a bar for each server and format at 8 connections."""
    return plot(
        "Single rows a second at 8 connections, one core",
        "single rows a second, 8 connections, one core",
        {
            f"{name}, {way}": total(rounds).rate
            for (name, way, count), rounds in single.items()
            if count == SHOWN
        },
    )
