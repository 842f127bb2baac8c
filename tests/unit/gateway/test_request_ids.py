import re
from uuid import UUID

import pytest

from gateway.request_ids import make

ROOT = "1-3152b799-8954dae64eda91bc9a23a7e8"
PARENT = "7fa8c0f79203be72"


def test_every_request_has_ids_of_its_own() -> None:
    first, second = make(None, None), make(None, None)
    assert str(UUID(first.request)) == first.request
    assert re.fullmatch(r"[A-Za-z0-9_-]{15}=", first.extended)
    assert first.request != second.request
    assert first.extended != second.extended
    assert first.trace != second.trace


@pytest.mark.parametrize("wish", [str(UUID(int=7)), str(UUID(int=2**127)).upper()])
def test_a_caller_may_choose_a_uuid(wish: str) -> None:
    assert make(wish, None).request == wish


@pytest.mark.parametrize("wish", ["", "mine", UUID(int=7).hex, "{" + str(UUID(int=7)) + "}"])
def test_another_choice_is_replaced_and_marked(wish: str) -> None:
    uuid, mark = make(wish, None).request[:36], make(wish, None).request[36:]
    assert str(UUID(uuid)) == uuid
    assert mark == "_REPLACED_INVALID_REQUEST_ID"


def test_a_trace_goes_on() -> None:
    whole = f"Root={ROOT};Parent={PARENT};Sampled=1"
    assert make(None, whole).trace == whole


def test_a_trace_without_a_parent_gets_one() -> None:
    trace = make(None, f"Root={ROOT}").trace
    assert re.fullmatch(rf"Root={ROOT};Parent=[0-9a-f]{{16}};Sampled=0", trace)


@pytest.mark.parametrize("header", [None, "", "nonsense", ";;="])
def test_without_a_trace_one_begins(header: str | None) -> None:
    trace = make(None, header).trace
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", trace)


def test_a_parent_without_a_root_is_sampled() -> None:
    trace = make(None, f"parent={PARENT}").trace
    assert re.fullmatch(rf"Root=1-\S+;Parent={PARENT};Sampled=1", trace)
