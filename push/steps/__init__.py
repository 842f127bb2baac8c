"""The steps of a push, each an object that can say, look, do and undo."""

from push.run import Step
from push.steps.account import Account
from push.steps.artifact import Artifact
from push.steps.bucket import Bucket
from push.steps.endpoint import Endpoint
from push.steps.endpoint_config import EndpointConfig
from push.steps.image import PushedImage
from push.steps.local_image import LocalImage
from push.steps.model import Model
from push.steps.repository import Repository
from push.steps.role import Role
from push.undertaking import Undertaking


def all_steps(push: Undertaking) -> list[Step]:
    """Give the steps in their order: each needs only what those before it make."""
    return [
        Account(push),
        LocalImage(push),
        Repository(push),
        PushedImage(push),
        Bucket(push),
        Artifact(push),
        Role(push),
        *(Model(push, name) for name in push.design.declaration.models),
        EndpointConfig(push),
        Endpoint(push),
    ]
