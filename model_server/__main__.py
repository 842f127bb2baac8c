"""The commands that SageMaker gives the container: `python -m model_server serve` or `train`."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

from model_server import logs
from model_server.settings import Settings, SettingsError

USAGE = "usage: python -m model_server serve | train"
STOPPED_BY_SIGTERM = 128 + signal.SIGTERM


def main(arguments: list[str]) -> int:
    """Run one command and give its exit code: 2 for a wrong command or setting.

    SIGTERM ends `serve` with 0, `train` with 143. The handler comes before the slow imports: a
    process without one ignores the signal where it is PID 1.
    """
    if arguments not in (["serve"], ["train"]):
        sys.stderr.write(f"{USAGE}\nfound: {' '.join(arguments) or 'no command'}\n")
        return 2
    serving = arguments == ["serve"]
    signal.signal(signal.SIGTERM, _leave_normally if serving else _leave_unfinished)
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.start(settings.log_level)
    if serving:
        from model_server.serving.server import serve  # noqa: PLC0415 - train needs no web server

        return serve(settings)
    from model_server.training.job import run  # noqa: PLC0415 - serve needs no optimiser

    return run(settings)


def _leave_normally(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)


def _leave_unfinished(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(STOPPED_BY_SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
