"""`train` from outside: files in, files out, what it prints, how it ends.

Facts: SageMaker developer guide, "How Amazon SageMaker AI provides training information" and "How
Amazon SageMaker AI processes training output" (AWS-training); "XGBoost hyperparameters"
(AWS-xgboost); AWS's XGBoost image, aws/sagemaker-xgboost-container, each with its file (XGB).
"""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import xgboost
from arro3.core import Array, DataType, Table
from arro3.io import write_parquet

from model_server.rows import record, recordio
from model_server.settings import Settings
from model_server.training import job, metric_names
from model_server.training.formats import FORMATS
from model_server.training.objectives import OBJECTIVES
from model_server.training.parameter_table import ALIASES, READERS, REFUSED

ROOT = Path(__file__).parents[2]
DEADLINE = 60
CSV = "1,5,1\n1,4,2\n0,1,1\n0,2,3\n" * 5
RESOURCES = {"current_host": "algo-1", "hosts": ["algo-1"], "network_interface_name": "eth0"}
NUMBER = r"([-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?).*"


@dataclass(frozen=True)
class Ended:
    """What a job left."""

    base: Path
    code: int
    printed: str

    @property
    def reason(self) -> str:
        return (self.base / "output" / "failure").read_text()

    @property
    def model(self) -> xgboost.Booster:
        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(bytearray((self.base / "model" / "xgboost-model").read_bytes()))
        return booster


def lay_out(
    base: Path,
    hyperparameters: Mapping[str, str],
    train: str | bytes = CSV,
    validation: str | bytes | None = None,
    **settings: str,
) -> None:
    channels = {"train": train} | ({} if validation is None else {"validation": validation})
    channel = {"TrainingInputMode": "File", "ContentType": "text/csv"} | settings
    documents: dict[str, object] = {
        "hyperparameters": {"num_round": "3", **hyperparameters},
        "inputdataconfig": dict.fromkeys(channels, channel),
        "resourceconfig": RESOURCES,
    }
    (base / "input" / "config").mkdir(parents=True)
    for name, document in documents.items():
        (base / "input" / "config" / f"{name}.json").write_text(json.dumps(document))
    for name, content in channels.items():
        folder = base / "input" / "data" / name
        folder.mkdir(parents=True)
        (folder / "part").write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def started(base: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "model_server", "train"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def run_as_process(base: Path) -> Ended:
    with started(base) as process:
        printed, _ = process.communicate(timeout=DEADLINE)
        return Ended(base, process.returncode, printed)


def run(base: Path) -> Ended:
    """Run a job in this process, which is faster by what XGBoost takes to be imported."""
    printed = StringIO()
    with redirect_stdout(printed):
        code = job.run(Settings(base, "127.0.0.1", 8080, "INFO"))
    return Ended(base, code, printed.getvalue())


def test_metrics_are_printed_as_sagemakers_expressions_look_for_them(tmp_path: Path) -> None:
    """XGB metrics.py; the form with NUMBER: DescribeTrainingJob of a job of the algorithm."""
    lay_out(tmp_path, {"objective": "binary:logistic", "eval_metric": "auc,f1,logloss"}, CSV, CSV)

    ended = run_as_process(tmp_path)

    assert ended.code == 0
    # XGB's own expression takes the rest of the line, so it reads what stands last
    last = r".*\[[0-9]+\].*#011validation-f1:(\S+)"
    numbers = (
        rf".*\[[0-9]+\].*#011{channel}-{name}:{NUMBER}"
        for channel in ("train", "validation")
        for name in ("auc", "logloss", "f1")
    )
    for expression in (last, *numbers):
        found = [
            float(match[1])
            for line in ended.printed.splitlines()
            if (match := re.match(expression, line))
        ]
        assert len(found) == 3, expression
    assert re.search(r"^\[2\]#011train-auc:\d\.\d{5}#011", ended.printed, re.MULTILINE)


def test_the_model_is_one_file_at_the_top(tmp_path: Path) -> None:
    """AWS-training: /opt/ml/model is the artifact; XGB xgb_constants.py: its name."""
    lay_out(tmp_path, {})

    ended = run(tmp_path)

    assert ended.code == 0
    assert [path.name for path in (tmp_path / "model").iterdir() if path.is_file()] == [
        "xgboost-model"
    ]
    assert ended.model.num_boosted_rounds() == 3
    assert not (tmp_path / "output" / "failure").exists()


def libsvm() -> bytes:
    return b"1 0:5 1:1\n1 0:4 1:2\n0 0:1 1:1\n0 0:2 1:3\n" * 5


def parquet() -> bytes:
    columns: npt.NDArray[np.float64] = np.array(
        [[float(cell) for cell in row.split(",")] for row in CSV.splitlines()]
    ).T
    file = BytesIO()
    write_parquet(
        Table.from_pydict(
            {
                str(index): Array(column.tolist(), type=DataType.float64())
                for index, column in enumerate(columns)
            }
        ),
        file,
    )
    return file.getvalue()


def protobuf() -> bytes:
    body = b""
    for row in CSV.splitlines():
        label, *cells = (float(cell) for cell in row.split(","))
        each = record.new()
        each.features["values"].float32_tensor.values.extend(cells)
        each.label["values"].float32_tensor.values.append(label)
        body += recordio.frame(each.SerializeToString())
    return body


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("csv", CSV.encode()),
        ("text/csv", CSV.encode()),
        ("libsvm", libsvm()),
        ("text/libsvm", libsvm()),
        ("text/x-libsvm", libsvm()),
        ("parquet", parquet()),
        ("application/x-parquet", parquet()),
        ("recordio-protobuf", protobuf()),
        ("application/x-recordio-protobuf", protobuf()),
        ("text/csv; label_size=1", CSV.encode()),
    ],
)
def test_every_format_gives_the_same_model(tmp_path: Path, content_type: str, body: bytes) -> None:
    """AWS-xgboost; XGB data_utils.py."""
    lay_out(tmp_path / "csv", {"seed": "3", "subsample": "0.5"})
    lay_out(tmp_path / "other", {"seed": "3", "subsample": "0.5"}, body, ContentType=content_type)

    first, second = run(tmp_path / "csv"), run(tmp_path / "other")

    assert (first.code, second.code) == (0, 0), second.printed
    assert first.model.save_raw() == second.model.save_raw()


