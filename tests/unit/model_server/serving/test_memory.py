from pathlib import Path

import pytest

from model_server.serving import memory


def test_what_is_used_grows_with_what_is_held() -> None:
    before = memory.used_bytes()

    held = bytearray(b"1" * 50_000_000)

    assert memory.used_bytes() - before > 25_000_000
    del held


def test_the_container_has_a_limit_and_uses_less() -> None:
    limit = memory.limit_bytes()

    assert limit is not None
    assert 0 < memory.used_bytes() < limit


@pytest.mark.parametrize("texts", [["1000000"], ["max", "1000000"], ["max"], []])
def test_the_smallest_limit_counts(
    texts: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / str(number) for number in range(2)]
    for path, text in zip(paths, texts, strict=False):
        path.write_text(f"{text}\n")
    machine = memory.limit_bytes()
    assert machine is not None
    monkeypatch.setattr(memory, "_LIMITS", tuple(paths))

    limit = memory.limit_bytes()

    assert limit is not None
    assert (limit == 1_000_000) == ("1000000" in texts)
    if "1000000" not in texts:
        assert limit >= machine


def test_freed_memory_is_given_back() -> None:
    held = [bytearray(1000) for _ in range(100_000)]
    full = memory.used_bytes()

    del held
    memory.give_back()

    assert memory.used_bytes() < full
