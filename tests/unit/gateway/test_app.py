from dataclasses import replace
from typing import Any

import pytest

from gateway.app import create_app, declared
from gateway.declaration import StageError
from gateway.settings import OWN_PATHS
from gateway.stage import UsagePlan
from gateway.stage_template import Declared
from gateway.token_bucket import Limits
from tests.gateway_stand import DEFINITION_TEXT, SETTINGS, STAGE, document


def test_the_project_s_own_templates_are_served() -> None:
    front = create_app(SETTINGS, declared(SETTINGS))
    assert front.pipeline.api.name == "riskstack"
    assert front.pipeline.api.stage == SETTINGS.stage
    assert front.pipeline.access_log is not None


def test_a_stage_without_an_access_log_writes_none() -> None:
    api = Declared(replace(STAGE, access_log=None), document(DEFINITION_TEXT))
    assert create_app(SETTINGS, api).pipeline.access_log is None


def test_an_access_log_that_cannot_be_written_is_refused() -> None:
    api = Declared(replace(STAGE, access_log="$context.nothing"), document(DEFINITION_TEXT))
    with pytest.raises(StageError, match=r"AccessLogSetting.Format: \$context.nothing is not"):
        create_app(SETTINGS, api)


LIMITS = {"/nothing/POST": Limits(1, 1)}


@pytest.mark.parametrize(
    "changes",
    [
        {"throttles": LIMITS},
        {"detailed_metrics": {"*/*": True, "/nothing/POST": True}},
        {"plans": (UsagePlan("clients", (), methods=LIMITS),)},
    ],
)
def test_a_setting_of_a_method_that_is_not_there_is_refused(changes: dict[str, Any]) -> None:
    api = Declared(replace(STAGE, **changes), document(DEFINITION_TEXT))
    with pytest.raises(StageError, match="/nothing/POST: is limited or measured, and no method"):
        create_app(SETTINGS, api)


def test_the_gateway_s_own_paths_are_no_stages() -> None:
    assert {"/health", "/metrics"} == OWN_PATHS
