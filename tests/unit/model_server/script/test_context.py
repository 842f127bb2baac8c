from pathlib import Path

import pytest

from model_server.script.context import Context

HEADERS = {"content-type": "text/csv", "x-amzn-sagemaker-inference-id": "7"}


@pytest.fixture
def context() -> Context:
    return Context(Path("/opt/ml/model"), HEADERS)


def test_the_request_is_known_as_multi_model_server_has_it(context: Context) -> None:
    assert context.system_properties["model_dir"] == "/opt/ml/model"
    assert context.get_request_header(0, "Content-Type") == "text/csv"
    assert context.get_request_header(0, "x-none") is None
    assert context.get_all_request_header(0) == HEADERS
    assert context.request_processor[0].get_request_properties() == HEADERS
    assert context.get_request_id() == "7"


def test_the_answer_takes_a_status_and_headers(context: Context) -> None:
    context.set_response_status(422, "Unprocessable")
    context.set_response_header(0, "X-Model", "a")
    context.set_response_content_type(0, "text/html")

    assert context.status == 422
    assert context.response_headers == {"x-model": "a"}
