import airspeed
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping.java import JavaMap, JsonList, compact, from_json, text

VALUE = {"a": 1, "b": [{"c": True}], "d": {"e": None}}


def test_maps_print_as_java_s_and_lists_as_json() -> None:
    assert str(from_json(VALUE)) == '{a=1, b=[{"c":true}], d={e=null}}'
    assert str(from_json([VALUE])) == '[{"a":1,"b":[{"c":true}],"d":{"e":null}}]'


@pytest.mark.parametrize(("value", "printed"), [(None, "null"), (True, "true"), (1.5, "1.5")])
def test_values_print_as_velocity_s(value: object, printed: str) -> None:
    assert text(value) == printed


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
)


@given(JSON)
def test_json_stays_json(value: object) -> None:
    assert from_json(value) == value
    assert compact(from_json(value)) == compact(value)


def render(expression: str, **names: object) -> str:
    rendered: str = airspeed.Template(expression).merge(names)
    return rendered


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("$m.size() $m.isEmpty() $m.containsKey('a') $m.containsValue(3)", "2 false true false"),
        ("$m.keySet() $m.getOrDefault('z', 9) $m.toString()", '["a","b"] 9 {a=1, b=2}'),
        ("#foreach($e in $m.entrySet())$e.key=$e.value;#end", "a=1;b=2;"),
        ("$m.put('c', 3)$m.remove('a')$m", "1{b=2, c=3}"),
        ("$l.size() $l.get(1) $l.contains('x') $l.isEmpty() $l", '2 y true false ["x","y"]'),
        ("$l.add('z')$l.toString()", '["x","y","z"]'),
        ("$t.length() $t.toUpperCase() $t.toLowerCase() $t.trim()", "6  A B C  a b c A b C"),
        (
            "$t.contains('b') $t.startsWith(' ') $t.endsWith('C') $t.isEmpty()",
            "true true true false",
        ),
        ("$t.equals('x') $t.equalsIgnoreCase(' a B c') $t.indexOf('z')", "false true -1"),
        ("$t.concat('!') $t.substring(1, 2) $t.toString()", " A b C! A  A b C"),
        (r"$t.replaceAll('(\w) (\w)', '$2$1')", " bA C"),
        ("$t.matches('.*')", "true"),
    ],
)
def test_the_methods_of_java_s_types_are_there(expression: str, printed: str) -> None:
    names = {"m": JavaMap(a=1, b=2), "l": JsonList("xy"), "t": " A b C"}
    assert render(expression, **names) == printed
