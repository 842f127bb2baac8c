"""Verdicts on the image as it lies there: user, entry point, files."""

from pathlib import PurePosixPath

from image_check.check import Check, Level, Verdict, fails, holds, holds_if
from image_check.seen import Seen

_ROOT = frozenset({"", "0", "root"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash"})
_SHOWN_FILES = 3


def _runs_as_root(seen: Seen) -> Verdict:
    user = seen.image.user.partition(":")[0]
    return holds_if(user in _ROOT, f"USER {seen.image.user}" if user else "no USER, so root")


def _exec_form(seen: Seen) -> Verdict:
    entrypoint = list(seen.image.entrypoint)
    if not entrypoint:
        return holds("no ENTRYPOINT: `serve` and `train` are run from the PATH")
    # what Docker makes of `ENTRYPOINT command`
    shell = PurePosixPath(entrypoint[0]).name in _SHELLS and entrypoint[1:2] == ["-c"]
    return holds_if(not shell, f"ENTRYPOINT {entrypoint}")


def _no_tini(seen: Seen) -> Verdict:
    entrypoint = seen.image.entrypoint
    if entrypoint and PurePosixPath(entrypoint[0]).name.startswith("tini"):
        return fails(f"ENTRYPOINT {list(entrypoint)}")
    return holds("another entry point" if entrypoint else "no ENTRYPOINT")


def _opt_ml_is_free(seen: Seen) -> Verdict:
    files = seen.image.files_under_opt_ml
    if not files:
        return holds("no file there")
    more = f" and {len(files) - _SHOWN_FILES} more" if len(files) > _SHOWN_FILES else ""
    return fails(", ".join(files[:_SHOWN_FILES]) + more)


CHECKS = (
    Check(
        "root-user",
        "runs as root: no other USER is set",
        "AWS-hosting",
        Level.MUST,
        "SageMaker expects root: files that it puts into the container may be unreadable, "
        "and the endpoint fails.",
        _runs_as_root,
    ),
    Check(
        "exec-form",
        "ENTRYPOINT is in exec form, or there is none",
        "AWS-hosting",
        Level.MUST,
        "A shell is PID 1: the argument `serve` or `train` goes to the shell, and SIGTERM may "
        "never reach the server.",
        _exec_form,
    ),
    Check(
        "no-tini",
        "tini is not the entry point",
        "AWS-hosting",
        Level.MUST,
        "tini is confused by the arguments `train` and `serve`: the container may not start.",
        _no_tini,
    ),
    Check(
        "opt-ml-free",
        "nothing of the image's own lies under /opt/ml",
        "AWS-training",
        Level.MUST,
        "SageMaker mounts its own folders there: what the image put there is hidden or lost.",
        _opt_ml_is_free,
    ),
)
