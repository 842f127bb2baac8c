"""Which query each row of text/libsvm belongs to: `label qid:7 index:value`, for ranking.

Not: the rows themselves (model_server.rows.from_libsvm, which leaves `qid:` out).
"""

import numpy as np
import numpy.typing as npt

from model_server.rows.errors import UnreadableRowsError

_PREFIX = b"qid:"
_LARGEST = 2**32 - 1


def read(body: bytes) -> npt.NDArray[np.uint32] | None:
    """Give each row's query; None where no row names one. Raises UnreadableRowsError."""
    if _PREFIX not in body:
        return None
    found: list[int] = []
    for row, line in enumerate(body.split(b"\n"), 1):
        tokens = line.partition(b"#")[0].split()
        if not tokens:
            continue
        text = tokens[1].removeprefix(_PREFIX) if len(tokens) > 1 else b""
        if not tokens[1:] or not tokens[1].startswith(_PREFIX) or not text.isdigit():
            raise UnreadableRowsError(f"row {row}: expected qid:number behind the label, as others")
        if int(text) > _LARGEST or (found and int(text) < found[-1]):
            raise UnreadableRowsError(
                f"row {row}: expected the queries in rising order, found qid:{int(text)}"
            )
        found.append(int(text))
    return np.array(found, np.uint32)
