"""The findings as a table for people, and as JSON for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from image_check.check import Finding, Level, Outcome
from image_check.seen import Image

Groups = Mapping[str, Sequence[Finding]]

WIDTH = 120
"""Of a table that is written to a file."""
_MARKS = {
    Outcome.HOLDS: ("ok", "green"),
    Outcome.FAILS: ("FAILS", "bold red"),
    Outcome.NOT_CHECKED: ("?", "yellow"),
    Outcome.NOT_CLAIMED: ("-", "dim"),
}
_PLURALS = {
    Outcome.HOLDS: "hold",
    Outcome.FAILS: "fail",
    Outcome.NOT_CHECKED: "not checked",
    Outcome.NOT_CLAIMED: "not claimed",
}


def exit_status(findings: Iterable[Finding]) -> int:
    """Give 0 where every must and every claim holds, else 1."""
    return int(any(finding.fatal for finding in findings))


def as_json(name: str, image: Image, groups: Groups) -> str:
    """Write everything as one JSON document."""
    findings = [finding for group in groups.values() for finding in group]
    document = {
        "image": name,
        "platform": image.platform,
        "fit": exit_status(findings) == 0,
        "findings": [
            {
                "id": finding.check.id,
                "group": group,
                "outcome": finding.verdict.outcome,
                "level": finding.check.level,
                "demand": finding.check.demand,
                "source": finding.check.source,
                "seen": finding.verdict.seen,
                "meaning": finding.check.meaning if finding.fails else None,
            }
            for group, members in groups.items()
            for finding in members
        ],
    }
    return json.dumps(document, indent=2)


def print_table(console: Console, name: str, image: Image, groups: Groups) -> None:
    """Print a row for each check, and below a failed one what that means on SageMaker."""
    table = Table(title=f"{name} ({image.platform})", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    table.add_column("check", no_wrap=True)
    table.add_column("level", no_wrap=True)
    table.add_column("demanded")
    table.add_column("seen", overflow="fold")
    for group, findings in groups.items():
        table.add_section()
        table.add_row("", Text(group, "bold"))
        outcomes = {finding.verdict.outcome for finding in findings}
        if outcomes == {Outcome.NOT_CLAIMED}:
            table.add_row("-", "", "", "", findings[0].verdict.seen)
            continue
        for finding in findings:
            mark, style = _MARKS[finding.verdict.outcome]
            table.add_row(
                Text(mark, style),
                finding.check.id,
                str(finding.check.level),
                Text(f"{finding.check.demand} ({finding.check.source})"),
                _seen(finding),
            )
    console.print(table)
    console.print(_summary([finding for group in groups.values() for finding in group]))


def _seen(finding: Finding) -> RenderableType:
    seen = Text(finding.verdict.seen)
    if not finding.fails:
        return seen
    return Group(seen, Text(f"On SageMaker: {finding.check.meaning}", "red"))


def _summary(findings: Sequence[Finding]) -> Text:
    count = {
        outcome: sum(finding.verdict.outcome is outcome for finding in findings)
        for outcome in Outcome
    }
    failed = {
        level: [finding.check.id for finding in findings if _failed_at(finding, level)]
        for level in Level
    }
    parts = [f"{number} {_PLURALS[outcome]}" for outcome, number in count.items() if number]
    parts += [f"{level}: {', '.join(ids)}" for level, ids in failed.items() if ids]
    unfit = exit_status(findings)
    word = "not fit for SageMaker" if unfit else "fit for SageMaker"
    return Text(f"{word}: {'; '.join(parts)}", "bold red" if unfit else "bold green")


def _failed_at(finding: Finding, level: Level) -> bool:
    return finding.fails and finding.check.level is level
