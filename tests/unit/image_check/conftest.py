"""An image that keeps the whole contract, as it was seen."""

import pytest

from image_check.seen import Image, MultiModel, Sample, Seen, Served, Stop, Training
from image_check.verdicts.capabilities import BIND_TO_PORT
from image_check.verdicts.multi_model import MULTI_MODELS
from tests.unit.image_check.answers import json_reply, reply, start

NAME = "one"
URL = "/opt/ml/models/one/model"
DESCRIPTION = {"modelName": NAME, "modelUrl": URL}
NOT_FOUND = reply(404)


@pytest.fixture
def served() -> Served:
    return Served(
        sample=Sample(b"0,0,0\n", "text/csv"),
        pings=[reply()] * 10,
        ping_post=reply(),
        connects=[0.001, 0.02],
        invocation=reply(body=b"0.5\n", content_length="4"),
        unknown_headers=reply(),
        unreadable=reply(400),
        large=reply(400),
        pings_under_load=[reply()] * 20,
        execution_parameters=json_reply(
            {"MaxConcurrentTransforms": 8, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}
        ),
        metrics=reply(body=b"# TYPE a_total counter\na_total 3\n"),
        logged=True,
        stop=Stop(1.0, 0, reply()),
    )


@pytest.fixture
def multi_model() -> MultiModel:
    return MultiModel(
        none_loaded=json_reply({"models": []}),
        load=reply(),
        loaded=json_reply({"models": [DESCRIPTION]}),
        described=json_reply(DESCRIPTION),
        load_again=reply(409),
        invocation=reply(),
        unknown_described=NOT_FOUND,
        unknown_invocation=NOT_FOUND,
        unload=reply(),
        described_after=NOT_FOUND,
        unload_again=NOT_FOUND,
        name=NAME,
        url=URL,
    )


@pytest.fixture
def seen(served: Served, multi_model: MultiModel) -> Seen:
    return Seen(
        image=Image(
            user="",
            entrypoint=("python", "-m", "server"),
            labels={BIND_TO_PORT: "true", MULTI_MODELS: "true"},
            platform="linux/amd64",
            files_under_opt_ml=(),
        ),
        start=start(),
        served=served,
        has_model=True,
        offline=start(),
        other_port=start(),
        broken_model=start(ready=False),
        multi_model_start=start(),
        multi_model=multi_model,
        training=Training(0, 2.0, ["model/weights"], None),
        failed_training=Training(1, 2.0, [], "no number: x"),
    )
