"""The API of multi-model endpoints, asked in the order in which SageMaker would."""

import json

from image_check.engine import Container, EngineError
from image_check.exchange import Address, Request, call
from image_check.probes.launch import PORT
from image_check.probes.serving import invoke
from image_check.seen import Answer, MultiModel, Sample
from image_check.verdicts.invocations import INVOCATION_SECONDS

NAME = "image-check-1"
URL = f"/opt/ml/models/{NAME}/model"
ENVIRONMENT = {"SAGEMAKER_MULTI_MODEL": "true"}
_UNKNOWN = "/models/image-check-unknown"
_MODEL = f"/models/{NAME}"
# what InvokeEndpoint's TargetModel was; the container is to go by the path
_TARGET = {"X-Amzn-SageMaker-Target-Model": "first.tar.gz"}


def observe(container: Container, sample: Sample) -> MultiModel:
    """Load the model that lies at URL, use it and unload it. Raises EngineError as serving does."""
    address = container.address(PORT)
    if address is None:
        raise EngineError(f"the container left right after its first 200: {container.log()[-200:]}")

    def ask(method: str, path: str) -> Answer:
        return call(address, Request(method, path), INVOCATION_SECONDS)

    # Python evaluates the arguments in this order: it is the order of the requests
    return MultiModel(
        name=NAME,
        url=URL,
        none_loaded=ask("GET", "/models"),
        load=_load(address),
        loaded=ask("GET", "/models"),
        described=ask("GET", _MODEL),
        load_again=_load(address),
        invocation=invoke(address, sample, _TARGET, f"{_MODEL}/invoke"),
        unknown_described=ask("GET", _UNKNOWN),
        unknown_invocation=invoke(address, sample, _TARGET, f"{_UNKNOWN}/invoke"),
        unload=ask("DELETE", _MODEL),
        described_after=ask("GET", _MODEL),
        unload_again=ask("DELETE", _MODEL),
    )


def _load(address: Address) -> Answer:
    body = json.dumps({"model_name": NAME, "url": URL}).encode()
    content = {"Content-Type": "application/json"}
    return call(address, Request("POST", "/models", body, content), INVOCATION_SECONDS)
