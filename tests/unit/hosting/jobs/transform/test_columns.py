"""Columns of CSV rows, as DataProcessing's expressions choose them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hosting.jobs.transform.columns import Columns, ColumnsError, RowError, read_row, write_row

ROW = ["a", "b", "c", "d", "e", "f", "g"]
CELLS = st.lists(st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8")), min_size=1)


@pytest.mark.parametrize(
    ("expression", "cells"),
    [
        ("$", "abcdefg"),
        ("$[0]", "a"),
        ("$[-1]", "g"),
        ("$[1,3,5]", "bdf"),
        ("$[2, 0]", "ca"),
        ("$[1:]", "bcdefg"),
        # the example of OutputFilter (botocore, DataProcessing)
        ("$[0,5:]", "afg"),
        ("$[-2:]", "fg"),
    ],
)
def test_an_expression_chooses_columns(expression: str, cells: str) -> None:
    assert Columns.parse(expression).of(ROW) == list(cells)


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("$.id", "names no columns"),
        ("$['id']", "no index"),
        ("$[*]", "no index"),
        ("[1:]", "names no columns"),
        ("", "names no columns"),
        ("$[1][2]", "names no columns"),
        ("$[1:4]", "list the indexes"),
        ("$[:5]", "list the indexes"),
    ],
)
def test_another_expression_is_refused(expression: str, told: str) -> None:
    with pytest.raises(ColumnsError, match=told):
        Columns.parse(expression)


@pytest.mark.parametrize("expression", ["$[7]", "$[-8]", "$[7:]"])
def test_a_column_that_is_not_there_is_an_error(expression: str) -> None:
    # "If you specify indexes that aren't within the dimension size of the joined dataset, you get
    # an error" (botocore, DataProcessing)
    with pytest.raises(RowError, match="a row of 7 lacks"):
        Columns.parse(expression).of(ROW)


@given(CELLS)
def test_a_row_is_read_as_it_was_written(cells: list[str]) -> None:
    assert read_row(write_row(cells)) == cells


def test_a_row_keeps_the_text_of_its_cells() -> None:
    assert write_row(read_row(b'1.50,"a,b",,x\r')) == b'1.50,"a,b",,x'
    assert read_row(b"") == []


@pytest.mark.parametrize("line", [b'"a', b'"a"b', b"\xff"])
def test_a_line_that_is_no_csv_is_an_error(line: bytes) -> None:
    with pytest.raises(RowError, match="no CSV"):
        read_row(line)
