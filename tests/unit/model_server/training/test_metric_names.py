import pytest

from model_server.training import metric_names


def test_names_are_read_once() -> None:
    assert metric_names.read("auc, error@0.7,ndcg@5,f1,auc") == ("auc", "error@0.7", "ndcg@5", "f1")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("auc,mape2", "some of auc, aucpr, "),
        ("error@", "a number behind the @ of error@"),
        ("ndcg@5-", "a number behind the @ of ndcg@5-"),
        ("auc@0.5", "some of auc, aucpr, "),
        ("aft-nloglik", "other metrics than aft-nloglik: it measures survival:aft"),
    ],
)
def test_others_are_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError) as error:  # noqa: PT011 - its text is compared
        metric_names.read(text)

    assert str(error.value).startswith(message)


def test_the_objective_of_a_tuning() -> None:
    assert metric_names.read_objective_metric("validation:f1") == "f1"
    for text in ("train:f1", "validation:brier", "f1"):
        with pytest.raises(ValueError, match="validation: and one of auc, "):
            metric_names.read_objective_metric(text)


@pytest.mark.parametrize(
    ("name", "native", "maximised"),
    [("auc", True, True), ("ndcg@5", True, True), ("rmse", True, False), ("f1", False, True)],
)
def test_who_measures_and_which_way_is_up(name: str, native: bool, maximised: bool) -> None:
    assert metric_names.is_native(name) is native
    assert metric_names.is_maximised(name) is maximised
