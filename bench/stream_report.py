"""What bench/stream.py found, as a page."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markdown import Markdown

from stack.settings import ROOT

if TYPE_CHECKING:
    from bench.stream import Findings

OUTPUT = ROOT / "docs" / "benchmarks"
SLOW = 0.02
"""Seconds of the handler that claims are about."""


def write(
    findings: Mapping[str, "Findings"], sizes: Sequence[int], console: Console, *, keep: bool
) -> None:
    """Print the page and, where it is to be kept, write stream.md."""
    text = "\n".join(_page(findings, sizes)) + "\n"
    if keep:
        OUTPUT.mkdir(parents=True, exist_ok=True)
        (OUTPUT / "stream.md").write_text(text, encoding="utf-8")
    console.print(Markdown(text))


def _page(findings: Mapping[str, "Findings"], sizes: Sequence[int]) -> Iterator[str]:
    yield "# The event source mapping beside bare reads"
    yield ""
    yield "Written by `make bench-stream`. Bare is a tight loop of GetRecords, and nothing else;"
    yield "the mapping and it take turns on the same emulator. The ratios count: absolute figures"
    yield "are this machine's."
    yield ""
    yield "## What it comes to"
    yield ""
    yield "| | emulator | found | wanted |"
    yield "| --- | --- | --- | --- |"
    for name, found in findings.items():
        for what, ratio, wanted in _claims(found, sizes):
            yield f"| {what} | {name} | {ratio} | {wanted} |"
    yield ""
    yield "## From a put to the reader"
    yield ""
    yield "| reader | emulator | p50 | p99 |"
    yield "| --- | --- | ---: | ---: |"
    for name, found in findings.items():
        for reader, seconds in found.latencies.items():
            yield f"| {reader} | {name} | {_ms(seconds, 50)} | {_ms(seconds, 99)} |"
    yield ""
    yield "## Records that wait"
    yield ""
    yield "In batches of 100; those of a handler that takes its time one by one."
    yield ""
    yield "| reader | emulator | ParallelizationFactor | handler | records/s |"
    yield "| --- | --- | ---: | ---: | ---: |"
    for name, found in findings.items():
        for (reader, factor, handler), rates in found.rates.items():
            rate = statistics.median(rates)
            yield f"| {reader} | {name} | {factor} | {handler * 1000:.0f} ms | {rate:,.0f} |"
    yield ""
    yield "## As the table grows"
    yield ""
    yield "| reader | emulator | items in the table | a record |"
    yield "| --- | --- | ---: | ---: |"
    for name, found in findings.items():
        for (reader, size), costs in found.costs.items():
            yield f"| {reader} | {name} | {size:,} | {statistics.median(costs) * 1e6:,.0f} µs |"


def _claims(found: "Findings", sizes: Sequence[int]) -> Iterator[tuple[str, str, str]]:
    bare = statistics.median(found.latencies["bare"])
    mapped = statistics.median(found.latencies["mapping, factor 1"])
    yield "put to handler, p50, to bare", f"{mapped / bare:.2f} times", "at most 1.3"
    one, ten = (statistics.median(found.rates["mapping", factor, SLOW]) for factor in (1, 10))
    yield "factor 10 to factor 1, handler of 20 ms", f"{ten / one:.1f} times", "at least 8"
    small, large = (statistics.median(found.costs["mapping", size]) for size in sizes)
    what = f"a record with {sizes[1]:,} items to one with {sizes[0]:,}"
    yield what, f"{large / small:.2f} times", "at most 1.10"


def _ms(seconds: Sequence[float], percent: int) -> str:
    return f"{statistics.quantiles(seconds, n=100)[percent - 1] * 1000:.1f} ms"
