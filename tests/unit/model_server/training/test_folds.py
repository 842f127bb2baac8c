import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from model_server.training.folds import stratified


@given(
    labels=st.lists(st.sampled_from([0.0, 1.0, 2.0]), min_size=10, max_size=80),
    folds=st.integers(2, 5),
    seed=st.integers(-9, 9),
)
def test_every_row_is_in_one_part_and_each_part_like_the_others(
    labels: list[float], folds: int, seed: int
) -> None:
    array = np.array(labels)
    parts = stratified(array, folds, seed)

    assert sorted(np.concatenate(parts).tolist()) == list(range(len(labels)))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    for label in set(labels):
        counts = [int((array[part] == label).sum()) for part in parts]
        assert max(counts) - min(counts) <= 1


def test_the_seed_alone_decides() -> None:
    labels = np.array([0.0, 1.0] * 30)

    def deal(seed: int) -> list[list[int]]:
        return [part.tolist() for part in stratified(labels, 3, seed)]

    assert deal(1) == deal(1)
    assert deal(1) != deal(2)
