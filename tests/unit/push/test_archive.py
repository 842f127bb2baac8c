import gzip
import hashlib
import io
import os
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from push.archive import pack
from push.problem import PushError

names = st.text("abc", min_size=1, max_size=3)
trees = st.dictionaries(st.tuples(names, names).map("/".join), st.binary(max_size=50), max_size=5)


@given(trees, st.binary(max_size=50))
def test_what_is_packed_comes_out_and_packs_to_the_same_bytes(
    tree: dict[str, bytes], model: bytes
) -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        files = tree | {"xgboost-model": model}
        # made in another order, at another time, with other rights
        for folder, order in ((one, sorted(files)), (other, sorted(files, reverse=True))):
            for name in order:
                path = Path(folder) / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(files[name])
        os.utime(Path(other) / "xgboost-model", (1, 1))
        (Path(other) / "xgboost-model").chmod(0o600)
        packed = pack(Path(one))
        assert pack(Path(other)) == packed
    assert packed.digest == f"sha256:{hashlib.sha256(packed.content).hexdigest()}"
    with tarfile.open(fileobj=io.BytesIO(packed.content)) as entries:
        found = {}
        for entry in entries:
            content = entries.extractfile(entry)
            assert content is not None
            found[entry.name] = content.read()
            assert (entry.mtime, entry.uid, entry.mode) == (0, 0, 0o644)
    assert found == files
    # the header has no time either (RFC 1952: MTIME is bytes 4 to 7)
    assert packed.content[4:8] == bytes(4)
    assert gzip.decompress(packed.content)


def test_a_folder_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / "xgboost-model").touch()
    with pytest.raises(PushError, match="`make model`"):
        pack(tmp_path)


def test_another_file_at_the_top_is_refused(model_folder: Path) -> None:
    (model_folder / "notes.txt").touch()
    with pytest.raises(PushError, match=r"notes\.txt beside xgboost-model"):
        pack(model_folder)
