import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import xgboost

from model_server.rows import from_csv
from model_server.settings import Settings
from model_server.training import fit, job
from riskstack.contract.features import FEATURES

LayOut = Callable[..., Path]

SMALL = "1,5,\n1,4,2\n0,1,\n0,2,3\n" * 3
QUICK = {
    "objective": "binary:logistic",
    "num_round": "2",
    "kfold": "2",
    "min_child_weight": "0",
}


def run(base: Path) -> int:
    return job.run(Settings(base, "127.0.0.1", 8080, "INFO"))


def files(base: Path) -> dict[str, bytes]:
    return {
        path.relative_to(base).as_posix(): path.read_bytes()
        for folder in ("model", "output")
        for path in (base / folder).rglob("*")
        if path.is_file()
    }


def load(path: Path) -> xgboost.Booster:
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(path.read_bytes()))
    return booster


def stop_after(lines: int) -> Callable[[str], None]:
    seen: list[str] = []

    def say(line: str) -> None:
        seen.append(line)
        if len(seen) == lines:
            raise SystemExit(143)

    return say


@pytest.fixture(scope="module")
def credit_job(credit: str, hyperparameters: dict[str, str], lay_out: LayOut) -> Path:
    base = lay_out(credit, hyperparameters)
    assert run(base) == 0
    return base


def test_the_model_is_good_enough_on_the_real_data(credit_job: Path) -> None:
    metrics = json.loads((credit_job / "model" / "metadata" / "metrics.json").read_bytes())
    model, logistic = metrics["kfold"]["model"], metrics["kfold"]["logistic"]

    assert (metrics["rows"], metrics["positives"]) == (4454, 1254)
    assert model["auc"]["mean"] >= 0.835
    assert model["auc"]["mean"] >= logistic["auc"]["mean"] - 0.01
    assert model["ece"]["mean"] <= 0.05


def test_no_risk_rises_when_a_constrained_feature_improves(credit_job: Path, credit: str) -> None:
    booster = load(credit_job / "model" / "xgboost-model")
    (*parts,) = from_csv.read(credit.encode(), 1 + len(FEATURES))
    rows = np.concatenate(parts)[:, 1:]
    before = booster.inplace_predict(rows, validate_features=False)

    for column, feature in enumerate(FEATURES):
        values = rows[:, column]
        for share in (0.1, 0.5) if feature.risk else ():
            better = rows.copy()
            better[:, column] -= feature.risk * share * (np.nanmax(values) - np.nanmin(values))
            after = booster.inplace_predict(better, validate_features=False)
            assert (after <= before).all(), feature.name


def test_another_process_writes_the_same_bytes(
    credit_job: Path, credit: str, hyperparameters: dict[str, str], lay_out: LayOut
) -> None:
    base = lay_out(credit, hyperparameters)
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-m", "model_server", "train"]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)

    assert files(base) == files(credit_job)


def test_files_lie_where_sagemaker_looks_for_them(
    lay_out: LayOut, capsys: pytest.CaptureFixture[str]
) -> None:
    base = lay_out(SMALL, QUICK)
    (base / "output").mkdir()
    (base / "output" / "failure").write_text("of an earlier run")

    assert run(base) == 0

    assert files(base).keys() == {
        "model/xgboost-model",
        "model/metadata/metrics.json",
        "output/data/report.html",
    }
    metrics = json.loads((base / "model" / "metadata" / "metrics.json").read_bytes())
    printed = capsys.readouterr().out.splitlines()
    lines = [line for line in printed if line.endswith(";")]
    assert [line[:22] for line in printed if line.startswith("[")] == [
        "[0]#011train-logloss:0",
        "[1]#011train-logloss:0",
    ]
    assert f"kfold_model_auc_mean={metrics['kfold']['model']['auc']['mean']};" in lines
    assert f"train_logloss={metrics['train']['logloss']};" in lines
    assert len(lines) == 2 * 4 * 2 + 1
    assert metrics["hyperparameters"]["objective"] == "binary:logistic"
    assert metrics["importance"].keys() == {"f0", "f1"}


def test_the_folds_can_be_left_out(lay_out: LayOut, capsys: pytest.CaptureFixture[str]) -> None:
    base = lay_out(SMALL, QUICK | {"kfold": "0", "eval_metric": "auc"})

    assert run(base) == 0

    metrics = json.loads((base / "model" / "metadata" / "metrics.json").read_bytes())
    assert metrics["kfold"] == {}
    assert [line for line in capsys.readouterr().out.splitlines() if line[-1] == ";"] == [
        "train_auc=1.0;"
    ]


