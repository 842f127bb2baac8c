"""The commands of a deployment: `python -m deployment [deploy|destroy] [--dry-run]`.

The Makefile has both. Reads the environment, and wires; which account and region is asked is the
SDK's own business.
"""

import argparse
import os
import sys
import time
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deployment.delivery import deploy
from deployment.faults import explain
from deployment.plan import plan
from deployment.problem import DeploymentError
from deployment.proof import prove
from deployment.removal import remove
from deployment.settings import Settings
from deployment.undertaking import Clients, Undertaking
from riskstack.emulator.template import TemplateError

if TYPE_CHECKING:
    from boto3.session import Session

ROOT = Path(__file__).resolve().parent.parent
_EXPECTED = (DeploymentError, TemplateError, BotoCoreError, ClientError)
_INTERRUPTED = 130
_SOME_REGION = "eu-central-1"


def main() -> int:
    """Run one command; give its exit status."""
    parser = argparse.ArgumentParser(prog="deployment", description=__doc__)
    parser.add_argument("command", choices=["deploy", "destroy"], nargs="?", default="deploy")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    arguments = parser.parse_args()
    try:
        session = boto3.session.Session()
        region = _region(session, dry_run=arguments.dry_run)
        deployment = _undertaking(Settings.from_environment(os.environ), session, region)
        for name, url in _elsewhere(os.environ).items():
            _say(f"not AWS, but {url}: {name} is set")
        if arguments.command == "destroy":
            remove(deployment, dry_run=arguments.dry_run)
        elif arguments.dry_run:
            plan(deployment)
        else:
            prove(deployment, deploy(deployment))
    except KeyboardInterrupt:
        _complain(
            "interrupted; CloudFormation goes on by itself: `make deploy` again says how it stands"
        )
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: told, with its trace
        if not isinstance(error, _EXPECTED):
            traceback.print_exception(error)
        _complain(explain(error))
        return 1
    return 0


def _region(session: "Session", *, dry_run: bool) -> str:
    if session.region_name:
        return session.region_name
    if not dry_run:
        raise DeploymentError(f"no region: set AWS_DEFAULT_REGION, such as {_SOME_REGION}")
    _say(f"no region is set: this is for {_SOME_REGION}")
    return _SOME_REGION


def _undertaking(settings: Settings, session: "Session", region: str) -> Undertaking:
    return Undertaking(
        root=ROOT,
        settings=settings,
        region=region,
        clients=Clients(
            sts=session.client("sts", region_name=region),
            cloudformation=session.client("cloudformation", region_name=region),
            apigateway=session.client("apigateway", region_name=region),
            s3=session.client("s3", region_name=region),
            dynamodb=session.client("dynamodb", region_name=region),
            sqs=session.client("sqs", region_name=region),
            sagemaker=session.client("sagemaker", region_name=region),
        ),
        say=_say,
        sleep=time.sleep,
    )


def _elsewhere(environ: Mapping[str, str]) -> dict[str, str]:
    """Give what leads the SDK to another place than AWS."""
    return {name: value for name, value in environ.items() if name.startswith("AWS_ENDPOINT_URL")}


def _complain(text: str) -> None:
    print(f"riskstack: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the command's output


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the command's output


if __name__ == "__main__":
    sys.exit(main())
