"""A training job on the real data, laid out as SageMaker lays one out."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from model_server.training import hyperparameters as module
from model_server.training.hyperparameters import Hyperparameters
from riskstack.contract.application import Answers, Home, Job, Marital
from riskstack.contract.features import FEATURES, csv_row, vector

DATA = Path(__file__).parents[4] / "seed" / "data" / "credit_data.csv"
WORDS = {"priv": "private", "widow": "widowed", "partime": "part_time", "others": "other"}

HYPERPARAMETERS = {
    "objective": "binary:logistic",
    "num_round": "300",
    "max_depth": "3",
    "eta": "0.05",
    "min_child_weight": "20",
    "lambda": "10",
    "subsample": "0.8",
    "colsample_bytree": "0.6",
    "seed": "1",
    "monotone_constraints": f"({','.join(str(feature.risk) for feature in FEATURES)})",
    "feature_names": ",".join(feature.name for feature in FEATURES),
    "eval_metric": "auc,logloss",
}
RESOURCES = {
    "current_host": "algo-1",
    "hosts": ["algo-1"],
    "network_interface_name": "eth0",
}

T = TypeVar("T")
LayOut = Callable[..., Path]
Parse = Callable[..., Hyperparameters]


@pytest.fixture(scope="session")
def hyperparameters() -> dict[str, str]:
    return dict(HYPERPARAMETERS)


@pytest.fixture(scope="session")
def parsed() -> Parse:
    """Give what reads hyperparameters; one round of binary:logistic unless told otherwise."""

    def parsed(**values: str) -> Hyperparameters:
        return module.parse({"num_round": "1", "objective": "binary:logistic", **values})

    return parsed


@pytest.fixture(scope="session")
def credit() -> str:
    with DATA.open(newline="") as file:
        return "\n".join(_rows(csv.DictReader(file)))


def _rows(records: Iterator[dict[str, str]]) -> Iterator[str]:
    for record in records:
        answers = Answers(
            age=int(record["Age"]),
            marital=_word(Marital, record["Marital"]),
            home=_word(Home, record["Home"]),
            job=_word(Job, record["Job"]),
            seniority=int(record["Seniority"]),
            income=_number(record["Income"]),
            expenses=_number(record["Expenses"]),
            assets=_number(record["Assets"]),
            debt=_number(record["Debt"]),
            bad_record=record["Records"] == "yes",
            amount=_number(record["Amount"]),
            price=_number(record["Price"]),
            term=int(record["Time"]),
        )
        yield f"{int(record['Status'] == 'bad')},{csv_row(vector(answers))}"


def _word(kind: Callable[[str], T], text: str) -> T | None:
    return None if text in ("", "ignore") else kind(WORDS.get(text, text))


def _number(text: str) -> float | None:
    return float(text) if text else None


@pytest.fixture(scope="session")
def lay_out(tmp_path_factory: pytest.TempPathFactory) -> LayOut:
    """Give what makes the root of a job from the rows of its channels and hyperparameters."""

    def lay_out(
        rows: str,
        hyperparameters: dict[str, str],
        validation: str | None = None,
        content_type: str = "text/csv",
    ) -> Path:
        base = tmp_path_factory.mktemp("ml")
        channels = {"train": rows} | ({} if validation is None else {"validation": validation})
        configuration = base / "input" / "config"
        configuration.mkdir(parents=True)
        settings = {"TrainingInputMode": "File", "ContentType": content_type}
        for name, document in (
            ("hyperparameters", hyperparameters),
            ("inputdataconfig", dict.fromkeys(channels, settings)),
            ("resourceconfig", RESOURCES),
        ):
            (configuration / f"{name}.json").write_text(json.dumps(document))
        for name, content in channels.items():
            (base / "input" / "data" / name).mkdir(parents=True)
            (base / "input" / "data" / name / "part-0").write_text(content)
        return base

    return lay_out
