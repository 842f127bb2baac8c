"""A folder as an archive."""

import tarfile
from pathlib import Path

from hosting.jobs.training.archive import pack


def test_the_paths_in_an_archive_begin_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "model" / "metadata").mkdir(parents=True)
    (tmp_path / "model" / "xgboost-model").write_bytes(b"m")
    (tmp_path / "model" / "metadata" / "metrics.json").write_bytes(b"{}")
    archive = tmp_path / "model.tar.gz"
    assert pack(tmp_path / "model", archive)
    with tarfile.open(archive, "r:gz") as packed:
        assert packed.getnames() == ["metadata", "metadata/metrics.json", "xgboost-model"]


def test_of_nothing_there_is_no_archive(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("empty", "absent"):
        assert not pack(tmp_path / folder, tmp_path / "archive")
    assert not (tmp_path / "archive").exists()
