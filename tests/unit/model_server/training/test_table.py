import numpy as np

from model_server.training.table import Table, joined


def table(*labels: float, weights: list[float] | None = None, query: int | None = None) -> Table:
    return Table(
        np.array(labels, np.float32)[:, np.newaxis],
        np.array(labels, np.float32),
        None if weights is None else np.array(weights, np.float32),
        None if query is None else np.full(len(labels), query, np.uint32),
    )


def test_some_rows_are_taken() -> None:
    taken = table(1, 2, 3, weights=[4, 5, 6], query=1).take(np.array([0, 2]))

    assert (len(taken), taken.columns) == (2, 1)
    assert taken.labels.tolist() == taken.rows[:, 0].tolist() == [1, 3]
    assert taken.weights is not None
    assert taken.weights.tolist() == [4, 6]
    assert taken.queries is None
    assert table(1, 2).take(np.array([1])).weights is None


def test_tables_are_joined() -> None:
    both = joined([table(1, query=1), table(2, 3, weights=[5, 6], query=2)])

    assert both.labels.tolist() == [1, 2, 3]
    assert both.weights is not None
    assert both.weights.tolist() == [1, 5, 6]
    assert both.queries is not None
    assert both.queries.tolist() == [1, 2, 2]
    assert joined([table(1), table(2)]).weights is None
    assert joined([table(1, query=1), table(2)]).queries is None
