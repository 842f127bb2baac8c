"""The templates as CloudFormation takes them: what lies on this machine is named where it is in S3.

What `aws cloudformation package` does, for the two places that deploy/app.yaml has. SAM's and
AWS::Include's transforms stay CloudFormation's own.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from deployment.packages.archive import Package
from deployment.problem import DeploymentError
from riskstack.emulator.template import Template

FUNCTION = "AWS::Serverless::Function"
LARGEST_BODY = 51_200
"""Bytes of a template that is not in S3 (CloudFormation user guide, "Understand quotas")."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What goes into the bucket of artifacts; its key says what is in it."""

    key: str
    content: bytes


class _Dumper(yaml.SafeDumper):
    """YAML without aliases, which CloudFormation does not read."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - PyYAML's method
        """Write everything in full."""
        return True


def upload(package: Package) -> Upload:
    """Give a package as an object in S3."""
    return Upload(f"functions/{package.name}/{package.digest}.zip", package.content)


def included(template: Template) -> list[Path]:
    """Give the files that a template includes, as it names them."""
    return [Path(include["Parameters"]["Location"]) for include in _includes(template.body)]


def included_file(template: Template, name: Path) -> Upload:
    """Give an included file as an object in S3.

    Raises:
        DeploymentError: it is not there.
    """
    try:
        content = (template.path.parent / name).read_bytes()
    except OSError as error:
        raise DeploymentError(f"{template.path.name} includes {name}: {error}") from error
    return Upload(f"api/{hashlib.sha256(content).hexdigest()}{name.suffix}", content)


def placed(
    template: Template, bucket: str, code: Mapping[str, str], files: Mapping[Path, str]
) -> dict[str, Any]:
    """Give a template whose code and included files are in a bucket.

    Args:
        template: as it stands in its file.
        bucket: the bucket of artifacts.
        code: the keys of packages, by the logical id of the function.
        files: the keys of included files, by the name in the template.

    Raises:
        DeploymentError: a function or a file has no key.
    """
    body: dict[str, Any] = _copy(template.body)
    for logical_id, resource in body["Resources"].items():
        if resource["Type"] == FUNCTION:
            if logical_id not in code:
                raise DeploymentError(f"{template.path.name}: {logical_id} has no package")
            resource["Properties"]["CodeUri"] = {"Bucket": bucket, "Key": code[logical_id]}
    for include in _includes(body):
        file = Path(include["Parameters"]["Location"])
        if file not in files:
            raise DeploymentError(f"{template.path.name}: the included {file} is not in S3")
        include["Parameters"]["Location"] = f"s3://{bucket}/{files[file]}"
    return body


def text(name: str, body: Mapping[str, Any]) -> str:
    """Write a template.

    Raises:
        DeploymentError: it is longer than CloudFormation takes.
    """
    body_text = written(body)
    if len(body_text.encode()) > LARGEST_BODY:
        raise DeploymentError(
            f"{name} has {len(body_text.encode()):,} bytes, and CloudFormation takes"
            f" {LARGEST_BODY:,}: divide it into two stacks"
        )
    return body_text


def written(value: Mapping[str, Any]) -> str:
    """Write YAML, each thing in full and in the order that it has."""
    return yaml.dump(dict(value), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)


def _includes(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a template holds any value
    if isinstance(value, Mapping):
        found = value.get("Fn::Transform")
        if isinstance(found, dict) and found.get("Name") == "AWS::Include":
            return [found]
        return [one for part in value.values() for one in _includes(part)]
    if isinstance(value, list):
        return [one for part in value for one in _includes(part)]
    return []


def _copy(value: Any) -> Any:  # noqa: ANN401 - as above
    if isinstance(value, Mapping):
        return {key: _copy(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_copy(part) for part in value]
    return value
