import base64
import hashlib
import io
import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deployment.packages import archive
from deployment.packages.archive import pack
from deployment.problem import DeploymentError

NAMES = st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}\.py", fullmatch=True)


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=8), st.randoms())
def test_the_same_files_are_the_same_bytes_in_any_order(
    files: dict[str, bytes], order: random.Random
) -> None:
    shuffled = list(files.items())
    order.shuffle(shuffled)
    package = pack("etl", files)
    assert pack("etl", dict(shuffled)).content == package.content
    with zipfile.ZipFile(io.BytesIO(package.content)) as unpacked:
        assert unpacked.namelist() == sorted(files)
        assert {name: unpacked.read(name) for name in unpacked.namelist()} == files
    assert package.size == sum(map(len, files.values()))


def test_an_entry_has_neither_a_time_nor_an_owner_of_its_own() -> None:
    with zipfile.ZipFile(io.BytesIO(pack("etl", {"a.py": b"x"}).content)) as unpacked:
        (entry,) = unpacked.infolist()
    assert entry.date_time == (1980, 1, 1, 0, 0, 0)
    # anybody may read it: Lambda runs a function as a user of its own (Lambda developer guide)
    assert entry.external_attr >> 16 == 0o100644
    assert entry.create_system == 3


def test_the_digest_is_lambdas_code_sha256() -> None:
    package = pack("etl", {"a.py": b"x"})
    digest = hashlib.sha256(package.content)
    assert package.digest == digest.hexdigest()
    assert base64.b64decode(package.code_sha256) == digest.digest()


@pytest.mark.parametrize(
    ("limit", "says"), [("LARGEST_ZIPPED", "bytes zipped"), ("LARGEST", "bytes unzipped")]
)
def test_a_package_that_is_too_large_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, says: str
) -> None:
    monkeypatch.setattr(archive, limit, 10)
    with pytest.raises(DeploymentError, match=f"package of etl has .* {says}, and at most 10"):
        pack("etl", {"a.py": b"x" * 100})
