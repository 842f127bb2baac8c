"""What a deployment would create, said without an account: nobody is asked.

CloudFormation's transform of AWS::Serverless is SAM's translator, which is open: it shows here the
resources that AWS would make of deploy/app.yaml. Names that AWS gives are told as <LogicalId>.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from deployment import delivery, templates
from deployment.problem import DeploymentError
from deployment.undertaking import APP, DATA, Undertaking
from riskstack.emulator.physical import NAMES, pseudo_parameters
from riskstack.emulator.template import Resolver, Resource, Template

_NO_ACCOUNT = "<account>"
_NAMES = {**NAMES, "AWS::Lambda::Function": "FunctionName"}
_EMPTY = Template(Path(), {"Resources": {}})


@dataclass(frozen=True, slots=True)
class PlannedResources:
    """Tells what resources will be called, as far as the template says it."""

    pseudo: Mapping[str, str]

    def reference(self, resource: Resource) -> str:
        """Give a name that the template gives, or <LogicalId>."""
        # the reference of a queue is its URL
        if resource.kind == "AWS::SQS::Queue":
            return f"<{resource.logical_id}>"
        return self._property(resource, _NAMES.get(resource.kind)) or f"<{resource.logical_id}>"

    def attribute(self, resource: Resource, name: str) -> str:
        """Give a property of that name, or <LogicalId.Attribute>."""
        return self._property(resource, name) or f"<{resource.logical_id}.{name}>"

    def _property(self, resource: Resource, name: str | None) -> str | None:
        value = resource.properties.get(name or "")
        return None if value is None else str(Resolver(_EMPTY, self, self.pseudo).resolve(value))


def plan(deployment: Undertaking) -> None:
    """Say what would be created, resource by resource.

    Raises:
        DeploymentError: a package cannot be built, or SAM does not take the template.
        TemplateError: a parameter is not allowed, or something in a template is not known.
    """
    pseudo = pseudo_parameters(deployment.region, _NO_ACCOUNT)
    packages = deployment.packages()
    data = Resolver(deployment.data, PlannedResources(pseudo), pseudo)
    bucket = data.resolve(deployment.data.export("riskstack-artifacts"))
    _say_stack(deployment, DATA, deployment.data, data)
    body, uploads = delivery.application(deployment, packages, bucket)
    for upload in uploads:
        deployment.say(f"upload s3://{bucket}/{upload.key}, {len(upload.content):,} bytes")
    parameters = {**delivery.parameters(deployment, packages), "ApiLogRole": "create"}
    template = without_includes(transformed(body, parameters, deployment.region))
    app = Resolver(template, PlannedResources(pseudo), pseudo, imports=data, parameters=parameters)
    _say_stack(deployment, APP, template, app)
    deployment.say(
        "ApiLogRole is create where API Gateway has no role for its logs, leave elsewhere"
    )
    deployment.say("nothing was changed")


def transformed(body: str, parameters: Mapping[str, str], region: str) -> Template:
    """Do what CloudFormation's transform of AWS::Serverless does.

    Raises:
        DeploymentError: SAM does not take the template.
    """
    # it tells of features that are switched on for AWS alone
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    # the session says nothing but the region
    session = boto3.session.Session(region_name=region)
    translator = Translator({}, Parser(), boto_session=session)
    try:
        translated = translator.translate(yaml.safe_load(body), dict(parameters))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise DeploymentError(f"SAM does not take deploy/app.yaml: {causes}") from error
    return Template(Path("deploy/app.yaml"), translated)


def without_includes(template: Template) -> Template:
    """Give a template with the names of what it includes in place of that."""
    return Template(template.path, _without_includes(template.body))


def _without_includes(value: Any) -> Any:  # noqa: ANN401 - a template holds any value
    """Give a template with the name of what it includes in place of it."""
    match value:
        case {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}:
            return f"<what is in {location}>"
        case dict():
            return {key: _without_includes(part) for key, part in value.items()}
        case list():
            return [_without_includes(part) for part in value]
    return value


def _say_stack(deployment: Undertaking, name: str, template: Template, resolver: Resolver) -> None:
    resources = [one for one in template.resources() if resolver.stands(one)]
    deployment.say(f"stack {name}: {len(resources)} resources")
    for resource in resources:
        deployment.say(f"+ {resource.kind} {resource.logical_id}")
        for line in _lines(resolver.resolve(dict(resource.properties))):
            deployment.say(f"    {line}")


def _lines(properties: Mapping[str, Any]) -> Iterator[str]:
    if properties:
        yield from templates.written(properties).splitlines()
