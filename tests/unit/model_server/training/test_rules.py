import pytest

from model_server.training.errors import TrainingError
from model_server.training.hyperparameters import parse


def broken(**values: str) -> list[str]:
    try:
        parse({"num_round": "1", **values})
    except TrainingError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"objective": "multi:softmax"}, "num_class: missing, multi:softmax needs it"),
        (
            {"num_class": "3"},
            (
                "num_class: only with multi:softmax or multi:softprob, the objective is "
                "reg:squarederror"
            ),
        ),
        (
            {"objective": "binary:logistic", "base_score": "1"},
            "base_score: expected above 0 and below 1 with binary:logistic, found 1",
        ),
        (
            {"tweedie_variance_power": "1.5"},
            "tweedie_variance_power: only with reg:tweedie, the objective is reg:squarederror",
        ),
        (
            {"objective": "count:poisson", "scale_pos_weight": "2"},
            (
                "scale_pos_weight: only with binary:logistic, binary:logitraw, reg:logistic, "
                "reg:squarederror, reg:linear; it is count:poisson"
            ),
        ),
        (
            {"kfold": "5"},
            "kfold: only with binary:logistic; _kfold cross-validates any objective",
        ),
        ({"rate_drop": "0.1"}, "rate_drop: only with the booster dart, the booster is gbtree"),
        (
            {"booster": "gblinear", "max_depth": "3"},
            "max_depth: not with the booster gblinear, which grows no trees",
        ),
        (
            {"booster": "gblinear", "early_stopping_rounds": "3"},
            "early_stopping_rounds: not with the booster gblinear, which has no rounds to drop",
        ),
        (
            {"booster": "gblinear", "updater": "prune"},
            "updater: expected shotgun or coord_descent with the booster gblinear",
        ),
        (
            {"updater": "shotgun"},
            "updater: shotgun and coord_descent only with the booster gblinear",
        ),
        (
            {"updater": "grow_colmaker,grow_histmaker"},
            (
                "updater: expected one of grow_colmaker, grow_histmaker, grow_quantile_histmaker "
                "first, then no other of them"
            ),
        ),
        (
            {"tree_method": "approx", "monotone_constraints": "(1,0)"},
            "monotone_constraints: only with the tree_method exact or hist, it is approx",
        ),
        (
            {"tree_method": "auto", "interaction_constraints": "[[0]]"},
            "interaction_constraints: only with the tree_method exact, hist or approx, it is auto",
        ),
        (
            {"tree_method": "exact", "max_depth": "0"},
            "max_depth: expected at least 1 with the tree_method exact, found 0",
        ),
        (
            {"tree_method": "exact", "max_bin": "9"},
            "max_bin: not with the tree_method exact, which does not use it",
        ),
        (
            {"eval_metric": "auc"},
            (
                "eval_metric: auc only with binary: and rank: objectives, the objective is "
                "reg:squarederror"
            ),
        ),
        (
            {"eval_metric": "rmse,merror"},
            (
                "eval_metric: merror only with multi:softmax or multi:softprob, the objective is "
                "reg:squarederror"
            ),
        ),
        (
            {"objective": "multi:softmax", "num_class": "3", "eval_metric": "precision"},
            "eval_metric: precision only with binary: objectives, the objective is multi:softmax",
        ),
        (
            {"_tuning_objective_metric": "validation:accuracy"},
            (
                "_tuning_objective_metric: accuracy only with binary: and multi: objectives, the "
                "objective is reg:squarederror"
            ),
        ),
        (
            {"objective": "multi:softmax", "num_class": "3", "eval_metric": "r2"},
            "eval_metric: r2 only with an objective of one value, the objective is multi:softmax",
        ),
        (
            {"objective": "binary:hinge", "eval_metric": "brier"},
            "eval_metric: brier only with binary:logistic, the objective is binary:hinge",
        ),
        ({"_num_cv_round": "2"}, "_num_cv_round: only with _kfold"),
        (
            {"objective": "binary:logistic", "_kfold": "3", "kfold": "3"},
            "kfold: not with _kfold, which measures in its own folds",
        ),
        (
            {"objective": "rank:ndcg", "_kfold": "3"},
            "_kfold: not with a rank: objective, whose queries must stay together",
        ),
    ],
)
def test_a_broken_rule_is_named(values: dict[str, str], message: str) -> None:
    assert broken(**values) == [message]


@pytest.mark.parametrize(
    "values",
    [
        {"objective": "multi:softprob", "num_class": "3", "eval_metric": "merror,f1"},
        {"objective": "reg:tweedie", "tweedie_variance_power": "1.5"},
        {"objective": "binary:logistic", "scale_pos_weight": "2", "base_score": "0.5"},
        {"objective": "binary:logistic", "_kfold": "3", "_num_cv_round": "2", "kfold": "0"},
        {"booster": "dart", "rate_drop": "0.1", "max_depth": "3"},
        {"booster": "gblinear", "updater": "shotgun", "alpha": "1"},
        {"updater": "grow_colmaker,prune"},
        {"tree_method": "exact", "monotone_constraints": "(1,0)"},
        {"interaction_constraints": "[[0,1]]"},
        {"objective": "rank:map", "eval_metric": "auc,map@3"},
    ],
)
def test_what_goes_together_is_taken(values: dict[str, str]) -> None:
    assert broken(**values) == []
