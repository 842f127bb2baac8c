"""How full the container's memory is, and giving freed memory back. Linux; elsewhere unknown."""

import ctypes
import gc
import os
from pathlib import Path

_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""The container's limit, in control groups of version 2 and 1."""


def used_bytes() -> int:
    """Give what this process holds in memory, 0 where that cannot be known."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def limit_bytes() -> int | None:
    """Give the memory of the container, or of the machine where it has no limit; None: unknown."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return None
    limits = [int(text) for path in _LIMITS if (text := _text(path)).isdigit()]
    return min([machine, *limits])


def give_back() -> None:
    """Free what nothing refers to any more, and return it to the system, where glibc can."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