def test_content_types_are_those_of_awss_image() -> None:
    """XGB data_utils.py, VALID_CONTENT_TYPES; content_types of sagemaker-containers."""
    assert FORMATS.keys() == {
        *("csv", "libsvm", "parquet", "recordio-protobuf"),
        *("text/csv", "text/libsvm", "text/x-libsvm"),
        *("application/x-parquet", "application/x-recordio-protobuf"),
    }


def test_a_channel_without_a_content_type_is_libsvm(tmp_path: Path) -> None:
    """XGB channel_validation.py, set_default_content_type."""
    lay_out(tmp_path, {}, libsvm())
    path = tmp_path / "input" / "config" / "inputdataconfig.json"
    path.write_text(json.dumps({"train": {"TrainingInputMode": "FastFile"}}))

    assert run(tmp_path).code == 0


def test_every_hyperparameter_of_awss_image_is_known_by_name() -> None:
    """XGB hyperparameter_validation.py, all that it declares, and its aliases."""
    declared = """num_round csv_weights early_stopping_rounds booster verbosity nthread eta gamma
    max_depth min_child_weight max_delta_step subsample colsample_bytree colsample_bylevel
    colsample_bynode lambda alpha tree_method sketch_eps scale_pos_weight updater dsplit
    refresh_leaf process_type grow_policy max_leaves max_bin predictor monotone_constraints
    interaction_constraints sample_type normalize_type rate_drop one_drop skip_drop lambda_bias
    tweedie_variance_power objective num_class base_score _kfold _num_cv_round
    _tuning_objective_metric eval_metric seed num_parallel_tree save_model_on_termination
    aft_loss_distribution aft_loss_distribution_scale deterministic_histogram sampling_method
    prob_buffer_row use_dask_gpu_training"""

    assert set(declared.split()) <= READERS.keys() | REFUSED.keys()
    assert ALIASES == {
        "learning_rate": "eta",
        "min_split_loss": "gamma",
        "reg_lambda": "lambda",
        "reg_alpha": "alpha",
    }


