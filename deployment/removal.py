"""Removes what deployments have made: both stacks, and what was uploaded for them.

What a template keeps (DeletionPolicy: Retain) stays unless everything is to go.
"""

from collections.abc import Sequence

from deployment.kept import Kept, kept
from deployment.stack import Stack
from deployment.undertaking import APP, DATA, Undertaking

_UPLOADED = ("api/", "functions/")
"""What the keys begin with of what deployments put into the bucket."""
_LOG_ROLE = "ApiGatewayLogRole"


def remove(deployment: Undertaking, *, dry_run: bool) -> None:
    """Remove everything, or say what would be.

    Raises:
        DeploymentError: a stack cannot be deleted.
    """
    account = deployment.clients.sts.get_caller_identity()["Account"]
    deployment.say(f"account {account} in {deployment.region}")
    remains = list(kept(deployment.data, deployment.region, account, deployment.clients))
    stacks = [
        stack
        for stack in (deployment.stack(APP), deployment.stack(DATA))
        if stack.described() is not None
    ]
    if not stacks and not remains:
        deployment.say("there is nothing that a deployment has made")
    for stack in stacks:
        deployment.say(f"{'would ' if dry_run else ''}delete the stack {stack.name}")
        if not dry_run:
            _prepare(deployment, stack, remains)
            stack.remove()
    for one in remains:
        _finish(deployment, one, dry_run=dry_run)


def _prepare(deployment: Undertaking, stack: Stack, remains: Sequence[Kept]) -> None:
    """Do what has to be done while a stack is there."""
    if stack.name == APP:
        _give_back_log_role(deployment, stack)
        return
    for one in remains:
        if one.kind == "AWS::S3::Bucket":
            for prefix in _UPLOADED:
                _empty(deployment, one.name, prefix)


def _finish(deployment: Undertaking, one: Kept, *, dry_run: bool) -> None:
    """Delete what outlives its stack, if everything is to go, and say so."""
    would = "would " if dry_run else ""
    if not deployment.settings.everything:
        deployment.say(f"{would}keep {one.kind} {one.name}: ALL=1 deletes it, too")
        return
    deployment.say(f"{would}delete {one.kind} {one.name}, with what is in it")
    if not dry_run:
        if one.kind == "AWS::S3::Bucket":
            _empty(deployment, one.name, "")
        one.delete()


def _empty(deployment: Undertaking, bucket: str, prefix: str) -> None:
    """Delete what is in a bucket below a prefix, every version of it."""
    pages = deployment.clients.s3.get_paginator("list_object_versions")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix):
        for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            key, number = version["Key"], version["VersionId"]
            deployment.say(f"delete s3://{bucket}/{key}")
            deployment.clients.s3.delete_object(Bucket=bucket, Key=key, VersionId=number)


def _give_back_log_role(deployment: Undertaking, stack: Stack) -> None:
    """Take the stack's role out of API Gateway's settings, which would name it when it is gone."""
    pages = deployment.clients.cloudformation.get_paginator("list_stack_resources")
    roles = {
        found.get("PhysicalResourceId")
        for page in pages.paginate(StackName=stack.name)
        for found in page["StackResourceSummaries"]
        if found["LogicalResourceId"] == _LOG_ROLE
    }
    api_gateway = deployment.clients.apigateway
    named = api_gateway.get_account().get("cloudwatchRoleArn") or ""
    if named.rpartition("/")[2] in roles:
        deployment.say("take the role for logs out of API Gateway's settings")
        api_gateway.update_account(
            patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": ""}]
        )
