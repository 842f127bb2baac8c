"""The settings of the local stack: .env, and before it the shell's variables."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"


# a shell's real account has no business in a local stack
_OWN_KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ACCOUNT_ID"}


class StackError(Exception):
    """Something on this machine keeps the stack from running; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every line of .env, by name."""

    values: Mapping[str, str]

    @classmethod
    def read(cls, file: Path = ROOT / ".env") -> "Settings":
        """Read the settings; a variable of the shell goes before its line in the file."""
        lines = {name: value or "" for name, value in dotenv_values(file).items()}
        shell = {name: os.environ[name] for name in lines.keys() & os.environ.keys() - _OWN_KEYS}
        return cls(lines | shell)

    @property
    def name(self) -> str:
        """The name of this stack, of several on one machine."""
        return self.values["STACK_NAME"]

    def url(self, service: str) -> str:
        """Give the address of a service on this machine, without a path."""
        return f"http://127.0.0.1:{self.values[f'{service.upper()}_PORT']}"

    def exports(self) -> dict[str, str]:
        """Give what a client on this machine needs: the SDK's variables, and the gateway's."""
        emulator = self.url("emulator")
        return {
            "AWS_DEFAULT_REGION": self.values["AWS_DEFAULT_REGION"],
            "AWS_ACCESS_KEY_ID": self.values["AWS_ACCESS_KEY_ID"],
            "AWS_SECRET_ACCESS_KEY": self.values["AWS_SECRET_ACCESS_KEY"],
            # a proxy cannot reach this machine's own services
            "NO_PROXY": "127.0.0.1,localhost",
            "AWS_ENDPOINT_URL": emulator,
            "AWS_ENDPOINT_URL_DYNAMODB": emulator,
            "AWS_ENDPOINT_URL_DYNAMODB_STREAMS": emulator,
            "AWS_ENDPOINT_URL_S3": emulator,
            "AWS_ENDPOINT_URL_SQS": emulator,
            "AWS_ENDPOINT_URL_LAMBDA": self.url("etl"),
            "AWS_ENDPOINT_URL_SAGEMAKER": self.url("hosting"),
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": self.url("hosting"),
            "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": self.url("hosting"),
            "RISKSTACK_URL": f"{self.url('gateway')}/{self.values['STAGE']}",
            "RISKSTACK_API_KEY": self.values["RISKSTACK_API_KEY"],
            "RISKSTACK_CONSOLE_URL": self.url("console"),
        }
