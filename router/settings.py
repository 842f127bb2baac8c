"""What the router function is told by its environment (deploy/app.yaml)."""

from collections.abc import Mapping
from dataclasses import dataclass

from riskstack.contract.record import Tables


class MissingSettingError(RuntimeError):
    """A variable is not set: add it to the function's Environment in deploy/app.yaml."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The resources that the function uses, by name, and how many features it gives as reasons."""

    tables: Tables
    failure_queue_url: str
    endpoint: str
    model_reasons: int

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            MissingSettingError: a variable is not set.
        """
        try:
            return cls(
                tables=Tables(environ["APPLICATIONS_TABLE"], environ["AUDIT_TABLE"]),
                failure_queue_url=environ["FAILURE_QUEUE_URL"],
                endpoint=environ["RISK_ENDPOINT"],
                model_reasons=int(environ["MODEL_REASONS"]),
            )
        except KeyError as error:
            raise MissingSettingError(f"{error.args[0]} is not set; see deploy/app.yaml") from None
