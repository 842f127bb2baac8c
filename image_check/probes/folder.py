"""Folders to hand to a container: the same files as another folder, with nothing right in them."""

from pathlib import Path

GARBAGE = b"\xff\xfe\x00 broken on purpose \x00\xff" * 8


def write_broken(source: Path, target: Path) -> None:
    """Write every file of `source` to `target` under its name, with bytes that mean nothing."""
    for file in source.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(GARBAGE)
