import json
from collections.abc import Callable

import pytest
import requests

from seed.render.request import Request
from tests.running_stack import RunningStack

Sample = Callable[..., Request]
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("path", "headers", "body", "status", "says"),
    [
        pytest.param("/applications/mobile", JSON, b'{"schema":', 400, "", id="broken JSON"),
        pytest.param("/applications/mobile", JSON, b"[1, 2]", 400, "", id="not an object"),
        pytest.param("/applications/mobile", JSON, b"\xff\xfe\x00", 400, "", id="not UTF-8"),
        pytest.param("/applications/mobile", JSON, b"", 400, "", id="empty body"),
        pytest.param("/applications/phone", JSON, b'{"Name": 7}', 400, "", id="wrong shape"),
        pytest.param(
            "/applications/mobile",
            {"Content-Type": "text/plain"},
            b"hello",
            415,
            "",
            id="wrong type",
        ),
        pytest.param("/applications/fax", JSON, b"{}", 403, "Authentication", id="unknown channel"),
        pytest.param(
            "/applications/mail", {"Content-Type": "text/csv"}, b"a;b\n1", 400, "", id="bad CSV"
        ),
        pytest.param(
            "/applications/webform",
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"age=old&amount=-5&term=0&price=NaN",
            400,
            "age",
            id="impossible answers",
        ),
        pytest.param("/applications/mobile", JSON, b"[" * 20_000, 400, "", id="deep nesting"),
        pytest.param(
            "/applications/webform", JSON, b'"' + b"x" * (11 << 20) + b'"', 413, "", id="huge"
        ),
    ],
)
def test_bad_input_gets_a_clear_error(
    stack: RunningStack, path: str, headers: dict[str, str], body: bytes, status: int, says: str
) -> None:
    answer = stack.post(Request(path, headers, body))
    assert answer.status_code == status, answer.text
    assert says in answer.text
    if answer.headers["Content-Type"].startswith("application/json"):
        assert answer.json()["message"]


def test_every_impossible_answer_is_named(stack: RunningStack, sample: Sample) -> None:
    request = sample("mobile")
    body = json.loads(request.body)
    body["application"] |= {"age": 200, "loanAmount": -1, "termMonths": 9000}
    body["application"]["monthlyIncome"] = "plenty"
    answer = stack.post(Request(request.path, request.headers, json.dumps(body).encode()))
    assert answer.status_code == 400
    errors = answer.json()["errors"]
    assert {"age", "income"} <= {error["field"] for error in errors}
    assert all(error["problem"] for error in errors)


@pytest.mark.parametrize("key", [None, "", "wrong", "riskstack-local-client-ke"])
def test_without_its_key_nobody_gets_in(stack: RunningStack, key: str | None) -> None:
    headers = {"Content-Type": "application/json"} | ({} if key is None else {"x-api-key": key})
    answer = requests.post(
        f"{stack.address.api}/applications/mobile", data=b"{}", headers=headers, timeout=30
    )
    assert answer.status_code == 403
    assert answer.json() == {"message": "Forbidden"}


def test_an_unknown_application_is_not_found(stack: RunningStack) -> None:
    answer = requests.get(
        f"{stack.address.api}/applications/app-nobody",
        headers={"x-api-key": stack.address.api_key},
        timeout=30,
    )
    assert answer.status_code == 404
    assert answer.json()["message"]
