"""Starting a customer's code: importing it, loading its model, warming it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from model_server.model.predictor import ModelError, Predictor
from model_server.script import defaults, module
from model_server.script.context import Context
from model_server.script.functions import functions
from model_server.script.scripted import Scripted
from model_server.settings import Settings

THREADS = "script"
"""How the names of the threads begin that run a customer's functions."""

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


async def start(
    path: Path,
    folder: Path,
    own: Callable[[], Awaitable[Predictor]],
    settings: Settings,
) -> Scripted:
    """Import the functions of a file and load the model of a folder with them.

    `own` loads it where there is no model_fn. Raises ModelError; what the code raised is logged.
    """
    _warn_of_requirements(path.with_name("requirements.txt"))
    pool = ThreadPoolExecutor(settings.script_threads, thread_name_prefix=THREADS)

    async def run(name: str, function: Callable[..., Result], *arguments: object) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, _guarded, name, function, *arguments)

    try:
        code = await run(path.name, module.load, path)
        found = functions(code)
        context = Context(folder, {})
        directory = str(folder)
        if pre_model := found.get("pre_model_fn"):
            await run("pre_model_fn", pre_model, context, directory)
        stand_ins: defaults.Own | defaults.Theirs
        if model_fn := found.get("model_fn"):
            model = await run("model_fn", model_fn, context, directory)
            stand_ins = defaults.Theirs(model)
        else:
            model = await own()
            stand_ins = defaults.Own(model)
        if warmup := found.get("model_warmup_fn"):
            await run("model_warmup_fn", warmup, context, directory, model)
    except (ModelError, MemoryError):
        pool.shutdown(wait=False)
        raise
    logger.info("script loaded", extra={"file": path.name, "functions": sorted(found)})
    accept = settings.default_accept or defaults.JSON
    return Scripted(folder, found, model, stand_ins, accept, pool, settings.script_seconds)


def _guarded(name: str, function: Callable[..., Result], *arguments: object) -> Result:
    try:
        return function(*arguments)
    except ModelError:
        raise
    except (Exception, SystemExit) as error:
        logger.error("%s failed", name, exc_info=error)
        raise ModelError(f"{name} raised {type(error).__name__}: {error}") from error


def _warn_of_requirements(path: Path) -> None:
    if not path.is_file():
        return
    if missing := list(module.unsatisfied(path.read_text())):
        logger.warning(
            "requirements.txt is not installed at the start, the container needs no network: "
            "build an image from this one with what is missing",
            extra={"missing": missing},
        )
