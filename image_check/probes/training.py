"""Two runs of `train`: on the job's own data, and on data that no image can read."""

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from image_check.engine import Engine
from image_check.probes.folder import write_broken
from image_check.seen import Training

INPUT = "/opt/ml/input"
NAME = "image-check"


def observe(
    engine: Engine, folder: Path, environment: Mapping[str, str], seconds: float
) -> tuple[Training, Training]:
    """Train with the folder's `input`; give the good run and the one that has to fail."""
    with tempfile.TemporaryDirectory() as temporary:
        empty, broken = Path(temporary, "empty"), Path(temporary, "broken")
        empty.mkdir()
        broken.mkdir()
        write_broken(folder / "input" / "data", broken)
        good = _train(engine, {INPUT: folder / "input"}, empty, environment, seconds)
        data = {INPUT: folder / "input", f"{INPUT}/data": broken}
        return good, _train(engine, data, empty, environment, seconds)


def _train(
    engine: Engine,
    copied: Mapping[str, Path],
    empty: Path,
    environment: Mapping[str, str],
    seconds: float,
) -> Training:
    """Run one job in a container of its own, files and all, so that none is left behind here."""
    told = {
        **environment,
        "TRAINING_JOB_NAME": NAME,
        "TRAINING_JOB_ARN": f"arn:aws:sagemaker:us-east-1:000000000000:training-job/{NAME}",
    }
    with engine.container(["train"], told) as container:
        for path in ("/opt/ml/model", "/opt/ml/output/data"):
            container.put(empty, path)
        for path, folder in copied.items():
            container.put(folder, path)
        began = time.monotonic()
        container.start()
        exit_code = container.wait(seconds)
        return Training(
            exit_code,
            time.monotonic() - began,
            sorted(container.files("/opt/ml/model")),
            container.read("/opt/ml/output/failure"),
            container.log(),
        )