def test_every_objective_and_metric_of_awss_image_is_known() -> None:
    """XGB hyperparameter_validation.py and xgb_constants.py; survival:aft is refused by name."""
    assert set(OBJECTIVES) | {"survival:aft"} == {
        *("binary:logistic", "binary:logitraw", "binary:hinge"),
        *("count:poisson", "multi:softmax", "multi:softprob"),
        *("rank:pairwise", "rank:ndcg", "rank:map"),
        *("reg:linear", "reg:squarederror", "reg:logistic", "reg:gamma", "reg:tweedie"),
        *("reg:pseudohubererror", "reg:squaredlogerror", "reg:absoluteerror"),
        *("survival:aft", "survival:cox"),
    }
    maximised = """accuracy auc aucpr balanced_accuracy f1 f1_binary f1_macro map ndcg precision r2
    recall precision_macro precision_micro recall_macro recall_micro"""
    minimised = """aft-nloglik cox-nloglik error gamma-deviance gamma-nloglik
    interval-regression-accuracy logloss mae mape merror mlogloss mphe mse poisson-nloglik rmse
    rmsle tweedie-nloglik"""
    assert set(maximised.split()) == metric_names.MAXIMISED
    assert {*metric_names.AWS, *metric_names.REFUSED} == {*maximised.split(), *minimised.split()}


@pytest.mark.parametrize(
    ("hyperparameters", "reason"),
    [
        ({"max_dept": "3"}, "max_dept: unknown hyperparameter, is it max_depth?"),
        ({"tree_method": "gpu_hist"}, "tree_method: expected auto or exact or approx or hist"),
        ({"use_dask_gpu_training": "true"}, "use_dask_gpu_training: expected false (true needs"),
        ({"objective": "multi:softmax"}, "num_class: missing, multi:softmax needs it"),
        ({"eval_metric": "auc"}, "eval_metric: auc only with binary: and rank: objectives"),
        ({"early_stopping_rounds": "3"}, "early_stopping_rounds: only with the channel validation"),
    ],
)
def test_a_wrong_hyperparameter_is_named(
    tmp_path: Path, hyperparameters: dict[str, str], reason: str
) -> None:
    lay_out(tmp_path, hyperparameters)

    ended = run(tmp_path)

    assert ended.code == 1
    assert ended.reason.startswith(reason)


def test_a_failed_job_says_why_in_1024_characters(tmp_path: Path) -> None:
    """AWS-training: the first 1,024 characters of the file become the FailureReason."""
    lay_out(tmp_path, {f"unknown_{number}": "x" * 200 for number in range(40)})

    ended = run_as_process(tmp_path)

    assert ended.code == 1
    assert len(ended.reason) <= 1024
    assert re.search(r"\nand \d+ more lines, in the log\n$", ended.reason)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"TrainingInputMode": "Pipe"}, "TrainingInputMode 'Pipe' is not supported"),
        ({"ContentType": "application/json"}, "ContentType 'application/json' is not supported"),
    ],
)
def test_what_is_not_emulated_is_refused_by_name(
    tmp_path: Path, settings: dict[str, str], reason: str
) -> None:
    """AWS's image no longer reads pipes either (XGB data_utils.py)."""
    lay_out(tmp_path, {}, **settings)

    ended = run(tmp_path)

    assert ended.code == 1
    assert reason in ended.reason


def test_several_hosts_are_refused(tmp_path: Path) -> None:
    lay_out(tmp_path, {})
    resources = RESOURCES | {"hosts": ["algo-1", "algo-2"]}
    (tmp_path / "input" / "config" / "resourceconfig.json").write_text(json.dumps(resources))

    assert run(tmp_path).reason.startswith("resourceconfig.json: expected one host")


def test_early_stopping_saves_the_best_rounds(tmp_path: Path) -> None:
    """XGB callback.py: EarlyStopping on `validation` with the last eval_metric, save_best."""
    upside_down = CSV.replace("1,5,", "0,5,")
    lay_out(
        tmp_path,
        {
            "objective": "binary:logistic",
            "num_round": "50",
            "early_stopping_rounds": "4",
            "eval_metric": "auc,logloss",
        },
        CSV,
        upside_down,
    )

    ended = run(tmp_path)

    shown = [float(score) for score in re.findall(r"validation-logloss:(\S+)", ended.printed)]
    best = int(np.argmin(shown))
    assert ended.model.num_boosted_rounds() == best + 1
    assert len(shown) == best + 1 + 4
    assert ended.model.attr("best_iteration") == str(best)


