"""The commands behind the Makefile: up, down, clean, logs, env, model, run."""

import argparse
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable

from stack import model
from stack.compose import Compose, engine_answers
from stack.embedded import Embedded
from stack.settings import Settings, StackError


def choose(settings: Settings) -> Compose | Embedded:
    """Give the stack that MODE names, else the one in containers where an engine answers.

    Raises:
        StackError: MODE names neither, or asks for an engine that does not answer.
    """
    mode = os.environ.get("MODE") or ("compose" if engine_answers() else "embedded")
    if mode == "embedded":
        return Embedded(settings)
    if mode != "compose":
        raise StackError(f"MODE={mode}: it is compose or embedded")
    if not engine_answers():
        raise StackError(
            "MODE=compose needs a Docker Engine and Compose v2, and none answers: "
            "start the engine, or run MODE=embedded"
        )
    return Compose(settings)


def up(settings: Settings) -> None:
    """Start the stack and say where things are."""
    stack = choose(settings)
    other = Embedded(settings) if isinstance(stack, Compose) else Compose(settings)
    if other.running():
        raise StackError("the stack runs in the other mode: `make down` first")
    started = time.monotonic()
    if not model.is_current():
        train(stack)
    stack.up(_say)
    kind = "containers" if isinstance(stack, Compose) else "processes"
    _say(f"ready in {time.monotonic() - started:.1f} s, in {kind}:")
    places = {
        "send applications to": f"{settings.exports()['RISKSTACK_URL']}/applications/<channel>",
        "the auditor's console": settings.url("console"),
        "SageMaker runtime": settings.url("hosting"),
        "DynamoDB, SQS, S3": settings.url("emulator"),
        "the model's report": "build/model/output/data/report.html",
    }
    for name, place in places.items():
        _say(f"  {name:24}{place}")


def train(stack: Compose | Embedded) -> None:
    """Train the model as a SageMaker training job."""
    _say("training the model")
    model.train(stack.train)


def down(settings: Settings, *, clean: bool) -> None:
    """Stop the stack in whichever mode it runs."""
    stacks: list[Compose | Embedded] = [Embedded(settings)]
    if engine_answers():
        stacks.append(Compose(settings))
    for stack in stacks:
        if clean:
            stack.clean()
        elif isinstance(stack, Embedded):
            stack.down(_say)
        else:
            stack.down()


def main() -> int:
    """Run one command; give its exit status."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "clean", "logs", "env", "model", "run"])
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="the command that `run` runs")
    arguments = parser.parse_args()
    settings = Settings.read()
    commands: dict[str, Callable[[], None]] = {
        "up": lambda: up(settings),
        "down": lambda: down(settings, clean=False),
        "clean": lambda: down(settings, clean=True),
        "logs": lambda: choose(settings).follow_logs(),
        "env": lambda: _print_exports(settings),
        "model": lambda: train(choose(settings)),
    }
    try:
        if arguments.command == "run":
            return subprocess.run(  # noqa: S603 - the user's own command
                arguments.rest, env=os.environ | settings.exports(), check=False
            ).returncode
        commands[arguments.command]()
    except StackError as error:
        print(f"riskstack: {error}", file=sys.stderr)  # noqa: T201 - the command's output
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _print_exports(settings: Settings) -> None:
    for name, value in settings.exports().items():
        print(f"export {name}={shlex.quote(value)}")  # noqa: T201 - the command's output


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the command's output


if __name__ == "__main__":
    sys.exit(main())