def test_the_validation_channel_is_measured_and_ends_the_job(
    lay_out: LayOut, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = QUICK | {"num_round": "200", "eval_metric": "auc,logloss", "early_stopping_rounds": "2"}
    del asked["kfold"]
    base = lay_out(SMALL, asked, "1,1,\n1,5,2\n0,2,3\n0,3,1\n")

    assert run(base) == 0

    metrics = json.loads((base / "model" / "metadata" / "metrics.json").read_bytes())
    rounds = load(base / "model" / "xgboost-model").num_boosted_rounds()
    printed = capsys.readouterr().out.splitlines()
    assert rounds == metrics["rounds"]
    assert sum(line.startswith("[") for line in printed) == rounds + 2
    assert f"validation_auc={metrics['validation']['auc']};" in printed
    assert f"comparison_model_auc={metrics['validation']['auc']};" in printed
    assert b"on the channel <code>validation</code>" in files(base)["output/data/report.html"]


def test_folds_of_a_watched_job_have_as_many_rounds_as_its_model(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = []
    original = fit.fit

    def observed(*arguments: object) -> xgboost.Booster:
        fitted.append(original(*arguments))  # type: ignore[arg-type]  # what it was given
        return fitted[-1]

    monkeypatch.setattr(fit, "fit", observed)
    asked = QUICK | {"num_round": "200", "early_stopping_rounds": "2"}

    assert run(lay_out(SMALL, asked, "1,1,\n1,5,2\n0,2,3\n0,3,1\n")) == 0

    assert len(fitted) == 3
    assert len({booster.num_boosted_rounds() for booster in fitted}) == 1


def test_cross_validation_leaves_a_model_for_each_fold(
    lay_out: LayOut, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"objective": "reg:squarederror", "num_round": "2", "_kfold": "3"}
    base = lay_out(SMALL, asked, "0.5,1,2\n")

    assert run(base) == 0

    assert files(base).keys() == {
        "model/xgboost-model-0",
        "model/xgboost-model-1",
        "model/xgboost-model-2",
        "model/metadata/metrics.json",
        "output/data/predictions.csv",
    }
    assert len(files(base)["output/data/predictions.csv"].splitlines()) == 13
    printed = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("[2]#011train-rmse:") for line in printed) == 1
    assert any(line.startswith("cross_validation_validation_rmse_mean=") for line in printed)


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"max_depth": "three"}, "max_depth: expected a whole number, found 'three'\n"),
        (
            {"monotone_constraints": "(1,0,0)"},
            "monotone_constraints: expected 2, one for each column, found 3\n",
        ),
        ({"kfold": "7"}, "kfold: expected at most 6, the rows of the rarer label, found 7\n"),
        (
            {"early_stopping_rounds": "3"},
            "early_stopping_rounds: only with the channel validation, which is missing\n",
        ),
        (
            {"_tuning_objective_metric": "validation:auc"},
            "_tuning_objective_metric: only with the channel validation, which is missing\n",
        ),
    ],
)
def test_a_failure_names_its_reason_and_leaves_no_model(
    lay_out: LayOut, hyperparameters: dict[str, str], reason: str
) -> None:
    base = lay_out(SMALL, QUICK | hyperparameters)

    assert run(base) == 1

    assert files(base) == {"output/failure": reason.encode()}


def test_an_unforeseen_failure_is_named(lay_out: LayOut, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NoReturn:
        raise MemoryError("no room")

    monkeypatch.setattr(fit, "fit", fail)
    base = lay_out(SMALL, QUICK)

    assert run(base) == 1

    reason = (base / "output" / "failure").read_text()
    assert reason.startswith("an unforeseen error, not of the input: MemoryError: no room\n")


def test_a_stop_leaves_its_reason_and_no_model(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_say", stop_after(1))
    base = lay_out(SMALL, QUICK)

    with pytest.raises(SystemExit) as stopped:
        run(base)

    assert stopped.value.code == 143
    assert files(base) == {"output/failure": b"stopped by SIGTERM before the model was finished\n"}


def test_a_stop_may_leave_the_model_so_far(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_say", stop_after(3))
    base = lay_out(SMALL, QUICK | {"num_round": "9", "save_model_on_termination": "true"})

    assert run(base) == 0

    assert files(base).keys() == {"model/xgboost-model"}
    assert load(base / "model" / "xgboost-model").num_boosted_rounds() == 3


def test_a_stop_may_leave_the_folds_so_far(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_say", stop_after(4))
    asked = {"num_round": "3", "_kfold": "3", "save_model_on_termination": "true"}
    base = lay_out(SMALL, asked)

    assert run(base) == 0

    assert files(base).keys() == {"model/xgboost-model-0", "model/xgboost-model-1"}
    assert load(base / "model" / "xgboost-model-1").num_boosted_rounds() == 1


def test_a_stop_before_the_first_round_leaves_its_reason(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> NoReturn:
        raise SystemExit(143)

    monkeypatch.setattr(fit, "fit", stop)
    base = lay_out(SMALL, QUICK | {"save_model_on_termination": "true"})

    with pytest.raises(SystemExit):
        run(base)

    assert files(base).keys() == {"output/failure"}
