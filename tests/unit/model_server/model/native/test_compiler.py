import ctypes
import shutil
import sys
from pathlib import Path

import pytest

from model_server.model.native import compiler
from model_server.model.native.compiler import CompilationError, Library, compile_library
from tests.left_out import leave_out


def answer(library: Library) -> int:
    function = ctypes.CFUNCTYPE(ctypes.c_int)(library.address("answer"))
    found: int = function()
    return found


@pytest.mark.parametrize("name", compiler.COMPILERS)
def test_each_compiler_gives_a_library(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(name) is None:
        leave_out(f"native code by {name}", "it is not on this machine")
    monkeypatch.setattr(compiler, "COMPILERS", {name: compiler.COMPILERS[name]})

    library = Library(compile_library("int answer(void) { return 42; }"))

    assert answer(library) == 42


def test_without_a_compiler_it_says_what_was_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(CompilationError, match="there is no C compiler: none of tcc, cc"):
        compile_library("")


@pytest.mark.usefixtures("compiler")
def test_a_compiler_that_fails_is_quoted() -> None:
    with pytest.raises(CompilationError, match=r"ended with 1: .*error"):
        compile_library("this is no C")


@pytest.mark.usefixtures("compiler")
def test_a_folder_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "MEMORY", "/nowhere")
    monkeypatch.setattr("tempfile.tempdir", "/nowhere")

    with pytest.raises(CompilationError, match="No such file or directory"):
        compile_library("int answer;")


@pytest.mark.parametrize("in_memory", [True, False])
def test_what_is_no_library_is_refused(in_memory: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not in_memory:
        monkeypatch.delattr("os.memfd_create", raising=False)

    with pytest.raises(CompilationError, match="cannot be loaded"):
        Library(b"\x7fELF and no more")


@pytest.mark.usefixtures("compiler")
def test_a_system_without_files_in_memory_loads_from_a_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = compile_library("int answer(void) { return 7; }")
    monkeypatch.delattr("os.memfd_create", raising=False)

    assert answer(Library(content)) == 7


@pytest.mark.usefixtures("compiler")
def test_several_libraries_are_not_mixed_up() -> None:
    libraries = [Library(compile_library(f"int answer(void) {{ return {n}; }}")) for n in range(4)]

    assert [answer(library) for library in libraries] == [0, 1, 2, 3]


@pytest.mark.usefixtures("compiler")
@pytest.mark.skipif(sys.platform != "linux", reason="it reads Linux's list of what is loaded")
def test_a_library_that_nobody_holds_is_unloaded() -> None:
    def loaded() -> int:
        return Path("/proc/self/maps").read_text().count("memfd:model")

    before = loaded()
    library = Library(compile_library("int answer(void) { return 1; }"))
    assert loaded() > before

    del library

    assert loaded() == before
