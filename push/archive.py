"""model.tar.gz, the same bytes for the same model whenever and wherever it is packed."""

import gzip
import hashlib
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from push.problem import PushError

MODEL_FILE = "xgboost-model"


@dataclass(frozen=True, slots=True)
class Archive:
    """A packed model and the digest of its bytes, `sha256:` and hexadecimal."""

    content: bytes
    digest: str


def pack(folder: Path) -> Archive:
    """Pack a model folder: xgboost-model at the top, everything else in sub-folders.

    Raises:
        PushError: there is no model, or another file beside it: AWS's XGBoost image loads every
            file at the top as a model (aws/sagemaker-xgboost-container serve_utils.py).
    """
    files = sorted(
        (path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file()
    )
    at_top = [name for name, _ in files if "/" not in name]
    if MODEL_FILE not in at_top:
        raise PushError(f"there is no trained model in {folder.name}/: run `make model`")
    if others := [name for name in at_top if name != MODEL_FILE]:
        raise PushError(
            f"{', '.join(others)} beside {MODEL_FILE}: images load each file at the top as a"
            " model; move it into a folder"
        )
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.USTAR_FORMAT) as entries:
        for name, path in files:
            content = path.read_bytes()
            # a new entry has no owner, no time of its own and the mode 0644
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entries.addfile(entry, io.BytesIO(content))
    packed = gzip.compress(tar.getvalue(), mtime=0)
    return Archive(packed, f"sha256:{hashlib.sha256(packed).hexdigest()}")
