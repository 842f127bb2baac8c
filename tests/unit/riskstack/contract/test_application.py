from decimal import Decimal

import pytest

from etl.answers import read_answer
from etl.problem import InvalidSubmissionError
from riskstack.contract.application import BOUNDS, Application
from riskstack.contract.record import MalformedItemError, from_item, to_item

WHOLE = {"age", "seniority", "term"}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_are_those_of_the_channels(application: Application, name: str) -> None:
    """What ETL takes can be read, and what it refuses cannot."""
    item = to_item(application)
    least, most = (Decimal(str(bound)) for bound in BOUNDS[name])
    step = Decimal(1) if name in WHOLE else Decimal("0.01")
    for value in (least, most):
        assert read_answer(name, value) == float(value)
        item["answers"][name] = value
        assert getattr(from_item(item).answers, name) == float(value)
    for value in (least - step, most + step):
        with pytest.raises(InvalidSubmissionError, match=name):
            read_answer(name, value)
        item["answers"][name] = value
        with pytest.raises(MalformedItemError):
            from_item(item)
