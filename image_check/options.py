"""What the command line asks for."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from image_check.seen import Sample

CSV = "text/csv"
_KEY = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class UsageError(Exception):
    """The command line cannot be meant: the message says what to change."""


@dataclass(frozen=True, slots=True)
class Options:
    """One check of one image."""

    image: str
    model: Path | None
    """What SageMaker would have extracted to /opt/ml/model."""
    sample: Sample | None
    """None where a row of zeros is to be found that the model takes."""
    environment: Mapping[str, str]
    startup_seconds: float
    train_folder: Path | None
    """Stands for /opt/ml of a training job: `input/config` and `input/data/<channel>` in it."""
    train_seconds: float
    as_json: bool


def read(arguments: Sequence[str]) -> Options:
    """Read a command line. Raises UsageError, and SystemExit as argparse does."""
    found = _parser().parse_args(arguments)
    if found.model is not None and not _has_files(found.model):
        raise UsageError(f"--model {found.model}: expected a folder with files in it")
    if found.train_folder is not None and not (found.train_folder / "input" / "config").is_dir():
        raise UsageError(f"--train-folder {found.train_folder}: expected input/config in it")
    return Options(
        image=found.image,
        model=found.model,
        sample=_sample(found.body, found.content_type),
        environment=dict(_variable(text) for text in found.env),
        startup_seconds=found.startup,
        train_folder=found.train_folder,
        train_seconds=found.train_timeout,
        as_json=found.json,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="image_check",
        description="Run SageMaker's container contract against an image.",
        epilog="Exit status: 0, every must and every claim holds; 1, one does not; "
        "2, wrong usage or no engine.",
    )
    parser.add_argument("image", help="the image, which must be on this machine")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="for /opt/ml/model")
    parser.add_argument(
        "--body",
        metavar="TEXT",
        help="a body for /invocations, or @FILE; otherwise a row of zeros is found",
    )
    parser.add_argument("--content-type", default=CSV, metavar="TYPE", help=f"default: {CSV}")
    parser.add_argument(
        "--env", action="append", default=[], metavar="KEY=VALUE", help="the container's; repeat it"
    )
    parser.add_argument(
        "--startup",
        type=_seconds,
        default=480.0,
        metavar="SECONDS",
        help="the start-up window; default: SageMaker's 480",
    )
    parser.add_argument(
        "--train-folder",
        type=Path,
        metavar="FOLDER",
        help="check `train` too, with this folder's `input` as /opt/ml/input",
    )
    parser.add_argument(
        "--train-timeout", type=_seconds, default=600.0, metavar="SECONDS", help="default: 600"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    return parser


def _sample(body: str | None, content_type: str) -> Sample | None:
    if body is None:
        if content_type != CSV:
            raise UsageError(f"--content-type {content_type}: give a --body of it")
        return None
    content = body.encode()
    if body.startswith("@"):
        try:
            content = Path(body[1:]).read_bytes()
        except OSError as error:
            raise UsageError(f"--body {body}: {error.strerror}") from error
    if not content:
        raise UsageError("--body: it is empty")
    return Sample(content, content_type)


def _variable(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not _KEY.fullmatch(key):
        raise UsageError(f"--env {text}: expected KEY=VALUE, KEY of letters, digits and _")
    return key, value


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"expected seconds above 0, found {text}")
    return seconds


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))
