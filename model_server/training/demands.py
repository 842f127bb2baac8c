"""What hyperparameters ask of the rows: a name and a constraint for each column, both classes."""

from model_server.training.errors import TrainingError
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.objectives import is_binary
from model_server.training.table import Table


def check(train: Table, asked: Hyperparameters) -> None:
    """Check the rows that are fitted to. Raises TrainingError."""
    columns = train.columns
    for name, length in (
        ("monotone_constraints", len(asked.monotone_constraints)),
        ("feature_names", len(asked.feature_names)),
    ):
        if length not in (0, columns):
            raise TrainingError(f"{name}: expected {columns}, one for each column, found {length}")
    highest = max((max(group, default=0) for group in asked.interaction_constraints), default=0)
    if highest >= columns:
        raise TrainingError(
            f"interaction_constraints: expected columns from 0 to {columns - 1}, found {highest}"
        )
    if is_binary(asked.objective):
        for label in (0, 1):
            if not (train.labels == label).any():
                raise TrainingError(f"no row has the label {label}: there is nothing to tell apart")
