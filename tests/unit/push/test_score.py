import io

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from push.problem import PushError
from push.score import first_score
from riskstack.contract.features import csv_row, vector
from seed.samples import samples


def score(body: bytes) -> str:
    client = boto3.client("sagemaker-runtime", "eu-central-1")
    answer = {
        "Body": StreamingBody(io.BytesIO(body), len(body)),
        "ContentType": "application/json",
        "CustomAttributes": "model-version=abc",
    }
    request = {
        "EndpointName": "credit-risk",
        "ContentType": "text/csv",
        "Accept": "application/json",
        "CustomAttributes": "explain=contributions",
        "Body": f"{csv_row(vector(next(samples())))}\n",
    }
    with Stubber(client) as stub:
        stub.add_response("invoke_endpoint", answer, request)
        return first_score(client, "credit-risk", "/the/group")


def test_the_first_applicant_of_the_demonstration_is_scored() -> None:
    assert score(b'{"predictions": [{"score": 0.5}]}') == (
        "score of a sample applicant (Ada Adler, made up): 0.500000, by abc"
    )


def test_no_score_is_a_failure_with_a_place_to_look() -> None:
    with pytest.raises(PushError, match=r"holds no scores.*\n.*`aws logs tail /the/group`"):
        score(b"{}")
