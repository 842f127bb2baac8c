import pytest

from model_server.training.errors import TrainingError
from model_server.training.hyperparameters import Hyperparameters, parse


def test_only_the_number_of_rounds_is_required() -> None:
    assert parse({"num_round": "10"}) == Hyperparameters(num_round=10)


def test_all_that_is_known() -> None:
    hyperparameters = parse(
        {
            "num_round": "300",
            "max_depth": "3",
            "eta": "0.05",
            "min_child_weight": "20",
            "lambda": "10",
            "alpha": "1e-3",
            "gamma": "0",
            "subsample": " 0.8 ",
            "colsample_bytree": "1",
            "max_bin": "64",
            "monotone_constraints": "(-1, 0,1)",
            "objective": "binary:logistic",
            "tree_method": "hist",
            "eval_metric": "auc, logloss",
            "seed": "7",
            "nthread": "2",
            "feature_names": "age,debt,home=owner",
            "kfold": "0",
        }
    )

    assert hyperparameters == Hyperparameters(
        num_round=300,
        max_depth=3,
        eta=0.05,
        min_child_weight=20.0,
        lambda_=10.0,
        alpha=0.001,
        gamma=0.0,
        subsample=0.8,
        colsample_bytree=1.0,
        max_bin=64,
        monotone_constraints=(-1, 0, 1),
        eval_metric=("auc", "logloss"),
        seed=7,
        nthread=2,
        feature_names=("age", "debt", "home=owner"),
        kfold=0,
    )


def test_xgboost_gets_its_own_and_no_others() -> None:
    parameters = parse({"num_round": "1", "lambda": "2"}).for_xgboost()

    assert parameters == {
        "max_depth": 6,
        "eta": 0.3,
        "min_child_weight": 1.0,
        "lambda": 2.0,
        "alpha": 0.0,
        "gamma": 0.0,
        "subsample": 1.0,
        "colsample_bytree": 1.0,
        "max_bin": 256,
        "objective": "binary:logistic",
        "tree_method": "hist",
        "seed": 0,
        "nthread": 1,
    }
    constrained = parse({"num_round": "1", "monotone_constraints": "(0)"})
    assert constrained.for_xgboost()["monotone_constraints"] == (0,)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("max_depth", "three", "max_depth: expected a whole number, found 'three'"),
        ("max_depth", "3.0", "max_depth: expected a whole number, found '3.0'"),
        ("max_depth", "-1", "max_depth: expected a whole number of at least 0, found '-1'"),
        ("num_round", "0", "num_round: expected a whole number of at least 1, found '0'"),
        ("num_round", "9" * 19, f"num_round: expected a whole number, found '{'9' * 19}'"),
        (
            "seed",
            "4294967296",
            "seed: expected a whole number of at least 0 and at most 2147483647",
        ),
        ("eta", "fast", "eta: expected a number, found 'fast'"),
        ("eta", "0", "eta: expected a number above 0 and at most 1, found '0'"),
        ("eta", "1_0", "eta: expected a number above 0"),
        ("subsample", "1.1", "subsample: expected a number above 0 and at most 1, found '1.1'"),
        ("lambda", "-1", "lambda: expected a number of at least 0, found '-1'"),
        ("lambda", "nan", "lambda: expected a number of at least 0, found 'nan'"),
        ("alpha", "inf", "alpha: expected a number of at least 0, found 'inf'"),
        ("gamma", "1_0", "gamma: expected a number of at least 0, found '1_0'"),
        ("monotone_constraints", "-1,0", "expected -1, 0 or 1 for each column as (-1,0,1)"),
        ("monotone_constraints", "(−1,0)", "expected -1, 0 or 1 for each column as (-1,0,1)"),  # noqa: RUF001 - the typographer's minus
        ("monotone_constraints", "(2)", "expected -1, 0 or 1 for each column as (-1,0,1)"),
        ("objective", "reg:squarederror", "expected binary:logistic, others are not supported"),
        ("tree_method", "exact", "tree_method: expected hist, others are not supported"),
        ("eval_metric", "auc,mape", "expected some of auc, brier, ece, error, logloss"),
        ("feature_names", "a,a", "feature_names: expected different names"),
        ("feature_names", "a,,b", "feature_names: expected different names"),
        ("feature_names", "a[0]", "without [, ] and <"),
        ("kfold", "1", "kfold: expected 0 or a whole number of at least 2, found '1'"),
    ],
)
def test_a_bad_value_is_named(name: str, text: str, message: str) -> None:
    with pytest.raises(TrainingError) as error:
        parse({"num_round": "1", name: text})

    assert message in str(error.value)


def test_a_value_that_is_no_string_is_named() -> None:
    with pytest.raises(TrainingError, match="max_depth: expected a string, .* found 3"):  # noqa: RUF043 - a pattern
        parse({"num_round": "1", "max_depth": 3})


def test_all_that_is_wrong_is_named_at_once() -> None:
    with pytest.raises(TrainingError) as error:
        parse({"max_dept": "3", "eta": "x"})

    eta, unknown, missing = str(error.value).splitlines()
    assert eta == "eta: expected a number, found 'x'"
    assert unknown.startswith("max_dept: unknown hyperparameter; known are num_round, max_depth, ")
    assert missing == "num_round: missing, it has no default"
