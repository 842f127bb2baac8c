import json
import os
import signal
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

LayOut = Callable[[str, dict[str, str]], Path]

SMALL = "1,5,\n1,4,2\n0,1,\n0,2,3\n" * 3
QUICK = {"num_round": "2", "kfold": "2", "min_child_weight": "0"}


def run(base: Path) -> int:
    return job.run(Settings(base, "127.0.0.1", 8080, "INFO"))


def files(base: Path) -> dict[str, bytes]:
    return {
        path.relative_to(base).as_posix(): path.read_bytes()
        for folder in ("model", "output")
        for path in (base / folder).rglob("*")
        if path.is_file()
    }


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
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray((credit_job / "model" / "xgboost-model").read_bytes()))
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
    lines = [line for line in capsys.readouterr().out.splitlines() if line.endswith(";")]
    assert f"kfold_model_auc_mean={metrics['kfold']['model']['auc']['mean']};" in lines
    assert f"train_logloss={metrics['train']['logloss']};" in lines
    assert len(lines) == 2 * 4 * 2 + 1
    assert metrics["hyperparameters"]["lambda"] == 1
    assert metrics["importance"].keys() == {"f0", "f1"}


def test_the_folds_can_be_left_out(lay_out: LayOut, capsys: pytest.CaptureFixture[str]) -> None:
    base = lay_out(SMALL, QUICK | {"kfold": "0", "eval_metric": "auc"})

    assert run(base) == 0

    metrics = json.loads((base / "model" / "metadata" / "metrics.json").read_bytes())
    assert metrics["kfold"] == {}
    assert [line for line in capsys.readouterr().out.splitlines() if line[-1] == ";"] == [
        "train_auc=1.0;"
    ]


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"max_depth": "three"}, "max_depth: expected a whole number, found 'three'\n"),
        (
            {"monotone_constraints": "(1,0,0)"},
            "monotone_constraints: expected 2, one for each column, found 3\n",
        ),
        ({"feature_names": "a"}, "feature_names: expected 2, one for each column, found 1\n"),
        ({"kfold": "7"}, "kfold: expected at most 6, the rows of the rarer label, found 7\n"),
    ],
)
def test_a_failure_names_its_reason_and_leaves_no_model(
    lay_out: LayOut, hyperparameters: dict[str, str], reason: str
) -> None:
    base = lay_out(SMALL, QUICK | hyperparameters)

    assert run(base) == 1

    assert files(base) == {"output/failure": reason.encode()}


def test_an_unforeseen_failure_is_named_with_its_place(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise MemoryError("no room")

    monkeypatch.setattr(fit, "fit", fail)
    base = lay_out(SMALL, QUICK)

    assert run(base) == 1

    first, *rest = (base / "output" / "failure").read_text().splitlines()
    assert first == "MemoryError: no room"
    assert any("in fail" in line for line in rest)


def test_a_stop_leaves_its_reason_and_no_model(
    lay_out: LayOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> NoReturn:
        raise SystemExit(128 + signal.SIGTERM)

    monkeypatch.setattr(fit, "fit", stop)
    base = lay_out(SMALL, QUICK)

    with pytest.raises(SystemExit) as stopped:
        run(base)

    assert stopped.value.code == 143
    assert files(base) == {"output/failure": b"stopped by SIGTERM before the model was finished\n"}
