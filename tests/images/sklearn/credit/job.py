"""`train`: reads the channel `train`, the label in the first column, and writes the model."""

import sys
from pathlib import Path

import numpy as np

from .model import FILE_NAME, Model, read

ROOT = Path("/opt/ml")


def run() -> int:
    """Train; give the exit code. A failure is written down where SageMaker looks for it."""
    try:
        files = sorted((ROOT / "input" / "data" / "train").iterdir())
        table = np.vstack([read(file.read_bytes()) for file in files])
        Model.fit(table[:, 1:], table[:, 0]).save(ROOT / "model" / FILE_NAME)
    except (OSError, ValueError) as error:
        (ROOT / "output" / "failure").write_text(f"{error}\n")
        sys.stderr.write(f"training failed: {error}\n")
        return 1
    sys.stdout.write(f"trained on {len(table)} rows\n")
    return 0
