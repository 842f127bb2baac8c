from dataclasses import replace

import pytest

from gateway.app import create_app, declared
from gateway.settings import OWN_PATHS
from gateway.stage_template import Declared, StageError
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


def test_the_gateway_s_own_paths_are_no_stages() -> None:
    assert {"/health", "/metrics"} == OWN_PATHS
