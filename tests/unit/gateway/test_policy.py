from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy import Decision, Policy, PolicyError, matches

ARN = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/things/1"


def statement(effect: str = "Allow", **members: object) -> dict[str, Any]:
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": ARN, **members}


def without(member: str, **members: object) -> dict[str, Any]:
    return {name: value for name, value in (statement() | members).items() if name != member}


def decide(*statements: dict[str, Any]) -> Decision:
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    return Policy.read(document).decide(ARN)


@pytest.mark.parametrize(
    "one",
    [
        statement(),
        statement(Resource=["arn:other", ARN]),
        statement(Resource="*"),
        statement(Resource="arn:aws:execute-api:*:123456789012:abc/v?/*/things/*"),
        statement(Action=["execute-api:*"]),
        statement(Action="*"),
        statement(Action="Execute-API:invoke"),
        without("Action", NotAction="execute-api:ManageConnections"),
        without("Resource", NotResource="arn:aws:execute-api:*:*:abc/v1/POST/*"),
    ],
)
def test_a_policy_allows(one: dict[str, Any]) -> None:
    assert decide(one) is Decision.ALLOW


@pytest.mark.parametrize(
    "one",
    [
        statement(Resource=ARN + "/2"),
        statement(Resource=ARN.upper()),
        statement(Action="s3:*"),
        without("Action", NotAction="execute-api:Invoke"),
        without("Resource", NotResource="*"),
    ],
)
def test_a_policy_does_not_allow(one: dict[str, Any]) -> None:
    assert decide(one) is Decision.NO_ALLOW


def test_a_deny_goes_before_every_allow() -> None:
    assert decide(statement(), statement("Deny", Resource="*")) is Decision.EXPLICIT_DENY


def test_a_policy_without_statements_allows_nothing() -> None:
    assert decide() is Decision.NO_ALLOW


def test_a_single_statement_needs_no_list() -> None:
    assert Policy.read({"Statement": statement()}).decide(ARN) is Decision.ALLOW


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "policyDocument has no Statement"),
        ({}, "policyDocument has no Statement"),
        ({"Statement": "x"}, "must be a list of objects"),
        ({"Statement": ["x"]}, "must be a list of objects"),
        ({"Statement": [statement("allow")]}, "Effect must be Allow or Deny"),
        ({"Statement": [without("Action")]}, "must have Action or NotAction"),
        ({"Statement": [statement(NotResource="*")]}, "must have Resource or NotResource"),
        ({"Statement": [statement(Resource=1)]}, "Resource must be a text or a list of texts"),
        ({"Statement": [statement(Action=[1])]}, "Action must be a text or a list of texts"),
        (
            {"Statement": [statement(Condition={"IpAddress": {}})]},
            "policyDocument.Statement.Condition: is not emulated",
        ),
    ],
)
def test_what_is_no_policy_is_refused(document: object, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy.read(document)


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-b-b-c-", False),
        ("*/GET/*", "x/GET/GET/y", True),
        ("a*bc*bc", "abc", False),
        ("a*?b", "ab", False),
        ("a*?b", "axxb", True),
        ("**", "", True),
        ("a.c", "abc", False),
        ("a*", "a\n", True),
    ],
)
def test_a_star_stands_for_any_characters(pattern: str, text: str, is_match: bool) -> None:
    assert matches(pattern, text) is is_match


def test_many_stars_take_no_time() -> None:
    # a policy that repeats the ARN of a call has what its caller wrote in the path
    assert not matches("*a" * 500 + "*b", "a" * 1500)


@given(st.text())
def test_a_text_matches_itself_and_a_star(text: str) -> None:
    plain = text.replace("*", "").replace("?", "")
    assert matches(plain, plain)
    assert matches("*", text)
    assert matches("?" * len(text), text)
