"""The commands of push: `python -m push [put|destroy] [--dry-run]`; the Makefile has both.

Reads the environment, and wires; which account and region is asked is the SDK's own business.
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

from push import declaration
from push.archive import Archive, pack
from push.delivery import deliver, explain, plan
from push.design import Design, Facts
from push.engine import Docker
from push.problem import PushError
from push.remains import Target
from push.removal import remove
from push.settings import Settings
from push.undertaking import Clients, Undertaking
from stack import model

if TYPE_CHECKING:
    from boto3.session import Session

ROOT = Path(__file__).resolve().parent.parent
DECLARATION = ROOT / "deploy" / "endpoint.yaml"
_NOT_TRAINED = Archive(content=b"", digest="<model>")
# the Price List answers in few regions (AWS Billing user guide, "Using the AWS Price List API")
_PRICING_REGION = "us-east-1"
_INTERRUPTED = 130


def main() -> int:
    """Run one command; give its exit status."""
    parser = argparse.ArgumentParser(prog="push", description=__doc__)
    parser.add_argument("command", choices=["put", "destroy"], nargs="?", default="put")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
    arguments = parser.parse_args()
    try:
        settings = Settings.from_environment(os.environ)
        session = boto3.session.Session()
        for name, url in _elsewhere(os.environ).items():
            _say(f"not AWS, but {url}: {name} is set")
        if arguments.command == "destroy":
            _destroy(settings, session, dry_run=arguments.dry_run)
        elif arguments.dry_run:
            archive = _packed() if model.is_current() else _NOT_TRAINED
            ask = session.get_credentials() is not None
            if archive is _NOT_TRAINED:
                _say("the model is not trained, or of other sources: `make model` comes first")
            if not ask:
                _say("no AWS credentials here: this is the plan alone, and AWS is not asked")
            plan(_undertaking(settings, session, archive), ask=ask)
        else:
            deliver(_undertaking(settings, session, _trained()))
    except (PushError, BotoCoreError, ClientError) as error:
        return _fail(error)
    except KeyboardInterrupt:
        _complain("interrupted; `make push-model DESTROY=1` removes everything that pushes made")
        return _INTERRUPTED
    return 0


def _destroy(settings: Settings, session: "Session", *, dry_run: bool) -> None:
    declared = declaration.read(DECLARATION)
    clients = _clients(session)
    account = clients.sts.get_caller_identity()["Account"]
    facts = Facts(region=_region(session), artifact_digest="<model>", account=account)
    # the bucket of the settings, and the one that is created without them
    buckets = tuple(
        dict.fromkeys(Design(declared, one, facts).bucket for one in (settings, Settings()))
    )
    target = Target(declared.endpoint_name, declared.config_name, tuple(declared.models), buckets)
    remove(target, clients, _say, dry_run=dry_run)


def _undertaking(settings: Settings, session: "Session", archive: Archive) -> Undertaking:
    region = _region(session)
    facts = Facts(
        region=region,
        artifact_digest=archive.digest,
        registry=f"<account>.dkr.ecr.{region}.amazonaws.com",
    )
    return Undertaking(
        design=Design(declaration.read(DECLARATION), settings, facts),
        archive=archive,
        clients=_clients(session),
        engine=Docker(ROOT),
        say=_say,
        sleep=time.sleep,
    )


def _clients(session: "Session") -> Clients:
    region = _region(session)
    return Clients(
        sts=session.client("sts", region_name=region),
        ecr=session.client("ecr", region_name=region),
        s3=session.client("s3", region_name=region),
        iam=session.client("iam", region_name=region),
        sagemaker=session.client("sagemaker", region_name=region),
        runtime=session.client("sagemaker-runtime", region_name=region),
        pricing=session.client("pricing", region_name=_PRICING_REGION),
    )


def _region(session: "Session") -> str:
    region = session.region_name
    if not region:
        raise PushError("no region: set AWS_DEFAULT_REGION, such as eu-central-1")
    return region


def _trained() -> Archive:
    if not model.is_current():
        raise PushError(
            "the model in build/model/ is missing, or was made from other sources than these: run"
            " `make model`, then push again"
        )
    return _packed()


def _packed() -> Archive:
    return pack(model.FOLDER / "model")


def _elsewhere(environ: Mapping[str, str]) -> dict[str, str]:
    """Give what leads the SDK to another place than AWS."""
    return {name: value for name, value in environ.items() if name.startswith("AWS_ENDPOINT_URL")}


def _fail(error: Exception) -> int:
    cause = error.__cause__
    if isinstance(cause, KeyboardInterrupt):
        _complain(str(error))
        return _INTERRUPTED
    expected = (PushError, BotoCoreError, ClientError, OSError)
    if cause is not None and not isinstance(cause, expected):
        traceback.print_exception(cause)
    _complain(explain(error))
    return 1


def _complain(text: str) -> None:
    print(f"riskstack: {text}", file=sys.stderr, flush=True)  # noqa: T201 - the command's output


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the command's output


if __name__ == "__main__":
    sys.exit(main())
