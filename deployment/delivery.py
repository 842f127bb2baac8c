"""A deployment from beginning to end: packages, the stack of data, the stack of what runs."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from deployment import templates
from deployment.packages.archive import Package
from deployment.stack import Request
from deployment.templates import Upload
from deployment.undertaking import APP, DATA, Undertaking, release

_MISSING = {"404", "NoSuchKey", "NotFound"}


def deploy(deployment: Undertaking) -> dict[str, str]:
    """Put everything on AWS, or say that it is there; give the outputs of what runs.

    Raises:
        DeploymentError: something failed; what was there before is there as it was.
    """
    identity = deployment.clients.sts.get_caller_identity()
    deployment.say(f"account {identity['Account']} in {deployment.region}, as {identity['Arn']}")
    packages = deployment.packages()
    data = deployment.data
    changed = deployment.stack(DATA).put(
        Request(templates.text(data.path.name, data.body), takes_in=True)
    )
    bucket = deployment.stack(DATA).outputs()["ArtifactBucketName"]
    stack = deployment.stack(APP)
    body, uploads = application(deployment, packages, bucket)
    for upload in uploads:
        _upload(deployment, bucket, upload)
    changed |= stack.put(Request(body, parameters=_parameters(deployment, packages)))
    if not changed:
        deployment.say("everything is there already: nothing was changed")
    outputs = stack.outputs()
    deployment.say(f"the API: {outputs['ApiUrl']}")
    deployment.say(
        "its key: aws apigateway get-api-key --include-value --query value --output text"
        f" --api-key {outputs['ApiKeyId']}"
    )
    deployment.say("remove it all with: make destroy")
    return outputs


def application(
    deployment: Undertaking, packages: Mapping[str, Package], bucket: str
) -> tuple[str, list[Upload]]:
    """Give the template of what runs, and what has to be in the bucket for it.

    Raises:
        DeploymentError: the template names what is not there.
    """
    app = deployment.app
    code = {logical_id: templates.upload(one) for logical_id, one in packages.items()}
    files = {name: templates.included_file(app, name) for name in templates.included(app)}
    body = templates.placed(
        app,
        bucket,
        {logical_id: upload.key for logical_id, upload in code.items()},
        {name: upload.key for name, upload in files.items()},
    )
    return templates.text(app.path.name, body), [*code.values(), *files.values()]


def parameters(deployment: Undertaking, packages: Mapping[str, Package]) -> dict[str, str]:
    """Give the parameters that follow from settings and packages."""
    return {**deployment.settings.parameters, "Release": release(packages)}


def _parameters(deployment: Undertaking, packages: Mapping[str, Package]) -> dict[str, str | None]:
    """Give all parameters; whether there is a role for logs is asked before the first time only."""
    role: str | None = None
    if deployment.stack(APP).is_new():
        account = deployment.clients.apigateway.get_account()
        role = "leave" if account.get("cloudwatchRoleArn") else "create"
    return {**parameters(deployment, packages), "ApiLogRole": role}


def _upload(deployment: Undertaking, bucket: str, upload: Upload) -> None:
    """Put an object into the bucket, unless it is there: its key says what is in it."""
    s3 = deployment.clients.s3
    try:
        s3.head_object(Bucket=bucket, Key=upload.key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise
        s3.put_object(Bucket=bucket, Key=upload.key, Body=upload.content)
        deployment.say(f"uploaded s3://{bucket}/{upload.key}")
    else:
        deployment.say(f"there already: s3://{bucket}/{upload.key}")
