from pathlib import Path

import pytest

from model_server.serving.room import ModelNotFoundError, NoRoomError, Room


def room(base: Path, *, number: int | None = None, limit: int | None = None, used: int = 0) -> Room:
    return Room(base, number, limit, used_bytes=lambda: used)


def test_a_folder_under_the_base_is_a_models(tmp_path: Path) -> None:
    (tmp_path / "models" / "a" / "model").mkdir(parents=True)
    url = f"{tmp_path}/models/a/model"

    assert room(tmp_path).folder(url) == Path(url)


@pytest.mark.parametrize("url", ["{base}/none", "{base}/file", "/", "{base}/..", "relative", ""])
def test_anything_else_is_not_found(tmp_path: Path, url: str) -> None:
    base = tmp_path / "ml"
    base.mkdir()
    (base / "file").write_text("1")
    url = url.format(base=base)

    with pytest.raises(ModelNotFoundError) as error:
        room(base).folder(url)

    assert str(error.value) == f"Model not found in model store: {url}"


def test_a_number_of_models_is_the_limit(tmp_path: Path) -> None:
    room(tmp_path).check_number(10_000)
    room(tmp_path, number=2).check_number(1)
    with pytest.raises(NoRoomError, match="2 models are loaded, the limit is 2"):
        room(tmp_path, number=2).check_number(2)


def test_memory_must_hold_the_files_too(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "xgboost-model").write_bytes(b"1" * 300)
    (tmp_path / "code" / "inference.py").write_bytes(b"1" * 200)

    room(tmp_path, limit=None, used=10**9).check_memory(tmp_path)
    room(tmp_path, limit=1000, used=500).check_memory(tmp_path)
    room(tmp_path, limit=1000, used=1000).check_memory()
    with pytest.raises(NoRoomError, match="out of memory: 1001 bytes of 1000"):
        room(tmp_path, limit=1000, used=501).check_memory(tmp_path)
