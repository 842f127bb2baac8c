"""What bench/gateway.py found, as a table and as a plot."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from bench.bars import plot
from bench.load import Measured, Rounds, by_round, rates, total

MOCK = "gateway, MOCK"
THROUGH = "gateway, a function"
DIRECT = "the function by itself, the same event"
ETL_THROUGH = "gateway, riskstack-etl"
ETL_DIRECT = "riskstack-etl by itself, the same event"
CONSTANT = "the same server, a constant"
LOCALSTACK_MOCK = "LocalStack, MOCK"
SHOWN = 8
"""The number of connections that rates and plot are about; times are about one connection."""

Found = Mapping[tuple[str, int], Rounds]
"""What each was at a number of connections."""


def write(folder: Path, found: Found, console: Console) -> None:
    """Write gateway.md and gateway.svg, and print the former."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(_page(found)) + "\n"
    (folder / "gateway.md").write_text(text, encoding="utf-8")
    shown = {name: total(one).rate for (name, count), one in found.items() if count == SHOWN}
    title = "Requests a second at 8 connections, one core"
    drawn = plot(title, "requests a second, 8 connections, one core", shown)
    (folder / "gateway.svg").write_text(drawn, encoding="utf-8")
    console.print(Markdown(text))


def _page(found: Found) -> Iterator[str]:
    yield "# The gateway beside what it adds to"
    yield ""
    yield "Written by `make bench-gateway`. All servers share one core, the load has another; all"
    yield "in one run, in turns. The ratios count, each the median of what it was in every round:"
    yield "the absolute figures are this machine's."
    yield ""
    yield "![Requests a second at 8 connections](gateway.svg)"
    yield ""
    yield "## What it comes to"
    yield ""
    yield "| | found | wanted |"
    yield "| --- | --- | --- |"
    for what, figure, wanted in _claims(found):
        yield f"| {what} | {figure} | {wanted} |"
    yield ""
    yield "## All figures"
    yield ""
    yield "| what is asked | connections | requests/s | p50 | p99 | not 2xx |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    whole = {key: total(rounds) for key, rounds in found.items()}
    for (name, connections), one in sorted(
        whole.items(), key=lambda item: (item[0][1], -item[1].rate)
    ):
        yield (
            f"| {name} | {connections} | {one.rate:,.0f} "
            f"| {_ms(one, 50)} | {_ms(one, 99)} | {one.failed} |"
        )


def _claims(found: Found) -> Iterator[tuple[str, str, str]]:
    if (LOCALSTACK_MOCK, SHOWN) in found:
        theirs = found[LOCALSTACK_MOCK, SHOWN]
        for what, name, wanted in (
            ("a MOCK method, to LocalStack's", MOCK, "5 times"),
            ("a function's method, to LocalStack's MOCK", THROUGH, "2 times"),
        ):
            ratio = by_round(rates, found[name, SHOWN], theirs)
            yield f"{what}, at 8 connections", f"{ratio:.1f} times", wanted
    else:
        yield "LocalStack's MOCK", "left out: no Docker Engine answered", "measured"
    for what, through, direct in (
        ("riskstack-etl", ETL_THROUGH, ETL_DIRECT),
        ("a function that does nothing", THROUGH, DIRECT),
    ):
        ratio = by_round(_medians, found[through, 1], found[direct, 1])
        yield (
            f"p50 through the gateway, to {what} invoked with the same event",
            f"{ratio:.2f} times",
            "2 times",
        )
    to_constant = by_round(rates, found[MOCK, SHOWN], found[CONSTANT, SHOWN])
    yield "a MOCK method, to a constant, at 8 connections", f"{to_constant:.0%}", ""


def _medians(one: Measured, other: Measured) -> float:
    return one.percentile(50) / other.percentile(50)


def _ms(measured: Measured, percent: int) -> str:
    return f"{measured.percentile(percent) * 1000:.2f} ms"
