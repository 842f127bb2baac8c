"""A trial of a model in a process of its own: load it from stdin, predict one row.

XGBoost's readers can crash the process on a cut or corrupt file instead of reporting it, and the
server must outlive that. What passes comes out on stdout in XGBoost's own format, so that a pickle
is only ever read here. Run as a file, so that the process needs nothing but XGBoost.
"""

import contextlib
import pickle
import sys

import numpy as np
import xgboost

_PICKLE = b"\x80"


def check(content: bytes) -> bytes:
    """Give the model in XGBoost's own format.

    Raises ValueError where it cannot be loaded or predicts nothing.
    """
    try:
        booster = _unpickled(content) if content.startswith(_PICKLE) else _loaded(content)
        row = np.zeros((1, booster.num_features()), dtype=np.float32)
        data = xgboost.DMatrix(row, nthread=1)
        booster.predict(data, validate_features=False)  # the one way that every booster has
        with contextlib.suppress(xgboost.core.XGBoostError):  # trees of several targets have none
            booster.predict(data, pred_contribs=True, validate_features=False)
        return bytes(booster.save_raw("ubj"))
    except xgboost.core.XGBoostError as error:
        # the first line says what is wrong, the others are addresses in the library
        raise ValueError(str(error).partition("\n")[0]) from error
    except UnicodeDecodeError as error:
        raise ValueError("it is damaged") from error  # and so is what XGBoost quotes of it


def _loaded(content: bytes) -> xgboost.Booster:
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(content))
    return booster


def _unpickled(content: bytes) -> xgboost.Booster:
    try:
        found = pickle.loads(content)  # noqa: S301 - only where the operator allowed it
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"the pickle cannot be read: {reason}".partition("\n")[0]) from error
    booster = found.get_booster() if isinstance(found, xgboost.XGBModel) else found
    if not isinstance(booster, xgboost.Booster):
        raise ValueError(  # noqa: TRY004 - the content is at fault, not a caller
            f"the pickle holds no booster of XGBoost but {type(booster).__name__}"
        )
    return booster


if __name__ == "__main__":
    try:
        sys.stdout.buffer.write(check(sys.stdin.buffer.read()))
    except ValueError as error:
        sys.exit(str(error))
