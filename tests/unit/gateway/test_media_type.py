import pytest

from gateway.media_type import BinaryMediaTypes, media_type


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("application/json", "application/json"),
        ("Application/JSON; charset=utf-8", "application/json"),
        ("text/csv ;header=present", "text/csv"),
        ("image/webp,image/png,*/*;q=0.8", "image/webp"),
    ],
)
def test_the_first_media_type_is_given_without_parameters(
    header: str | None, expected: str
) -> None:
    assert media_type(header) == expected


@pytest.mark.parametrize("header", [None, "", "text/plain", "*/*", "image/gif"])
def test_others_are_not_binary(header: str | None) -> None:
    assert not BinaryMediaTypes(["image/png", "audio/*", "*/zip"]).hold(header)


@pytest.mark.parametrize("header", [None, "", "text/plain", "*/*"])
def test_everything_can_be_binary(header: str | None) -> None:
    everything = BinaryMediaTypes(["*/*"])
    assert everything
    assert everything.hold(header)


def test_an_api_may_have_none() -> None:
    assert not BinaryMediaTypes()
    assert not BinaryMediaTypes().hold("image/png")
