from pathlib import Path

import pytest

from model_server.training.output import write


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "folder" / "file"
    write(path, b"first")

    def fail(_path: Path, _target: Path) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(SystemExit):
        write(path, b"second")

    assert path.read_bytes() == b"first"
