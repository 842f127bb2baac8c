"""Which of AWS's functions a customer's module has, and calling them.

(aws/sagemaker-inference-toolkit transformer.py; aws/sagemaker-xgboost-container serving.py.)
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from model_server.model.predictor import ModelError
from model_server.script.context import Context

ARGUMENTS: Mapping[str, tuple[str, ...]] = {
    "pre_model_fn": ("model_dir",),
    "model_fn": ("model_dir",),
    "model_warmup_fn": ("model_dir", "model"),
    "input_fn": ("input_data", "content_type"),
    "predict_fn": ("data", "model"),
    "output_fn": ("prediction", "accept"),
    "transform_fn": ("model", "input_data", "content_type", "accept"),
}
"""Each may take `context` as one more, the last."""
IN_PIECES = ("input_fn", "predict_fn", "output_fn")


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the customer's."""

    name: str
    function: Callable[..., Any]
    takes_context: bool

    def __call__(self, context: Context, *arguments: object) -> Any:  # noqa: ANN401 - theirs
        """Call it, with the context if it takes it. Raises whatever it raises."""
        return (
            self.function(*arguments, context) if self.takes_context else self.function(*arguments)
        )


def functions(module: ModuleType) -> Mapping[str, Function]:
    """Give the functions that a module has, by name. Raises ModelError."""
    found = {
        name: _function(name, function)
        for name in ARGUMENTS
        if (function := getattr(module, name, None)) is not None
    }
    if "transform_fn" in found and found.keys() & set(IN_PIECES):
        raise ModelError(
            "Cannot use transform_fn implementation in conjunction with "
            "input_fn, predict_fn, and/or output_fn implementation"
        )
    return found


def _function(name: str, function: Callable[..., Any]) -> Function:
    expected = ARGUMENTS[name]
    if inspect.iscoroutinefunction(function):
        raise ModelError(f"{name} is a coroutine function: write a plain one")
    found = len(inspect.signature(function).parameters)
    if found not in (len(expected), len(expected) + 1):
        raise ModelError(
            f"{name} takes {found} arguments: expected {', '.join(expected)}, and maybe context"
        )
    return Function(name, function, takes_context=found > len(expected))
