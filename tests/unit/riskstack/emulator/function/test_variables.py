import pytest

from riskstack.emulator.function.variables import LARGEST, RESERVED, check
from riskstack.emulator.template import TemplateError


def test_values_become_text() -> None:
    given = {"NUMBER": 42, "FLAG": True, "TEXT": "é"}
    assert check("f", given) == {"NUMBER": "42", "FLAG": "true", "TEXT": "é"}


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_a_reserved_name_is_refused_in_awss_words(name: str) -> None:
    with pytest.raises(TemplateError) as refusal:
        check("f", {name: "x", "OTHER": "x"})
    assert str(refusal.value) == (
        "f: Lambda was unable to configure your environment variables because the environment "
        "variables you have provided contains reserved keys that are currently not supported for "
        f"modification. Reserved keys used in this request: {name}"
    )


@pytest.mark.parametrize("name", ["A", "1A", "_A", "A-B", ""])
def test_a_malformed_name_is_refused(name: str) -> None:
    with pytest.raises(TemplateError, match="must begin with a letter"):
        check("f", {name: "x"})


def test_four_kilobytes_are_the_most() -> None:
    # {"KEY":"..."} is 10 bytes around the value
    fits = "x" * (LARGEST - 10)
    assert check("f", {"KEY": fits}) == {"KEY": fits}
    with pytest.raises(TemplateError) as refusal:
        check("f", {"KEY": f"{fits}x"})
    assert str(refusal.value) == (
        "f: Lambda was unable to configure your environment variables because the environment "
        "variables you have provided exceeded the 4KB limit. String measured: "
        f'{{"KEY":"{fits}x"}}'
    )
