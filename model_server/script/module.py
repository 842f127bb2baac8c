"""A customer's code: where it lies, importing it, and what it needs that is not installed."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

from model_server.model.predictor import ModelError

DEFAULT_PROGRAM = "inference.py"
"""(aws/sagemaker-inference-toolkit environment.py)."""
_REQUIREMENT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:==\s*([^\s;,#]+))?")
_imported: set[str] = set()


def locate(folder: Path, program: str, submit_directory: Path | None) -> Path | None:
    """Find the file of functions, None where there is none.

    `program` is SAGEMAKER_PROGRAM, "" is inference.py if it is there; the folder of the code is
    `submit_directory`, None is code/ in the model's folder. Raises ModelError.
    """
    code = submit_directory or folder / "code"
    path = code / (program or DEFAULT_PROGRAM)
    if not path.suffix:
        path = path.with_suffix(".py")
    if path.is_file():
        return path
    if program:
        raise ModelError(f"SAGEMAKER_PROGRAM names {program}, and there is no {path}")
    return None


def load(path: Path) -> ModuleType:
    """Import a file under its own name, so that pickles of its classes can be read.

    Its folder joins sys.path, for what it imports. Raises ModelError, or what the code raises.
    """
    name = path.stem
    if name in sys.stdlib_module_names or (name in sys.modules and name not in _imported):
        raise ModelError(f"{path.name} has the name of an installed module: give it another")
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ModelError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _imported.add(name)
    spec.loader.exec_module(module)
    return module


def unsatisfied(requirements: str) -> Iterator[str]:
    """Give the lines of a requirements.txt that name what is not installed.

    Of versions only an exact one is looked at.
    """
    for line in requirements.splitlines():
        found = _REQUIREMENT.match(line.strip())
        if not found:
            continue
        name, version = found.groups()
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            yield line.strip()
        else:
            if version and version != installed:
                yield line.strip()
