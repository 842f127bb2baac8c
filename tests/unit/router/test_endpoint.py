import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from riskstack.contract.application import Answers
from riskstack.contract.features import FEATURES, csv_row, vector
from router.endpoint import EndpointUnavailableError, RiskEndpoint

CONTRIBUTIONS = [0.5] * len(FEATURES)


class Client:
    """A runtime client that gives one answer, or raises it."""

    def __init__(self, body: bytes | Exception, content_type: str = "application/json") -> None:
        self._body = body
        self._content_type = content_type
        self.request: dict[str, Any] = {}

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - as the client's
        self.request = request
        if isinstance(self._body, Exception):
            raise self._body
        return {
            "Body": io.BytesIO(self._body),
            "ContentType": self._content_type,
            "InvokedProductionVariant": "AllTraffic",
        }


def endpoint(client: Any) -> RiskEndpoint:  # noqa: ANN401 - stands for a boto3 client
    return RiskEndpoint(client, "credit-risk")


@pytest.mark.parametrize(
    ("body", "content_type", "contributions"),
    [
        (
            json.dumps({"predictions": [{"score": 0.25, "contributions": CONTRIBUTIONS}]}).encode(),
            "application/json",
            CONTRIBUTIONS,
        ),
        (b'{"predictions": [{"score": 0.25}]}', "application/json", []),
        (b"[0.25]", "application/json", []),
        (b"0.25\n", "text/csv; charset=utf-8", []),
        (b"0.25", "text/csv", []),
    ],
)
def test_every_way_to_write_a_score(
    answers: Answers, body: bytes, content_type: str, contributions: list[float]
) -> None:
    (scored,) = endpoint(Client(body, content_type)).score([answers])
    assert (scored.score, list(scored.contributions)) == (0.25, contributions)
    assert scored.model_version == "AllTraffic"


def test_several_applicants_go_in_one_request(answers: Answers) -> None:
    client = Client(b"0.25,0.75", "text/csv")
    scores = endpoint(client).score([answers, Answers()])
    assert [scored.score for scored in scores] == [0.25, 0.75]
    assert client.request["Body"] == f"{csv_row(vector(answers))}\n{',' * (len(FEATURES) - 1)}\n"
    assert client.request["ContentType"] == "text/csv"
    assert client.request["CustomAttributes"] == "explain=contributions"


def test_the_container_names_its_model_version(answers: Answers) -> None:
    client: Any = Client(b"[0.25]")
    plain = client.invoke_endpoint
    client.invoke_endpoint = lambda **r: plain(**r) | {"CustomAttributes": "model-version=abc"}
    assert endpoint(client).score([answers])[0].model_version == "abc"


@pytest.mark.parametrize(
    "body",
    [
        ClientError({"Error": {"Code": "ModelError"}}, "InvokeEndpoint"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        b"{",
        b"{}",
        b"null",
        b'{"predictions": [{"label": 1}]}',
        b'{"predictions": [{"score": "high"}]}',
        b'{"predictions": [{"score": NaN}]}',
        b'{"predictions": [{"score": 1.5}]}',
        b'{"predictions": [{"score": null}]}',
        b"[0.25, 0.75]",
        b"[]",
    ],
)
def test_without_scores_the_application_waits(answers: Answers, body: bytes | Exception) -> None:
    with pytest.raises(EndpointUnavailableError, match="endpoint credit-risk"):
        endpoint(Client(body)).score([answers])
