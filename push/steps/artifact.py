"""The packed model, in S3."""

from botocore.exceptions import ClientError

from push import mark
from push.run import Finding
from push.steps.bucket import NOT_FOUND
from push.undertaking import Undertaking


class Artifact:
    """model.tar.gz under a key that holds its digest."""

    makes = True

    def __init__(self, push: Undertaking) -> None:
        self._push = push
        self._s3 = push.clients.s3
        self._version: str | None = None
        self._made = False

    @property
    def text(self) -> str:
        """Where it goes."""
        return f"model {self._push.design.artifact_url}"

    def look(self) -> Finding:
        """Ask for the key: what is under it has this digest."""
        design = self._push.design
        try:
            self._s3.head_object(Bucket=design.bucket, Key=design.artifact_key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_FOUND:
                raise
            return Finding(done=False, note="missing: is put there")
        return Finding(done=True, note="there already")

    def do(self) -> None:
        """Put it there."""
        design = self._push.design
        answer = self._s3.put_object(
            Bucket=design.bucket,
            Key=design.artifact_key,
            Body=self._push.archive.content,
            ContentType="application/gzip",
            Tagging=mark.as_query(design.endpoint_name),
        )
        self._made = True
        self._version = answer.get("VersionId")

    def undo(self) -> None:
        """Delete it, in a bucket with versions this very one."""
        design = self._push.design
        if self._made:
            version = {"VersionId": self._version} if self._version else {}
            self._s3.delete_object(Bucket=design.bucket, Key=design.artifact_key, **version)  # type: ignore[arg-type] # as a request takes it
