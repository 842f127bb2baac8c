"""Model data: what each kind of URL leads to, and what is refused of it."""

import asyncio
import gzip
import hashlib
import io
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from hosting.fleet.fleet import FleetError
from hosting.fleet.model_data import ModelData
from tests.hosting_stand import DEADLINE_S
from tests.unit.hosting.fleet.fleets import no_s3

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@pytest.fixture
def s3(empty_aws: str) -> "S3Client":
    client = boto3.client("s3", endpoint_url=empty_aws, region_name="us-east-1")
    client.create_bucket(Bucket="models")
    return client


def lay(s3: "S3Client", url: str, folder: Path, size_limit: int = 10_000) -> dict[str, str]:
    """Lay a model into a folder, and give what is there then."""
    asyncio.run(ModelData(lambda: s3, size_limit).lay(url, folder))
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file()
    }


def archive(*members: tarfile.TarInfo | tuple[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member in members:
            if isinstance(member, tuple):
                info = tarfile.TarInfo(member[0])
                info.size = len(member[1])
                tar.addfile(info, io.BytesIO(member[1]))
            else:
                tar.addfile(member)
    return packed.getvalue()


def test_an_archive_is_unpacked(s3: "S3Client", tmp_path: Path) -> None:
    body = archive(("xgboost-model", b"trees"), ("code/inference.py", b"pass"))
    s3.put_object(Bucket="models", Key="credit/model.tar.gz", Body=body)
    laid = lay(s3, "s3://models/credit/model.tar.gz", tmp_path / "model")
    assert laid == {"xgboost-model": "trees", "code/inference.py": "pass"}


def test_a_prefix_is_downloaded_as_it_is(s3: "S3Client", tmp_path: Path) -> None:
    for key in ("credit/model/a", "credit/model/deep/b", "credit/model/deep/", "credit/other"):
        s3.put_object(Bucket="models", Key=key, Body=key.encode())
    laid = lay(s3, "s3://models/credit/model/", tmp_path / "model")
    assert laid == {"a": "credit/model/a", "deep/b": "credit/model/deep/b"}


def test_a_folder_is_copied(tmp_path: Path) -> None:
    (tmp_path / "my model" / "deep").mkdir(parents=True)
    (tmp_path / "my model" / "deep" / "a").write_text("1")
    data = ModelData(no_s3)
    asyncio.run(data.lay((tmp_path / "my model").as_uri(), tmp_path / "copy"))
    assert (tmp_path / "copy" / "deep" / "a").read_text() == "1"
    with pytest.raises(FleetError, match="none is no folder that hosting can read"):
        asyncio.run(data.lay((tmp_path / "none").as_uri(), tmp_path / "copy"))


def test_a_key_may_have_what_begins_a_query(s3: "S3Client", tmp_path: Path) -> None:
    s3.put_object(Bucket="models", Key="a?b#c.tar.gz", Body=archive(("model", b"trees")))
    assert lay(s3, "s3://models/a?b#c.tar.gz", tmp_path / "model") == {"model": "trees"}


def test_a_link_is_copied_as_one(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "secret").write_text("1")
    (tmp_path / "model" / "link").symlink_to("../secret")
    asyncio.run(ModelData(no_s3).lay((tmp_path / "model").as_uri(), tmp_path / "deep" / "copy"))
    assert (tmp_path / "deep" / "copy" / "link").is_symlink()


@pytest.mark.parametrize("key", ["none.tar.gz", "none/"])
def test_what_is_not_there_is_told(s3: "S3Client", tmp_path: Path, key: str) -> None:
    with pytest.raises(FleetError, match=f"s3://models/{key}"):
        lay(s3, f"s3://models/{key}", tmp_path / "model")


def test_the_words_of_a_failed_download_are_awss(s3: "S3Client", tmp_path: Path) -> None:
    with pytest.raises(FleetError) as raised:
        lay(s3, "s3://models/none.tar.gz", tmp_path / "model")
    # (aws-solutions-library-samples/fraud-detection-using-machine-learning #9)
    assert str(raised.value).startswith(
        'Failed to download model data from URL: "s3://models/none.tar.gz". Please ensure that'
        " there is an object located at the URL and that the role passed to CreateModel has"
        " permissions to download the object."
    )


def device() -> tarfile.TarInfo:
    info = tarfile.TarInfo("device")
    info.type = tarfile.CHRTYPE
    return info


def link(target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo("link")
    info.type = tarfile.SYMTYPE
    info.linkname = target
    return info


@pytest.mark.parametrize(
    "body",
    [
        b"no archive",
        gzip.compress(b"no archive"),
        archive(("model", b"trees"))[:-20],
        archive(("../outside", b"1")),
        archive(link("../../outside")),
        archive(device()),
    ],
    ids=["no archive", "zipped, no archive", "cut off", "outside", "link outside", "device"],
)
def test_a_bad_archive_lays_nothing_elsewhere(s3: "S3Client", tmp_path: Path, body: bytes) -> None:
    s3.put_object(Bucket="models", Key="model.tar.gz", Body=body)
    with pytest.raises(FleetError, match="Failed to extract model data archive"):
        lay(s3, "s3://models/model.tar.gz", tmp_path / "model")
    assert {each.name for each in tmp_path.iterdir()} == {"model"}


class OneObject:
    """As much of S3 as a download of its one object asks for; it is asked often."""

    def __init__(self) -> None:
        self.body = b""

    def head_object(self, **_: str) -> dict[str, int]:
        return {"ContentLength": len(self.body)}

    def download_fileobj(self, *arguments: Any, **_: object) -> None:  # noqa: ANN401 - boto3's
        arguments[-1].write(self.body)


def test_a_bit_that_has_changed_on_the_way_is_noticed(tmp_path: Path) -> None:
    trees = hashlib.sha512(b"trees").hexdigest()
    packed = archive(("model", trees.encode()))
    found = 0
    s3: Any = OneObject()
    for place in range(len(packed)):
        damaged = bytearray(packed)
        damaged[place] ^= 1 << place % 8
        s3.body = bytes(damaged)
        try:
            # some bits, such as those of gzip's own time, mean nothing to the content
            assert lay(s3, "s3://models/model.tar.gz", tmp_path / str(place)) == {"model": trees}
        except FleetError as error:
            assert str(error).startswith("Failed to extract model data archive")  # noqa: PT017 - both outcomes are right
            found += 1
    assert found > len(packed) - 10


def test_what_follows_an_archive_is_bounded_too(s3: "S3Client", tmp_path: Path) -> None:
    body = gzip.compress(gzip.decompress(archive(("model", b"trees"))) + bytes(20_000))
    s3.put_object(Bucket="models", Key="model.tar.gz", Body=body)
    with pytest.raises(FleetError, match="more than 10000 bytes"):
        lay(s3, "s3://models/model.tar.gz", tmp_path / "model")


@pytest.mark.parametrize("url", ["s3://models/model.tar.gz", "s3://models/large/", "file:"])
def test_when_it_is_cancelled_nothing_more_is_written(
    s3: "S3Client", tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    members = [(f"file-{number}", bytes(10)) for number in range(9)]
    s3.put_object(Bucket="models", Key="model.tar.gz", Body=archive(*members))
    (tmp_path / "source").mkdir()
    for name, content in members:
        s3.put_object(Bucket="models", Key=f"large/{name}", Body=content)
        (tmp_path / "source" / name).write_bytes(content)
    if url == "file:":
        url = (tmp_path / "source").as_uri()
    written = threading.Event()
    going = threading.Event()
    first, copied = tarfile.TarFile.extract, shutil.copy2
    downloaded = s3.download_file

    def held(write: Callable[..., object]) -> Callable[..., None]:
        def write_and_wait(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - passed on
            write(*arguments, **options)
            written.set()
            assert going.wait(DEADLINE_S)

        return write_and_wait

    monkeypatch.setattr(tarfile.TarFile, "extract", held(first))
    monkeypatch.setattr(shutil, "copy2", held(copied))
    monkeypatch.setattr(s3, "download_file", held(downloaded))

    async def scenario() -> None:
        laying = asyncio.create_task(ModelData(lambda: s3).lay(url, tmp_path / "model"))
        assert await asyncio.to_thread(written.wait, DEADLINE_S)
        laying.cancel()
        # the file that it is at is waited for
        await asyncio.sleep(0)
        assert not laying.done()
        going.set()
        with pytest.raises(asyncio.CancelledError):
            await laying
        assert len(list((tmp_path / "model").iterdir())) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("size", [400, 4000])
def test_a_model_that_is_too_large_is_refused(s3: "S3Client", tmp_path: Path, size: int) -> None:
    # packed it is small, unpacked it is not
    body = archive(("model", b"0" * 1000))
    s3.put_object(Bucket="models", Key="packed.tar.gz", Body=body)
    s3.put_object(Bucket="models", Key="large/model", Body=b"0" * 5000)
    too_large = "s3://models/packed.tar.gz" if size == 400 else "s3://models/large/"
    with pytest.raises(FleetError, match=f"more than {size} bytes"):
        lay(s3, too_large, tmp_path / "model", size)


def test_keys_that_are_no_paths_are_refused(s3: "S3Client", tmp_path: Path) -> None:
    s3.put_object(Bucket="models", Key="odd/a//b", Body=b"1")
    with pytest.raises(FleetError, match="odd/a//b is no path of a file"):
        lay(s3, "s3://models/odd/", tmp_path / "model")
