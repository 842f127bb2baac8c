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
PAIRS = ((ETL_THROUGH, ETL_DIRECT), (THROUGH, DIRECT))
"""What is asked request by request in turns, to tell what the gateway adds."""
SHOWN = 8
"""The number of connections that rates and plot are about."""

Found = Mapping[tuple[str, int], Rounds]
"""What each was at a number of connections."""
Pairs = dict[tuple[str, str], list[tuple[Measured, Measured]]]
"""What the two of a pair were in each round."""


def write(folder: Path, found: Found, pairs: Pairs, console: Console) -> None:
    """Write gateway.md and gateway.svg, and print the former."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n".join(_page(found, pairs)) + "\n"
    (folder / "gateway.md").write_text(text, encoding="utf-8")
    shown = {name: total(one).rate for (name, count), one in found.items() if count == SHOWN}
    title = "Requests a second at 8 connections, one core"
    drawn = plot(title, "requests a second, 8 connections, one core", shown)
    (folder / "gateway.svg").write_text(drawn, encoding="utf-8")
    console.print(Markdown(text))


def _page(found: Found, pairs: Pairs) -> Iterator[str]:
    yield "# The gateway beside what it adds to"
    yield ""
    yield "Written by `make bench-gateway`. All servers share one core, the load has another; all"
    yield "in one run, in turns. The ratios count, each the median of what it was in every round:"
    yield "the absolute figures are this machine's. What the gateway adds to a function's time is"
    yield "measured request by request in turns, so that both find the core as the other leaves it:"
    yield "a function that nothing else runs beside keeps its caches, and answers in less."
    yield ""
    yield "![Requests a second at 8 connections](gateway.svg)"
    yield ""
    yield "## What it comes to"
    yield ""
    yield "| | found | wanted |"
    yield "| --- | --- | --- |"
    for what, figure, wanted in _claims(found, pairs):
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
    yield ""
    yield "## Request by request in turns"
    yield ""
    yield "| what is asked | requests | p50 | p99 | not 2xx |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for names, rounds in pairs.items():
        for name, one in zip(names, map(total, zip(*rounds, strict=True)), strict=True):
            yield (
                f"| {name} | {len(one.seconds):,} "
                f"| {_ms(one, 50)} | {_ms(one, 99)} | {one.failed} |"
            )


def _claims(found: Found, pairs: Pairs) -> Iterator[tuple[str, str, str]]:
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
    for what, pair in zip(("riskstack-etl", "a function that does nothing"), PAIRS, strict=True):
        ratio = by_round(_medians, *zip(*pairs[pair], strict=True))
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
