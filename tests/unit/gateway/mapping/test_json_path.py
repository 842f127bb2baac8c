import pytest

from gateway.mapping.json_path import PathError, compiled, find

DOCUMENT = {"a": {"b": [{"c": 1}, {"c": 2}], "x-y": None, "é": ""}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", DOCUMENT),
        ("$.a.b[1].c", 2),
        ("$['a']['x-y']", None),
        ("$.a.é", ""),
        ("$.a.none", None),
        ("$.a.b[5]", None),
        # a path that may find several gives a list, however many there are
        ("$.a.b[*].c", [1, 2]),
        ("$..c", [1, 2]),
        ("$.a.b[?(@.c==2)].c", [2]),
        ("$.none[*]", []),
    ],
)
def test_a_path_finds_one_value_or_a_list(path: str, found: object) -> None:
    assert find(DOCUMENT, path) == found


@pytest.mark.parametrize("path", ["$.a[", "$..", "$.a.b.length()"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(PathError, match="is no JSONPath"):
        compiled(path)


def test_a_text_is_not_read_as_json_again() -> None:
    assert find('{"a": 1}', "$") == '{"a": 1}'
    assert find('{"a": 1}', "$.a") is None
