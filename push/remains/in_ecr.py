"""Images, and the repository that was created for them."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from push import mark
from push.design import IMAGE_TAG_PREFIX, REPOSITORY
from push.remains import Removal, Target

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient


def images(target: Target, ecr: "ECRClient") -> Iterator[Removal]:
    """Give the images with a push's tag, and the repository where a push created it."""
    try:
        (found,) = ecr.describe_repositories(repositoryNames=[REPOSITORY])["repositories"]
    except ecr.exceptions.RepositoryNotFoundException:
        return
    foreign = False
    for page in ecr.get_paginator("list_images").paginate(repositoryName=REPOSITORY):
        for image in page["imageIds"]:
            tag = image.get("imageTag", "")
            if not tag.startswith(IMAGE_TAG_PREFIX):
                foreign = True
                continue
            delete = partial(
                ecr.batch_delete_image, repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}]
            )
            yield Removal("image", f"{REPOSITORY}:{tag}", delete)
    tags = ecr.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    if not foreign and mark.is_on(tags, target.endpoint):
        yield Removal(
            "repository", REPOSITORY, partial(ecr.delete_repository, repositoryName=REPOSITORY)
        )
