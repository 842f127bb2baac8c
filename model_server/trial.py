"""A trial of a model in a process of its own: load it from stdin, predict one row.

XGBoost's readers can crash the process on a cut or corrupt file instead of reporting it, and the
server must outlive that. Run as a file, so that the process needs nothing but XGBoost.
"""

import sys

import numpy as np
import xgboost


def check(content: bytes) -> None:
    """Raise ValueError where the model cannot be loaded or gives other than one score a row."""
    booster = xgboost.Booster({"nthread": 1})
    try:
        booster.load_model(bytearray(content))
        row = np.zeros((1, booster.num_features()), dtype=np.float32)
        shape = booster.inplace_predict(row, validate_features=False).shape
        booster.predict(
            xgboost.DMatrix(row, nthread=1), pred_contribs=True, validate_features=False
        )
    except xgboost.core.XGBoostError as error:
        # the first line says what is wrong, the others are addresses in the library
        raise ValueError(str(error).partition("\n")[0]) from error
    except UnicodeDecodeError as error:
        raise ValueError("it is damaged") from error  # and so is what XGBoost quotes of it
    if shape != (1,):
        raise ValueError(f"it gives {shape[-1]} values a row, where one score is served")


if __name__ == "__main__":
    try:
        check(sys.stdin.buffer.read())
    except ValueError as error:
        sys.exit(str(error))
