import json
from pathlib import Path

from riskstack.contract.features import FEATURES
from seed.dataset import rows
from seed.training import write_input


def test_the_data_set_is_read_whole() -> None:
    every = list(rows())
    assert len(every) == 4454
    assert sum(row.bad for row in every) == 1254
    first = every[0].answers
    assert (first.seniority, first.home, first.term, first.age) == (9, "rent", 60, 30)
    assert (first.marital, first.bad_record, first.job) == ("married", False, "freelance")
    assert (first.income, first.amount, first.price) == (129.0, 800.0, 846.0)
    # `ignore` and empty cells are no answer
    assert sum(row.answers.home is None for row in every) == 26
    assert sum(row.answers.income is None for row in every) == 4454 - 4073


def test_the_input_lies_as_sagemaker_lays_it(tmp_path: Path) -> None:
    write_input(tmp_path, list(rows())[:3])
    hyperparameters = json.loads((tmp_path / "config" / "hyperparameters.json").read_text())
    assert all(isinstance(value, str) for value in hyperparameters.values())
    assert hyperparameters["monotone_constraints"].startswith("(-1,0,0,1,-1,")
    assert hyperparameters["feature_names"].split(",") == [feature.name for feature in FEATURES]
    assert "train" in json.loads((tmp_path / "config" / "inputdataconfig.json").read_text())
    lines = (tmp_path / "data" / "train" / "train.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in lines] == ["0", "0", "1"]
    assert {len(line.split(",")) for line in lines} == {1 + len(FEATURES)}
