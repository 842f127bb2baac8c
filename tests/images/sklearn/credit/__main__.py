"""`python -m credit serve | train`: the commands that SageMaker gives."""

import os
import sys

from . import job


def main(arguments: list[str]) -> int:
    """Run one command; give its exit code."""
    if arguments == ["train"]:
        return job.run()
    if arguments != ["serve"]:
        sys.stderr.write(f"usage: serve | train; found: {' '.join(arguments) or 'no command'}\n")
        return 2
    port = os.environ.get("SAGEMAKER_BIND_TO_PORT") or "8080"
    # gunicorn takes this process's place, so that SIGTERM reaches it
    return os.execv(  # noqa: S606 - no shell is wanted
        sys.executable,
        [
            *(sys.executable, "-m", "gunicorn"),
            *("--bind", f"0.0.0.0:{port}"),
            *("--worker-class", "gthread", "--threads", "8", "--keep-alive", "75"),
            # SageMaker kills 30 s after SIGTERM
            *("--graceful-timeout", "25", "--no-control-socket"),
            # the root file system may be read-only
            *("--worker-tmp-dir", "/dev/shm"),  # noqa: S108 - a container's own
            "credit.app:create()",
        ],
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
