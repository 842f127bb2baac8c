"""From C to a function in this process, with the C compiler that the machine has."""

import ctypes
import os
import shutil
import subprocess
import weakref
from _ctypes import dlclose
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

SECONDS = 120
MEMORY = "/dev/shm"  # noqa: S108 - what is written there gets a folder that nobody else can read

COMPILERS: Mapping[str, tuple[str, ...]] = {
    # in 12 ms what takes the others a second, and hardly slower: branches leave little to optimise
    "tcc": ("-shared", "-nostdlib"),
    "cc": ("-shared", "-fPIC", "-O1"),
}
"""Those that are tried, in this order, with what makes a library of one file."""


class CompilationError(RuntimeError):
    """There is no native code: the message says what was missing or went wrong."""


def compile_library(source: str) -> bytes:
    """Compile to the bytes of a shared library. Raises CompilationError."""
    for name, options in COMPILERS.items():
        if path := shutil.which(name):
            return _run(path, options, source)
    raise CompilationError(f"there is no C compiler: none of {', '.join(COMPILERS)}")


class Library:
    """A shared library in this process, for as long as this object lives.

    It comes from memory where the system can do that: a container's folders may be read-only, and
    code in /tmp is often not allowed to run.
    """

    def __init__(self, content: bytes) -> None:
        """Load the library. Raises CompilationError."""
        with ExitStack() as resources:
            try:
                self._library = ctypes.CDLL(resources.enter_context(_path(content)))
            except OSError as error:
                raise CompilationError(f"the compiled model cannot be loaded: {error}") from error
            resources.callback(dlclose, self._library._handle)  # noqa: SLF001 - ctypes' own way, undocumented
            # the path stays until then: the loader takes the same path for the same library
            weakref.finalize(self, resources.pop_all().close)

    def address(self, name: str) -> int:
        """Say where a function is that it exports. Raises CompilationError."""
        try:
            return ctypes.cast(self._library[name], ctypes.c_void_p).value or 0
        except AttributeError as error:
            raise CompilationError(f"the library exports no {name}") from error


@contextmanager
def _path(content: bytes) -> Iterator[str]:
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("model"), "wb") as memory:
            memory.write(content)
            memory.flush()
            yield f"/proc/self/fd/{memory.fileno()}"
    else:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.so"
            path.write_bytes(content)
            yield str(path)


def _run(path: str, options: tuple[str, ...], source: str) -> bytes:
    try:
        # memory first: a container that is read-only may have no other place to write
        memory = MEMORY if os.access(MEMORY, os.W_OK) else None
        with TemporaryDirectory(dir=memory) as folder:
            output = Path(folder) / "model.so"
            done = subprocess.run(  # noqa: S603 - a compiler, and text that this package wrote
                [path, *options, "-o", str(output), "-xc", "-"],
                input=source.encode(),
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
            if done.returncode == 0:
                return output.read_bytes()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompilationError(f"{path}: {error}") from error
    words = done.stderr.decode(errors="replace").strip()[:400]
    raise CompilationError(f"{path} ended with {done.returncode}: {words}")
