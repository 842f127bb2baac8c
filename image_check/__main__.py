"""The command: `python -m image_check IMAGE`."""

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import NoReturn

from rich.console import Console

from image_check import report, verdicts
from image_check.engine import EngineError, connect
from image_check.observation import observe
from image_check.options import UsageError, read

UNUSABLE = 2


def main(arguments: Sequence[str]) -> int:
    """Check an image and print the findings.

    Gives 0 where every must and every claim holds, 1 where one does not, 2 where nothing could be
    checked.
    """
    progress = Console(stderr=True)
    try:
        options = read(arguments)
        with connect(options.image) as engine, progress.status("") as status:
            seen = observe(engine, options, status.update)
    except (UsageError, EngineError) as error:
        print(f"image_check: {error}", file=sys.stderr)  # noqa: T201 - the command's output
        return UNUSABLE
    groups = verdicts.judge(seen)
    if options.as_json:
        print(report.as_json(options.image, seen.image, groups))  # noqa: T201 - the output
    else:
        console = Console()
        if not console.is_terminal:
            console.width = report.WIDTH
        report.print_table(console, options.image, seen.image, groups)
    return report.exit_status(finding for group in groups.values() for finding in group)


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + signal.SIGTERM)


if __name__ == "__main__":
    # so that the containers are removed
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
