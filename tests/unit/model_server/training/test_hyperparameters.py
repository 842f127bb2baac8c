import pytest

from model_server.training.errors import TrainingError
from model_server.training.hyperparameters import DEFAULTS, parse


def test_only_the_number_of_rounds_is_required() -> None:
    read = parse({"num_round": "10"})

    assert read.num_round == 10
    assert read.set == {**DEFAULTS, "num_round": 10}
    assert read.for_xgboost() == {
        "booster": "gbtree",
        "nthread": 1,
        "objective": "reg:squarederror",
        "seed": 0,
        "tree_method": "hist",
    }


def test_xgboost_gets_its_own_and_no_others() -> None:
    given = {
        "num_round": "1",
        "objective": "binary:logistic",
        "lambda": " 2 ",
        "learning_rate": "0.1",
        "eval_metric": "auc,f1",
        "updater": "grow_histmaker,prune",
        "monotone_constraints": "(1,0)",
        "interaction_constraints": "[[0],[1]]",
        "csv_weights": "1",
        "early_stopping_rounds": "3",
        "save_model_on_termination": "true",
        "_kfold": "3",
        "_num_cv_round": "2",
        "_tuning_objective_metric": "validation:auc",
        "feature_names": "a,b",
        "predictor": "cpu_predictor",
        "deterministic_histogram": "true",
        "use_dask_gpu_training": "false",
    }

    assert parse(dict(given)).for_xgboost() == {
        "booster": "gbtree",
        "eta": 0.1,
        "interaction_constraints": "[[0], [1]]",
        "lambda": 2.0,
        "monotone_constraints": (1, 0),
        "nthread": 1,
        "objective": "binary:logistic",
        "seed": 0,
        "tree_method": "hist",
        "updater": "grow_histmaker,prune",
    }


def test_a_linear_model_is_told_nothing_of_trees() -> None:
    linear = parse({"num_round": "1", "booster": "gblinear", "objective": "reg:linear"})

    assert "tree_method" not in linear.for_xgboost()
    assert linear.for_xgboost()["objective"] == "reg:squarederror"


def test_the_metric_of_a_tuning_is_measured_and_watched() -> None:
    tuned = parse(
        {
            "num_round": "1",
            "eval_metric": "rmse,mae",
            "_tuning_objective_metric": "validation:mse",
        }
    )
    shown = parse({"num_round": "1", "eval_metric": "rmse,mae"})

    assert tuned.eval_metric == ("rmse", "mae", "mse")
    assert tuned.stopping_metric == "mse"
    assert shown.stopping_metric == "mae"
    assert parse({"num_round": "1"}).stopping_metric is None


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("max_depth", "three", "max_depth: expected a whole number, found 'three'"),
        ("max_depth", 3, "max_depth: expected a string, as SageMaker sends it, found 3"),
        ("max_dept", "3", "max_dept: unknown hyperparameter, is it max_depth?"),
        ("zzz", "3", "zzz: unknown hyperparameter"),
        ("eta", "x" * 99, f"eta: expected a number, found '{'x' * 39}..."),
        ("learning_rate", "2", "learning_rate: expected a number of at least 0 and at most 1"),
        (
            "sketch_eps",
            "0.03",
            (
                "sketch_eps: is not supported: XGBoost 3 no longer has it; take max_bin, which is "
                "about 1 / sketch_eps"
            ),
        ),
        (
            "tree_method",
            "gpu_hist",
            (
                "tree_method: expected auto or exact or approx or hist (gpu_hist needs a GPU, this "
                "image trains on CPUs), found 'gpu_hist'"
            ),
        ),
        ("use_dask_gpu_training", "true", "(true needs GPUs, this image trains on CPUs)"),
        ("device", "cuda", "device: is not supported: "),
        ("num_class", "3", "num_class: only with multi:softmax or multi:softprob"),
    ],
)
def test_what_is_wrong_is_named(name: str, text: object, message: str) -> None:
    with pytest.raises(TrainingError) as error:
        parse({"num_round": "1", name: text})

    assert message in str(error.value)


def test_two_names_of_one_are_one_too_many() -> None:
    with pytest.raises(TrainingError) as error:
        parse({"num_round": "1", "eta": "0.1", "learning_rate": "0.2"})

    assert str(error.value) == "learning_rate: is another name of eta, give one"


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(TrainingError) as error:
        parse({"max_dept": "3", "eta": "x"})

    assert str(error.value).splitlines() == [
        "eta: expected a number, found 'x'",
        "max_dept: unknown hyperparameter, is it max_depth?",
        "num_round: missing, it has no default",
    ]
