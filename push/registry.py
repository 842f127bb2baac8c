"""An image registry, asked over the OCI distribution API (HTTP API V2), which ECR speaks too.

Only asks: what is in it is put there by the engine. Facts: Amazon ECR user guide, "Using HTTP API
authentication"; distribution.github.io/distribution/spec/api.
"""

import base64
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from push.problem import PushError

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_KINDS = (
    DOCKER_MANIFEST,
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
_TIMEOUT_S = 30


@dataclass(frozen=True, slots=True)
class Login:
    """Who may push to a registry, for some hours."""

    url: str
    user: str
    password: str = field(repr=False)

    @classmethod
    def from_token(cls, token: str, url: str) -> "Login":
        """Read the token that ECR's GetAuthorizationToken gives: base64 of user and password."""
        user, _, password = base64.b64decode(token).decode().partition(":")
        return cls(url.rstrip("/"), user, password)

    @property
    def host(self) -> str:
        """What the names of the registry's images begin with."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a registry says that an image is."""

    digest: str
    media_type: str


def find(login: Login, repository: str, tag: str) -> Manifest | None:
    """Ask for the manifest of a tag; `None` is none.

    Raises:
        PushError: the registry does not answer, or not with this login.
    """
    try:
        answer = requests.head(
            f"{login.url}/v2/{repository}/manifests/{tag}",
            auth=(login.user, login.password),
            headers={"Accept": ", ".join(_KINDS)},
            timeout=_TIMEOUT_S,
        )
    except requests.RequestException as error:
        raise PushError(
            f"the registry {login.host} does not answer: look at the network ({error})"
        ) from error
    if answer.status_code == requests.codes.not_found:
        return None
    if not answer.ok:
        raise PushError(
            f"the registry {login.host} answered {answer.status_code} {answer.reason} when asked"
            f" for {repository}:{tag}: allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on it"
        )
    return Manifest(answer.headers["Docker-Content-Digest"], answer.headers["Content-Type"])
