"""Places in S3, and the names of what lies below them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.jobs.location import Location, LocationError

NAMES = st.text("abc.-_ é", min_size=1).filter(lambda name: name not in {".", ".."})


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("s3://bucket/a/b.csv", Location("bucket", "a/b.csv")),
        ("s3://bucket/a/", Location("bucket", "a/")),
        ("s3://bucket", Location("bucket", "")),
        ("s3://bucket/a?b#c", Location("bucket", "a?b#c")),
    ],
)
def test_a_uri_is_read(uri: str, location: Location) -> None:
    assert Location.parse(uri) == location


@pytest.mark.parametrize("uri", ["https://bucket/a", "s3:///a", "bucket/a"])
def test_another_uri_is_refused(uri: str) -> None:
    with pytest.raises(LocationError, match="give s3://bucket/prefix"):
        Location.parse(uri)


def test_the_uri_of_a_place_is_what_was_read() -> None:
    assert Location.parse("s3://bucket/a/b").uri == "s3://bucket/a/b"


@pytest.mark.parametrize("prefix", ["out", "out/"])
def test_below_is_as_below_a_folder(prefix: str) -> None:
    assert Location("b", prefix).below("job", "output").uri == "s3://b/out/job/output"
    assert Location("b", "").below("job").uri == "s3://b/job"


@pytest.mark.parametrize(
    ("prefix", "key", "name"),
    [
        ("data/train/", "data/train/a.csv", "a.csv"),
        ("data/train", "data/train/more/a.csv", "more/a.csv"),
        ("data/train.csv", "data/train.csv", "train.csv"),
        ("data/tr", "data/train.csv", "train.csv"),
        ("", "data/train.csv", "data/train.csv"),
    ],
)
def test_a_key_has_a_name_below_its_prefix(prefix: str, key: str, name: str) -> None:
    assert Location("b", prefix).name_of(key) == name


@pytest.mark.parametrize("key", ["a/../../b", "a/..", "a//b", "a/./b", "a//"])
def test_a_key_that_is_no_path_is_refused(key: str) -> None:
    with pytest.raises(LocationError, match="no path of a file"):
        Location("b", "a/").name_of(key)


@given(folder=NAMES, steps=st.lists(NAMES, min_size=1, max_size=3))
def test_a_name_below_a_folder_leads_to_the_key(folder: str, steps: list[str]) -> None:
    location = Location("b", f"{folder}/")
    name = "/".join(steps)
    assert location.name_of(location.below(name).prefix) == name
