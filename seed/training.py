"""The input of a training job, laid out as SageMaker lays it out below /opt/ml/input.

Facts: SageMaker developer guide, "How Amazon SageMaker AI Provides Training Information".
"""

import json
from collections.abc import Iterable
from pathlib import Path

from riskstack.contract.features import FEATURES, csv_row, vector
from seed.dataset import Row

HYPERPARAMETERS = {
    "objective": "binary:logistic",
    "num_round": "300",
    "max_depth": "3",
    "eta": "0.05",
    "min_child_weight": "20",
    "lambda": "10",
    "subsample": "0.8",
    "colsample_bytree": "0.6",
    "tree_method": "hist",
    "eval_metric": "auc,logloss",
    "seed": "1",
    "kfold": "5",
}


def write_input(folder: Path, rows: Iterable[Row]) -> None:
    """Write the channel `train` and the configuration files below a folder `input`."""
    hyperparameters = HYPERPARAMETERS | {
        "monotone_constraints": f"({','.join(str(feature.risk) for feature in FEATURES)})",
        "feature_names": ",".join(feature.name for feature in FEATURES),
    }
    channel = {"TrainingInputMode": "File", "ContentType": "text/csv", "RecordWrapperType": "None"}
    configuration = {
        "hyperparameters.json": hyperparameters,
        "inputdataconfig.json": {"train": channel},
        "resourceconfig.json": {"current_host": "algo-1", "hosts": ["algo-1"]},
    }
    (folder / "config").mkdir(parents=True, exist_ok=True)
    for name, content in configuration.items():
        (folder / "config" / name).write_text(json.dumps(content, indent=2) + "\n")
    lines = [f"{int(row.bad)},{csv_row(vector(row.answers))}\n" for row in rows]
    (folder / "data" / "train").mkdir(parents=True, exist_ok=True)
    (folder / "data" / "train" / "train.csv").write_text("".join(lines))
