"""The files that a job leaves: each is there whole or not at all."""

from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file, its folder too where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}")
    unfinished.write_bytes(content)
    unfinished.replace(path)
