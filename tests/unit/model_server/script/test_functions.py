from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from model_server.model.predictor import ModelError
from model_server.script.context import Context
from model_server.script.functions import ARGUMENTS, functions

CONTEXT = Context(Path("/"), {})


def module_of(**members: Callable[..., Any]) -> ModuleType:
    module = ModuleType("inference")
    vars(module).update(members)
    return module


def test_only_awss_names_count() -> None:
    found = functions(module_of(model_fn=lambda folder: folder, other_fn=lambda: None))

    assert found.keys() == {"model_fn"}
    assert found["model_fn"](CONTEXT, "/opt") == "/opt"
    assert functions(module_of()) == {}


@pytest.mark.parametrize("name", ARGUMENTS)
def test_each_may_take_the_context_last(name: str) -> None:
    names = ", ".join(ARGUMENTS[name])
    without = functions(module_of(**{name: eval(f"lambda {names}: ({names},)")}))  # noqa: S307
    with_it = functions(module_of(**{name: eval(f"lambda {names}, c: ({names}, c)")}))  # noqa: S307
    arguments = tuple(ARGUMENTS[name])

    assert without[name](CONTEXT, *arguments) == arguments
    assert with_it[name](CONTEXT, *arguments) == (*arguments, CONTEXT)


@pytest.mark.parametrize("other", ["input_fn", "predict_fn", "output_fn"])
def test_transform_fn_excludes_the_three(other: str) -> None:
    module = module_of(transform_fn=lambda m, d, c, a: d, **{other: lambda a, b: a})  # noqa: ARG005

    with pytest.raises(ModelError, match="Cannot use transform_fn implementation in conjunction"):
        functions(module)


def test_a_wrong_number_of_arguments_is_named() -> None:
    with pytest.raises(ModelError) as error:
        functions(module_of(predict_fn=lambda data: data))

    assert str(error.value) == (
        "predict_fn takes 1 arguments: expected data, model, and maybe context"
    )


def test_a_coroutine_function_is_refused() -> None:
    async def model_fn(model_dir: str) -> str:
        return model_dir

    with pytest.raises(ModelError, match="model_fn is a coroutine function"):
        functions(module_of(model_fn=model_fn))
