from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskstack.contract.application import Answers, Home, Job, Marital
from riskstack.contract.features import FEATURES, csv_row, vector


def test_names_are_unique_and_in_one_order() -> None:
    names = [feature.name for feature in FEATURES]
    assert len(set(names)) == len(names)
    assert names[:10] == [
        "seniority",
        "term",
        "age",
        "expenses",
        "income",
        "assets",
        "debt",
        "amount",
        "price",
        "bad_record",
    ]


def test_vector_is_numeric_and_one_hot(answers: Answers) -> None:
    values = dict(zip((f.name for f in FEATURES), vector(answers), strict=True))
    assert values["seniority"] == 9.0
    assert values["bad_record"] == 0.0
    assert [values[f"home={home}"] for home in Home] == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert sum(values[f"marital={marital}"] or 0 for marital in Marital) == 1.0
    assert sum(values[f"job={job}"] or 0 for job in Job) == 1.0


def test_no_answer_is_an_empty_cell() -> None:
    assert set(vector(Answers())) == {None}
    assert csv_row(vector(Answers())) == "," * (len(FEATURES) - 1)


@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=1))
def test_csv_row_keeps_ten_digits(values: list[float | None]) -> None:
    cells = csv_row(values).split(",")
    for cell, value in zip(cells, values, strict=True):
        if value is None:
            assert cell == ""
        else:
            assert float(cell) == pytest.approx(value, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("seniority", 0.0, "Years in the present job: 0"),
        ("seniority", None, "Years in the present job not stated"),
        ("amount", 12500.0, "Amount asked for: 12,500"),
        ("home=rent", 1.0, "Lives in a rented home"),
        ("home=owner", 0.0, "Does not apply: lives in an own home"),
        ("job=fixed", None, "Job not stated"),
        ("bad_record", 1.0, "An earlier loan went bad"),
        ("bad_record", 0.0, "No earlier loan went bad"),
        ("bad_record", None, "Earlier loans not stated"),
    ],
)
def test_sentences(name: str, value: float | None, sentence: str) -> None:
    (feature,) = (feature for feature in FEATURES if feature.name == name)
    assert feature.sentence(value) == sentence


def test_every_directed_feature_follows_its_answer(answers: Answers) -> None:
    for feature in FEATURES:
        if feature.risk and feature.name != "bad_record":
            one: Any = {feature.name: 1}
            two: Any = {feature.name: 2}
            low, high = replace(answers, **one), replace(answers, **two)
            assert (feature.value(low) or 0) < (feature.value(high) or 0)
