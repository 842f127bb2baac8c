"""The operations that tell what is declared. Those that would change it are refused (app)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskstack.emulator.function import Function
from riskstack.emulator.lambda_api import configuration
from riskstack.emulator.lambda_api.errors import function_not_found, not_found
from riskstack.emulator.lambda_api.names import LATEST, check_configured, parse

FUNCTIONS = "/2015-03-31/functions"
FUNCTION = f"{FUNCTIONS}/{{name}}"
EVENTS = "/2019-09-25/functions/{name}/event-invoke-config"
MAPPINGS = "/2015-03-31/event-source-mappings"


def json_answer(document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """Give an answer of Lambda's API."""
    return Response(json.dumps(document), status, media_type="application/json")


class Control:
    """Reads a function's declaration to callers."""

    def __init__(self, function: Function) -> None:
        self._function = function
        self._since = datetime.now(UTC)

    def routes(self) -> list[Route]:
        """Give the routes, as botocore's service model has them."""
        return [
            Route(FUNCTIONS, self.list_functions),
            Route(f"{FUNCTIONS}/", self.list_functions),
            Route(FUNCTION, self.get_function),
            Route(f"{FUNCTION}/configuration", self.get_function_configuration),
            Route(f"{FUNCTION}/versions", self.list_versions_by_function),
            Route(f"{FUNCTION}/aliases", self.list_aliases),
            Route("/2019-09-30/functions/{name}/concurrency", self.get_function_concurrency),
            Route(EVENTS, self.get_function_event_invoke_config),
            Route(f"{EVENTS}/list", self.list_function_event_invoke_configs),
            Route(MAPPINGS, self.list_event_source_mappings),
            Route(f"{MAPPINGS}/", self.list_event_source_mappings),
            Route(f"{MAPPINGS}/{{uuid}}", self.get_event_source_mapping),
        ]

    async def list_functions(self, request: Request) -> Response:
        """Give the one function."""
        shown = configuration.configuration(self._function, self._since)
        every_version = request.query_params.get("FunctionVersion") == "ALL"
        return json_answer({"Functions": [_latest(shown) if every_version else shown]})

    async def get_function(self, request: Request) -> Response:
        """Give the function and its concurrency."""
        self._check(request)
        return json_answer(configuration.get_function(self._function, self._since))

    async def get_function_configuration(self, request: Request) -> Response:
        """Give the function's settings."""
        self._check(request)
        return json_answer(configuration.configuration(self._function, self._since))

    async def list_versions_by_function(self, request: Request) -> Response:
        """Give $LATEST: there are no other versions."""
        self._check(request)
        shown = configuration.configuration(self._function, self._since)
        return json_answer({"Versions": [_latest(shown)]})

    async def list_aliases(self, request: Request) -> Response:
        """Give none: there are none."""
        self._check(request)
        return json_answer({"Aliases": []})

    async def get_function_concurrency(self, request: Request) -> Response:
        """Give the reserved concurrency."""
        self._check(request)
        return json_answer(configuration.concurrency(self._function))

    async def get_function_event_invoke_config(self, request: Request) -> Response:
        """Give what is declared for asynchronous events."""
        function = self._function
        named = parse(request.path_params["name"], request.query_params.get("Qualifier"), function)
        version = named.qualifier or LATEST
        config = configuration.event_invoke_config(function, self._since)
        if config is None or (named.arn, version) != (function.arn, LATEST):
            raise not_found(f"The function {named.arn}:{version} doesn't have an EventInvokeConfig")
        return json_answer(config)

    async def list_function_event_invoke_configs(self, request: Request) -> Response:
        """Give the same in a list."""
        self._check(request)
        config = configuration.event_invoke_config(self._function, self._since)
        return json_answer({"FunctionEventInvokeConfigs": [config] if config else []})

    async def list_event_source_mappings(self, request: Request) -> Response:
        """Give the function's mappings, or those of one source."""
        function = self._function
        name = request.query_params.get("FunctionName")
        source = request.query_params.get("EventSourceArn")
        if name and (named := parse(name, None, function)).arn != function.arn:
            raise function_not_found(named.arn)
        mappings = configuration.event_source_mappings(function, self._since)
        chosen = [one for one in mappings if source in {None, one["EventSourceArn"]}]
        return json_answer({"EventSourceMappings": chosen})

    async def get_event_source_mapping(self, request: Request) -> Response:
        """Give one mapping by its UUID."""
        for mapping in configuration.event_source_mappings(self._function, self._since):
            if mapping["UUID"] == request.path_params["uuid"]:
                return json_answer(mapping)
        raise not_found("The resource you requested does not exist.")

    def _check(self, request: Request) -> None:
        """Refuse another function or a version."""
        qualifier = request.query_params.get("Qualifier")
        check_configured(request.path_params["name"], qualifier, self._function)


def _latest(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Give a configuration as it stands in a list of versions."""
    return {**shown, "FunctionArn": f"{shown['FunctionArn']}:{LATEST}"}
