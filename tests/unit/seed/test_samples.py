from itertools import islice

from riskstack.contract.application import REQUIRED, Answers
from seed.samples import name, samples


def test_every_row_is_a_sample_with_a_made_up_name() -> None:
    everyone = list(samples())
    assert len(everyone) == 4454
    first = Answers(
        full_name="Ada Adler",
        age=30,
        marital=everyone[0].marital,
        home=everyone[0].home,
        job=everyone[0].job,
        seniority=9,
        income=129.0,
        expenses=73.0,
        assets=0.0,
        debt=0.0,
        bad_record=False,
        amount=800.0,
        price=846.0,
        term=60,
    )
    assert everyone[0] == first
    assert all(
        getattr(answers, question) is not None for answers in everyone for question in REQUIRED
    )


def test_samples_are_the_same_every_time() -> None:
    assert list(islice(samples(), 50)) == list(islice(samples(), 50))


def test_names_differ_for_a_long_time() -> None:
    assert len({name(row) for row in range(1480)}) == 1480
    assert name(1480) == name(0)
