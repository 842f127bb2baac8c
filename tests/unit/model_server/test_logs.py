import json
import logging
from collections.abc import Iterator
from datetime import datetime

import pytest

from model_server import logs


@pytest.fixture(autouse=True)
def _root_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    logs.start("INFO")

    logging.getLogger("a.module").info("loaded %s", "it", extra={"rounds": 3})
    logging.getLogger("a.module").debug("not shown")

    (line,) = capsys.readouterr().out.splitlines()
    document = json.loads(line)
    assert datetime.fromisoformat(document.pop("timestamp")).tzinfo is not None
    assert document == {
        "level": "INFO",
        "service": "model_server",
        "message": "loaded it",
        "rounds": 3,
    }


def test_an_exception_stays_on_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.start("INFO")

    try:
        dict[str, int]()["gone"]
    except KeyError:
        logging.getLogger("a.module").exception("failed")

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["exception"].endswith("KeyError: 'gone'")


def test_a_place_is_told_without_what_was_said_there() -> None:
    def outer() -> None:
        try:
            float("Nemo")
        except ValueError as error:
            raise TypeError("Nemo again") from error

    with pytest.raises(TypeError) as raised:
        outer()

    place = logs.place(raised.value)
    assert "Nemo again" not in place.replace('raise TypeError("Nemo again") from error', "")
    assert place.index("ValueError") < place.index("then") < place.rindex("TypeError")
    assert "in outer" in place
