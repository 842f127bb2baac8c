"""What every job works with."""

from dataclasses import dataclass
from pathlib import Path

from aws_lambda_powertools import Logger

from hosting.control.api_errors import InvalidRequestError
from hosting.control.registry import Registry
from hosting.fleet.fleet import Fleet
from hosting.jobs.location import Location
from hosting.jobs.objects import Objects, ObjectsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """Documents, the fleet, S3, and a folder for files while jobs run."""

    registry: Registry
    fleet: Fleet
    objects: Objects
    folder: Path
    """Files of jobs, gone when they end. Containers get folders below it as /opt/ml."""
    log: Logger

    async def check_input(self, location: Location, role: str | None = None) -> None:
        """Check that there is something to read. Raises InvalidRequestError with AWS's words.

        The words: aws/amazon-sagemaker-examples #2489 (training), #2414 (transform).
        """
        try:
            found = bool(await self.objects.keys(location))
        except ObjectsError:
            found = False
        if not found:
            region = self.registry.owner.region
            asker = f'the role "{role}"' if role else "hosting"
            raise InvalidRequestError(
                f'No S3 objects found under S3 URL "{location.uri}" given in input data source. '
                f"Please ensure that the bucket exists in the selected region ({region}), "
                f"that objects exist under that S3 prefix, and that {asker} has "
                f'"s3:ListBucket" permissions on bucket "{location.bucket}".'
            )
