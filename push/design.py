"""Digests in, names out: everything that a push makes, by the name that it gets.

Pure: no AWS, no clock. What is made never changes: its name holds digests of all that it is made
of, so that a second push of the same finds everything there, and an old version stays what it was.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from string import Template
from typing import Any

from push import mark
from push.declaration import Declaration
from push.settings import Settings

REPOSITORY = "riskstack/model_server"
ROLE_PATH = "/riskstack/"
IMAGE_TAG_PREFIX = "push-"
"""Marks the images of a push: an image in ECR has no tags but names."""
INSTANCE_TYPE = "ml.m5.large"
"""Where neither the declaration nor the settings name one."""
_DOCUMENTS = Path(__file__).parent / "documents"
_UNKNOWN = "<version>"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the account and the image; before it is, a word in angle brackets."""

    region: str
    artifact_digest: str
    partition: str = "aws"
    account: str = "<account>"
    registry: str = "<registry>"
    """The host that the image's name begins with."""
    image_id: str = "<image>"
    """The digest that the engine knows the image by."""
    image_digest: str = "<image>"
    """The digest of the image's manifest, by which a registry knows it."""

    @property
    def complete(self) -> bool:
        """Tell whether names can be made of them."""
        return not any(value.startswith("<") for value in astuple(self))


@dataclass(frozen=True, slots=True)
class Design:
    """What a push makes of the facts."""

    declaration: Declaration
    settings: Settings
    facts: Facts

    @property
    def endpoint_name(self) -> str:
        """The endpoint is asked by this name, whatever its version."""
        return self.declaration.endpoint_name

    @property
    def log_group(self) -> str:
        """Where the container's output is."""
        return f"/aws/sagemaker/Endpoints/{self.endpoint_name}"

    @property
    def image_id_known(self) -> bool:
        """Tell whether the image is built or chosen."""
        return not self.facts.image_id.startswith("<")

    @property
    def image_tag(self) -> str:
        """The tag, derived from what the engine knows before the push."""
        return IMAGE_TAG_PREFIX + _short(self.facts.image_id, 16)

    @property
    def image_reference(self) -> str:
        """The image's name for a push."""
        return f"{self.facts.registry}/{REPOSITORY}:{self.image_tag}"

    @property
    def image_uri(self) -> str:
        """The image's name in a model: by digest, so that no tag can change what it is."""
        return f"{self.facts.registry}/{REPOSITORY}@{self.facts.image_digest}"

    @property
    def bucket(self) -> str:
        """The bucket that was given, or the one that is created; names are unique in the world."""
        facts = self.facts
        return self.settings.bucket or f"riskstack-models-{facts.account}-{facts.region}"

    @property
    def artifact_key(self) -> str:
        """The key of the packed model."""
        return f"{self.endpoint_name}/{_hex(self.facts.artifact_digest)}/model.tar.gz"

    @property
    def artifact_url(self) -> str:
        """The packed model, as a model names it."""
        return f"s3://{self.bucket}/{self.artifact_key}"

    @property
    def role_name(self) -> str:
        """The role that is created where none is given; a version, as it may read one object."""
        if self.facts.account.startswith("<"):
            return f"riskstack-{self.endpoint_name}-{_UNKNOWN}"
        documents = (self.trust_policy, self.permissions_policy)
        return f"riskstack-{self.endpoint_name}-{_digest(documents)}"

    @property
    def role_arn(self) -> str:
        """The execution role that was given, or the one that is created."""
        facts = self.facts
        return self.settings.role_arn or (
            f"arn:{facts.partition}:iam::{facts.account}:role{ROLE_PATH}{self.role_name}"
        )

    @property
    def trust_policy(self) -> str:
        """Who may assume the role that is created."""
        return (_DOCUMENTS / "trust.json").read_text()

    @property
    def permissions_policy(self) -> str:
        """What the role that is created may do."""
        return Template((_DOCUMENTS / "permissions.json").read_text()).substitute(
            partition=self.facts.partition,
            region=self.facts.region,
            account=self.facts.account,
            repository=REPOSITORY,
            bucket=self.bucket,
            key=self.artifact_key,
            endpoint=self.endpoint_name,
        )

    def model_requests(self) -> dict[str, dict[str, Any]]:
        """Give what CreateModel is asked for, by the model's name in the declaration."""
        requests = {}
        for name, declared in self.declaration.models.items():
            container = {"Image": self.image_uri, "ModelDataUrl": self.artifact_url}
            definition = dict(declared) | {
                "PrimaryContainer": declared["PrimaryContainer"] | container,
                "ExecutionRoleArn": self.role_arn,
                # it needs no network, and so gets none
                "EnableNetworkIsolation": declared.get("EnableNetworkIsolation", True),
            }
            requests[name] = definition | {
                "ModelName": self._versioned(name, definition),
                "Tags": mark.tags(self.endpoint_name),
            }
        return requests

    def config_request(self) -> dict[str, Any]:
        """Give what CreateEndpointConfig is asked for."""
        models = {name: one["ModelName"] for name, one in self.model_requests().items()}
        definition = dict(self.declaration.config)
        for kind in ("ProductionVariants", "ShadowProductionVariants"):
            if kind in definition:
                definition[kind] = [self._variant(one, models) for one in definition[kind]]
        return definition | {
            "EndpointConfigName": self._versioned(self.declaration.config_name, definition),
            "Tags": mark.tags(self.endpoint_name),
        }

    def instances(self) -> dict[str, int]:
        """Give how many instances of each type the endpoint begins with; serverless has none."""
        counts: dict[str, int] = {}
        config = self.config_request()
        for kind in ("ProductionVariants", "ShadowProductionVariants"):
            for variant in config.get(kind, ()):
                if "InstanceType" in variant:
                    kept = counts.get(variant["InstanceType"], 0)
                    counts[variant["InstanceType"]] = kept + variant["InitialInstanceCount"]
        return counts

    def _variant(self, declared: Mapping[str, Any], models: Mapping[str, str]) -> dict[str, Any]:
        variant = dict(declared) | {"ModelName": models[declared["ModelName"]]}
        if "ServerlessConfig" in variant:
            return variant
        settings = self.settings
        given = {
            "InstanceType": settings.instance_type,
            "InitialInstanceCount": settings.instance_count,
        }
        default = {"InstanceType": INSTANCE_TYPE, "InitialInstanceCount": 1}
        return default | variant | {name: value for name, value in given.items() if value}

    def _versioned(self, name: str, definition: Mapping[str, Any]) -> str:
        """Name a version: of which image, of which model, and of what else it is made."""
        facts = self.facts
        if not facts.complete:
            return f"{name}-{_UNKNOWN}"
        image, artifact = _short(facts.image_digest, 8), _short(facts.artifact_digest, 8)
        return f"{name}-{image}-{artifact}-{_digest(definition)}"


def _digest(definition: object) -> str:
    written = json.dumps(definition, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:8]


def _hex(digest: str) -> str:
    return digest.removeprefix("sha256:")


def _short(digest: str, length: int) -> str:
    """Shorten a digest; a word in angle brackets stays whole."""
    return digest if digest.startswith("<") else _hex(digest)[:length]
