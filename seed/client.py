"""A client of the API, as a channel's own backend would be, and a scripted auditor."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from seed.render.request import Request

TIMEOUT = 30.0
"""Seconds: the gateway's own limit is 29."""


class RefusedError(Exception):
    """The API or the console refused a request; the text is its answer."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the API is, what opens it, and where the auditor works."""

    api: str
    api_key: str
    console: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Address":
        """Read what `make env` prints.

        Raises:
            SystemExit: a variable is missing.
        """
        try:
            return cls(
                environ["RISKSTACK_URL"],
                environ["RISKSTACK_API_KEY"],
                environ["RISKSTACK_CONSOLE_URL"],
            )
        except KeyError as error:
            raise SystemExit(f'{error.args[0]} is not set: eval "$(make -s env)"') from None


class Client:
    """One connection to the API; each thread has its own."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._session = requests.Session()
        self._session.headers["x-api-key"] = address.api_key
        # what the API could not do now it does later; the same submission twice is one application
        again = Retry(
            total=6,
            backoff_factor=0.3,
            status_forcelist=(502, 503, 504),
            allowed_methods=None,
            raise_on_status=False,
        )
        self._session.mount("http://", HTTPAdapter(max_retries=again))
        self._session.mount("https://", HTTPAdapter(max_retries=again))

    def submit(self, request: Request) -> dict[str, Any]:
        """Send an application; give the answer, of a batch the one of its first document.

        Raises:
            RefusedError: the API did not accept it.
        """
        answer = self._session.post(
            self._address.api + request.path,
            data=request.body,
            headers=dict(request.headers),
            timeout=TIMEOUT,
        )
        body = _accepted(answer).json()
        first: dict[str, Any] = body["applications"][0] if "applications" in body else body
        if "application_id" not in first:
            raise RefusedError(f"POST {request.path}: {answer.text}")
        return first

    def status(self, application_id: str) -> dict[str, Any]:
        """Give where an application stands.

        Raises:
            RefusedError: the API does not know it.
        """
        url = f"{self._address.api}/applications/{application_id}"
        status: dict[str, Any] = _accepted(self._session.get(url, timeout=TIMEOUT)).json()
        return status


class Auditor:
    """An auditor who fills in the console's forms."""

    def __init__(self, address: Address, name: str) -> None:
        self._console = address.console
        self._session = requests.Session()
        self._post("/sign-in", {"name": name})

    def decide(self, status: Mapping[str, Any], decision: str, note: str) -> None:
        """Claim an application and decide it, on the version that `status` shows.

        Raises:
            RefusedError: somebody else was first.
        """
        path = f"/applications/{status['application_id']}"
        version = int(status["version"])
        self._post(f"{path}/claim", {"version": str(version)})
        form = {"version": str(version + 1), "decision": decision, "note": note}
        self._post(f"{path}/decision", form)

    def _post(self, path: str, form: Mapping[str, str]) -> None:
        _accepted(self._session.post(self._console + path, data=dict(form), timeout=TIMEOUT))


def _accepted(answer: requests.Response) -> requests.Response:
    if not answer.ok:
        raise RefusedError(
            f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text}"
        )
    return answer
