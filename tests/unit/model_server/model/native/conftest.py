import ctypes
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from model_server.model.native.compiler import COMPILERS, Library, compile_library
from tests.left_out import leave_out


@pytest.fixture(scope="session")
def compiler() -> None:
    """Demand a C compiler; the image has one."""
    if not any(map(shutil.which, COMPILERS)):
        leave_out("models as native code", "there is no C compiler")


@pytest.fixture
def compiled(compiler: None) -> Callable[[str], Any]:  # noqa: ARG001 - demanded, not used
    """Compile a translated booster and give its function."""
    kept = []

    def function(source: str) -> Any:  # noqa: ANN401 - ctypes has no public type for it
        kept.append(Library(compile_library(source)))
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
        return kind(kept[-1].address("score_rows"))

    return function
