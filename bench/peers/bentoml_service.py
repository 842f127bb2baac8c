"""The credit model as a BentoML service: what its own tutorial writes for an XGBoost model."""

import os

import bentoml
import numpy as np
import xgboost


@bentoml.service(workers=1)
class Credit:
    """Scores rows of numbers."""

    def __init__(self) -> None:
        """Load the model."""
        self.booster = xgboost.Booster({"nthread": 1})
        self.booster.load_model(os.environ["MODEL_FILE"])

    @bentoml.api  # type: ignore[untyped-decorator] # it ships no types
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Predict: shape (n, columns) to shape (n,)."""
        scores: np.ndarray = self.booster.inplace_predict(rows, validate_features=False)
        return scores
