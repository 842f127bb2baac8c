"""Start the console: `python -m console`."""

import os
from datetime import UTC, datetime

import boto3
import uvicorn
from aws_lambda_powertools import Logger
from botocore.config import Config
from botocore.exceptions import NoRegionError

from console.app import create_app
from console.desk import Desk
from console.settings import Settings, SettingsError
from console.store import Store
from riskstack.contract.record import Tables

# a page waits for DynamoDB no longer than its reader would; one connection for each worker thread
_SDK = Config(
    connect_timeout=2,
    read_timeout=5,
    max_pool_connections=40,
    retries={"mode": "standard", "total_max_attempts": 2},
)


def main() -> None:
    """Serve until told to stop.

    Raises:
        SystemExit: a variable is missing or is not what it must be.
    """
    try:
        settings = Settings.from_environment(os.environ)
        client = boto3.resource("dynamodb", config=_SDK).meta.client
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    except NoRegionError:
        raise SystemExit("set AWS_DEFAULT_REGION: the console cannot start without it") from None
    desk = Desk(
        Store(client, Tables(settings.applications_table, settings.audit_table)),
        lambda: datetime.now(UTC),
        Logger(service="console", level=settings.log_level),
    )
    uvicorn.run(
        create_app(desk, settings.allowed_hosts),
        host=settings.host,
        port=settings.port,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    main()
