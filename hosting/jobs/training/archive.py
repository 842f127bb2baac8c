"""A folder as a compressed tar, as SageMaker keeps a model and the output beside it."""

import tarfile
from pathlib import Path


def pack(folder: Path, archive: Path) -> bool:
    """Write what a folder holds to `archive`, with paths below the folder.

    Give False and write nothing where it holds nothing.
    """
    entries = sorted(folder.iterdir()) if folder.is_dir() else []
    if not entries:
        return False
    with tarfile.open(archive, "w:gz") as packed:
        for entry in entries:
            packed.add(entry, entry.name)
    return True
