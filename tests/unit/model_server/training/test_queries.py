import pytest

from model_server.rows.errors import UnreadableRowsError
from model_server.training import queries


def test_each_row_has_its_query() -> None:
    found = queries.read(b"1 qid:1 0:2\n\n# of the next\n0 qid:1 0:3\n1 qid:7 0:1\n")

    assert found is not None
    assert found.tolist() == [1, 1, 7]


def test_rows_may_have_none() -> None:
    assert queries.read(b"1 0:2\n0 0:3\n") is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"1 qid:1 0:2\n0 0:3\n", "row 2: expected qid:number behind the label, as others"),
        (b"1 qid:x 0:2\n", "row 1: expected qid:number behind the label, as others"),
        (b"1 qid:2\n0\n", "row 2: expected qid:number behind the label, as others"),
        (b"1 qid:2\n1 qid:1\n", "row 2: expected the queries in rising order, found qid:1"),
        (b"1 qid:4294967296\n", "row 1: expected the queries in rising order"),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, message: str) -> None:
    with pytest.raises(UnreadableRowsError) as error:
        queries.read(body)

    assert str(error.value).startswith(message)
