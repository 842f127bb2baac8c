import runpy

import pytest

from riskstack.emulator import lambda_service


def test_the_function_is_served_under_the_name_that_the_template_gives_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served: list[str] = []
    monkeypatch.setattr(lambda_service, "serve", served.append)
    runpy.run_module("etl.local", run_name="__main__")
    assert served == ["riskstack-etl"]
