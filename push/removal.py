"""Removes exactly what pushes have made for an endpoint: what carries their tag, and its images."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from push.remains import Removal, Target, in_ecr, in_iam, in_s3, in_sagemaker
from push.undertaking import Clients


def remove(target: Target, clients: Clients, say: Callable[[str], None], *, dry_run: bool) -> None:
    """Remove everything, or say what would be.

    Each thing is looked for when those before it are gone, so that a removal that stops half-way
    goes on where it is started again.

    Raises:
        PushError: an endpoint that no push made uses what pushes made.
    """
    found = 0
    for removal in _everything(target, clients):
        found += 1
        say(f"{'would remove' if dry_run else 'remove'} {removal.text}")
        if not dry_run:
            removal.remove()
    if not found:
        say("there is nothing that a push has made")
        return
    group = f"/aws/sagemaker/Endpoints/{target.endpoint}"
    say(f"its logs are SageMaker's and stay: `aws logs delete-log-group --log-group-name {group}`")


def _everything(target: Target, clients: Clients) -> Iterator[Removal]:
    """Give what is there, each behind what uses it."""
    configs = list(in_sagemaker.configs(target, clients.sagemaker))
    yield from in_sagemaker.endpoint(target, clients.sagemaker, {one.name for one in configs})
    yield from configs
    models = list(in_sagemaker.models(target, clients.sagemaker))
    buckets = {*target.buckets, *(urlsplit(one.data_url).netloc for one in models)}
    yield from models
    for bucket in sorted(buckets):
        yield from in_s3.objects(bucket, target, clients.s3)
    yield from in_ecr.images(target, clients.ecr)
    yield from in_iam.roles(target, clients.iam)
