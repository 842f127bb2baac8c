"""One look at an image: every probe in turn, each with a container of its own."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from image_check.engine import Engine
from image_check.options import Options
from image_check.probes import multi_model, serving, training
from image_check.probes.folder import write_broken
from image_check.probes.launch import PORT, Launch, wait_until_ready
from image_check.seen import MultiModel, Sample, Seen, Served, Start
from image_check.verdicts.capabilities import BIND_TO_PORT, claims
from image_check.verdicts.multi_model import MULTI_MODELS

OTHER_PORT = 8181
PIPELINE = {
    "SAGEMAKER_BIND_TO_PORT": str(OTHER_PORT),
    "SAGEMAKER_SAFE_PORT_RANGE": "21000-21999",
}
AGAIN, AGAIN_AT_LEAST = 4, 15.0
"""A further start gets so many times what the first one took, and at least so many seconds."""
BROKEN, BROKEN_AT_LEAST = 2, 3.0
"""So long a broken model is watched for a 200 that it must not give."""

Say = Callable[[str], None]


def observe(engine: Engine, options: Options, say: Say) -> Seen:
    """Look at all that the options allow; `say` hears what is being done. Raises EngineError."""
    say("reading the image")
    image = engine.image()
    say("serve: start, health, invocations, end")
    launch = Launch(engine, options.environment, options.model)
    start, served = _serve(launch, options)
    seen = Seen(image=image, start=start, served=served, has_model=options.model is not None)
    if served is None and options.model is not None:
        say("serve: the same with a writable model")
        launch = replace(launch, writable=True)
        writable_start, served = _serve(launch, options)
        seen = replace(seen, writable_start=writable_start, served=served)
    if served is not None:
        seen = _surroundings(launch, seen, served.sample, say)
    if options.train_folder is not None:
        say("train")
        good, failed = training.observe(
            engine, options.train_folder, options.environment, options.train_seconds
        )
        seen = replace(seen, training=good, failed_training=failed)
    return seen


def _serve(launch: Launch, options: Options) -> tuple[Start, Served | None]:
    with launch.container() as container:
        start = wait_until_ready(container, PORT, options.startup_seconds)
        return start, serving.observe(container, options.sample) if start.ready else None


def _surroundings(launch: Launch, seen: Seen, sample: Sample, say: Say) -> Seen:
    """Start the image again: without a network, on another port, with other models."""
    usual = (seen.writable_start or seen.start).seconds
    again = max(AGAIN * usual, AGAIN_AT_LEAST)
    say("serve: without a network")
    seen = replace(
        seen,
        offline=_offline(launch, again) if launch.engine.direct else None,
        offline_reachable=launch.engine.direct,
    )
    if claims(seen, BIND_TO_PORT):
        say("serve: on another port")
        with launch.container(environment=PIPELINE, port=OTHER_PORT) as container:
            seen = replace(seen, other_port=wait_until_ready(container, OTHER_PORT, again))
    if launch.model is not None:
        say("serve: with a broken model")
        watched = max(BROKEN * usual, BROKEN_AT_LEAST)
        seen = replace(seen, broken_model=_broken(launch, launch.model, watched))
        if claims(seen, MULTI_MODELS):
            say("serve: multi-model")
            start, asked = _multi_model(launch, sample, again)
            seen = replace(seen, multi_model_start=start, multi_model=asked)
    return seen


def _offline(launch: Launch, seconds: float) -> Start:
    with (
        launch.engine.network_without_a_way_out() as network,
        launch.container(network=network) as container,
    ):
        return wait_until_ready(container, PORT, seconds)


def _broken(launch: Launch, model: Path, seconds: float) -> Start:
    with tempfile.TemporaryDirectory() as temporary:
        write_broken(model, Path(temporary))
        with launch.container(model=Path(temporary)) as container:
            return wait_until_ready(container, PORT, seconds)


def _multi_model(launch: Launch, sample: Sample, seconds: float) -> tuple[Start, MultiModel | None]:
    with launch.container(
        model_path=multi_model.URL, environment=multi_model.ENVIRONMENT
    ) as container:
        start = wait_until_ready(container, PORT, seconds)
        return start, multi_model.observe(container, sample) if start.ready else None
