"""The members of requests: what passes, what is refused, and in which words."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.runtime.errors import ValidationError
from hosting.runtime.members import (
    INVOKE,
    INVOKE_ASYNC,
    INVOKE_STREAM,
    Members,
    Operation,
    check_body,
    read_members,
)

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64)


def read_invocation(endpoint: str, headers: Iterable[tuple[bytes, bytes]]) -> Members:
    return read_members(INVOKE, endpoint, headers)


def message(endpoint: str, *headers: tuple[bytes, bytes], operation: Operation = INVOKE) -> str:
    with pytest.raises(ValidationError) as raised:
        read_members(operation, endpoint, headers)
    return raised.value.message


def test_only_members_reach_the_container() -> None:
    invocation = read_invocation(
        "risk",
        [
            (b"host", b"hosting:8002"),
            (b"authorization", b"AWS4-HMAC-SHA256 Credential=..."),
            (b"cookie", b"a=b"),
            (b"x-amz-date", b"20261122T000000Z"),
            (b"content-length", b"3"),
            (b"content-type", b"text/csv"),
            (b"accept", b"application/json"),
            (b"x-amzn-sagemaker-custom-attributes", b"explain=true"),
            (b"x-amzn-sagemaker-inference-id", b"42"),
            (b"x-amzn-sagemaker-unheard-of", b"1"),
        ],
    )
    assert invocation.endpoint_name == "risk"
    assert invocation.container_headers == {
        "Content-Type": "text/csv",
        "Accept": "application/json",
        "X-Amzn-SageMaker-Custom-Attributes": "explain=true",
        "X-Amzn-SageMaker-Inference-Id": "42",
    }


def test_a_target_variant_is_told_to_router_and_container() -> None:
    invocation = read_invocation("risk", [(b"x-amzn-sagemaker-target-variant", b"blue")])
    assert invocation.values == {"targetVariant": "blue"}
    assert invocation.container_headers == {"X-Amzn-SageMaker-Target-Variant": "blue"}


@given(
    st.dictionaries(
        st.sampled_from(
            [name for name in INVOKE.members if b"variant" not in name and b"hostname" not in name]
        ),
        VISIBLE,
    )
)
def test_a_value_passes_unchanged(headers: dict[bytes, str]) -> None:
    pairs = [(name, value.encode()) for name, value in headers.items()]
    passed = read_invocation("risk", pairs).container_headers
    assert {name.lower().encode(): value for name, value in passed.items()} == headers


@pytest.mark.parametrize("name", ["risk", "r", "Credit-Risk-2", "a--b", "a" * 63])
def test_good_endpoint_names(name: str) -> None:
    assert read_invocation(name, []).endpoint_name == name


@pytest.mark.parametrize("name", ["credit_risk", "-risk", "risk-", "", "r\u00efsk"])
def test_a_bad_endpoint_name_is_told_in_aws_words(name: str) -> None:
    assert message(name) == (
        f"1 validation error detected: Value '{name}' at 'endpointName' failed to satisfy"
        " constraint: Member must satisfy regular expression pattern:"
        " ^[a-zA-Z0-9](-*[a-zA-Z0-9])*"
    )


@pytest.mark.parametrize(
    ("header", "value", "problem"),
    [
        ("content-type", "a" * 1025, "'contentType' ... length less than or equal to 1024"),
        ("accept", "a" * 1025, "'accept' ... length less than or equal to 1024"),
        (
            "x-amzn-sagemaker-custom-attributes",
            "a" * 1025,
            "'customAttributes' ... length less than or equal to 1024",
        ),
        (
            "x-amzn-sagemaker-custom-attributes",
            "caf\u00e9",
            r"'customAttributes' ... satisfy regular expression pattern: \p{ASCII}*",
        ),
        (
            "x-amzn-sagemaker-inference-id",
            "a" * 65,
            "'inferenceId' ... length less than or equal to 64",
        ),
        (
            "x-amzn-sagemaker-inference-id",
            " a",
            r"'inferenceId' ... satisfy regular expression pattern: \A\S[\p{Print}]*\z",
        ),
        (
            "x-amzn-sagemaker-target-variant",
            "a" * 64,
            "'targetVariant' ... length less than or equal to 63",
        ),
        (
            "x-amzn-sagemaker-target-variant",
            "a_b",
            "'targetVariant' ... satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        ),
    ],
)
def test_a_broken_limit_is_told_in_aws_words(header: str, value: str, problem: str) -> None:
    member, constraint = problem.split(" ... ")
    # the service model marks this member sensitive: its value is not repeated
    shown = "Value" if member == "'customAttributes'" else f"Value '{value}'"
    assert message("risk", (header.encode(), value.encode("latin-1"))) == (
        f"1 validation error detected: {shown} at {member} failed to satisfy constraint:"
        f" Member must {'have ' if 'length' in constraint else ''}{constraint}"
    )


def test_all_broken_limits_are_told_at_once() -> None:
    text = message("risk", (b"accept", b"a" * 1025), (b"x-amzn-sagemaker-inference-id", b""))
    assert text.startswith("3 validation errors detected: Value 'aaa")
    assert "; Value '' at 'inferenceId' failed to satisfy constraint: Member must have length" in (
        text
    )


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("x-amzn-sagemaker-requestttlseconds", "'requestTTLSeconds' ... 60 21600"),
        ("x-amzn-sagemaker-invocationtimeoutseconds", "'invocationTimeoutSeconds' ... 1 3600"),
    ],
)
def test_a_number_keeps_its_limits(header: str, problem: str) -> None:
    member, _, limits = problem.partition(" ... ")
    least, most = map(int, limits.split())
    for value in (least, most):
        passed = read_members(INVOKE_ASYNC, "risk", [(header.encode(), str(value).encode())])
        assert list(passed.values.values()) == [str(value)]
        assert not passed.container_headers
    for text, constraint in (
        (str(least - 1), f"have value greater than or equal to {least}"),
        (str(most + 1), f"have value less than or equal to {most}"),
        ("ten", "be a whole number"),
        ("--5", "be a whole number"),
        ("9" * 5000, "be a whole number"),
    ):
        assert message("risk", (header.encode(), text.encode()), operation=INVOKE_ASYNC) == (
            f"1 validation error detected: Value '{text}' at {member} failed to satisfy"
            f" constraint: Member must {constraint}"
        )


def test_headers_of_other_operations_carry_the_same_members() -> None:
    headers = [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"x-amzn-sagemaker-content-type", b"text/csv"),
        (b"x-amzn-sagemaker-accept", b"text/plain"),
    ]
    assert read_members(INVOKE_ASYNC, "risk", headers).container_headers == {
        "Content-Type": "text/csv",
        "Accept": "text/plain",
    }
    assert read_members(INVOKE_STREAM, "risk", headers).container_headers == {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "text/plain",
    }


@pytest.mark.parametrize("operation", [INVOKE, INVOKE_STREAM])
def test_a_member_for_another_kind_of_endpoint_is_refused(operation: Operation) -> None:
    for header, (name, why) in operation.refused.items():
        text = message("risk", (header, b"x"), operation=operation)
        assert text == f"Endpoint risk {why} and does not support {name}."


def test_a_body_has_its_limit() -> None:
    check_body(3, 3, "4bf1")
    with pytest.raises(ValidationError) as raised:
        check_body(4, 3, "4bf1")
    assert raised.value.message == "Request 4bf1 has oversize body."