def test_checkpoints_are_kept_and_gone_on_from(tmp_path: Path) -> None:
    """XGB checkpointing.py: xgboost-checkpoint.N, from 0; the newest five; on with N + 1."""
    lay_out(tmp_path, {"num_round": "8"})
    checkpoints = tmp_path / "checkpoints"
    (tmp_path / "input" / "config" / "checkpointconfig.json").write_text(
        json.dumps({"LocalPath": "/opt/ml/checkpoints"})
    )
    whole = run(tmp_path)
    for number in (6, 7):
        (checkpoints / f"xgboost-checkpoint.{number}").unlink()

    resumed = run(tmp_path)

    assert [line[:3] for line in resumed.printed.splitlines() if line[0] == "["] == ["[6]", "[7]"]
    assert resumed.model.save_raw() == whole.model.save_raw()
    assert sorted(path.name for path in checkpoints.iterdir()) == [
        f"xgboost-checkpoint.{number}" for number in (3, 4, 5, 6, 7)
    ]


def test_kfold_leaves_a_model_for_each_fold_and_the_predictions(tmp_path: Path) -> None:
    """XGB train.py (xgboost-model-N), prediction_utils.py (label, probability, class)."""
    lay_out(tmp_path, {"objective": "binary:logistic", "_kfold": "2", "_num_cv_round": "2"})

    ended = run(tmp_path)

    assert ended.code == 0
    names = sorted(path.name for path in (tmp_path / "model").iterdir() if path.is_file())
    assert names == [f"xgboost-model-{number}" for number in range(4)]
    rows = (tmp_path / "output" / "data" / "predictions.csv").read_text().splitlines()
    assert len(rows) == 20
    assert all(re.fullmatch(r"[01]\.0{6},0\.\d{6},[01]\.0{6}", row) for row in rows)


def test_weights_stand_in_the_second_column(tmp_path: Path) -> None:
    """AWS-xgboost, csv_weights: the column after the label."""
    weighted = CSV.replace("1,5,", "1,0,5,").replace("1,4,", "1,3,4,")
    weighted = weighted.replace("0,1,1", "0,1,1,1").replace("0,2,3", "0,1,2,3")
    kept = (("1,4,2\n" * 3 + "0,1,1\n0,2,3\n") * 5).encode()
    settings = {"csv_weights": "1", "base_score": "0.5", "min_child_weight": "0"}
    lay_out(tmp_path / "weighted", settings, weighted)
    lay_out(tmp_path / "repeated", settings | {"csv_weights": "0"}, kept)

    first, second = run(tmp_path / "weighted"), run(tmp_path / "repeated")

    row = xgboost.DMatrix(np.array([[4.0, 2.0], [1.0, 1.0]]), nthread=1)
    assert first.model.predict(row) == pytest.approx(second.model.predict(row), abs=1e-6)


def stopped(base: Path) -> Ended:
    """Stop a job after its first rounds, as `docker stop` does."""
    with started(base) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("[2]"):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=DEADLINE)
        return Ended(base, process.returncode, printed)


def test_a_stop_leaves_the_model_so_far_where_it_is_asked_for(tmp_path: Path) -> None:
    """XGB checkpointing.py, SaveIntermediateModel; callback.py, add_sigterm_handler: code 0."""
    lay_out(tmp_path, {"num_round": "1000000", "save_model_on_termination": "true"})

    ended = stopped(tmp_path)

    assert ended.code == 0
    assert ended.model.num_boosted_rounds() >= 3
    assert not (tmp_path / "output" / "failure").exists()


def test_a_stop_leaves_no_model_otherwise(tmp_path: Path) -> None:
    """XGB test_early_stopping.py: no model where save_model_on_termination is false."""
    lay_out(tmp_path, {"num_round": "1000000", "save_model_on_termination": "false"})

    ended = stopped(tmp_path)

    assert ended.code == 143
    assert ended.reason.startswith("stopped by SIGTERM")
    assert not (tmp_path / "model").exists()
