import inspect

from model_server.rows import errors as row_errors
from model_server.serving import errors
from model_server.serving.errors import STATUS


def test_every_error_has_a_status() -> None:
    defined = {
        value
        for module in (errors, row_errors)
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Exception)
    }

    assert defined == STATUS.keys()
