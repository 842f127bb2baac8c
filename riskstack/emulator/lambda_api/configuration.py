"""A function as the read-only operations of Lambda's API tell of it. Pure functions.

Shapes: botocore's service model lambda/2015-03-31; answers recorded on AWS (localstack/localstack
test_lambda_api.snapshot.json, test_function_lifecycle). What a declaration does not tell is left
out: the package with its size and digest, the role, the revision.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from riskstack.emulator.event_source_mapping.notice import mapping_id
from riskstack.emulator.function import Function
from riskstack.emulator.function.declared import DEFAULT_LEVEL
from riskstack.emulator.function.targets import Target

Document = dict[str, Any]


def configuration(function: Function, since: datetime) -> Document:
    """Give a FunctionConfiguration; `since` is when the service read the declaration."""
    logging = function.logging
    log = {
        "LogFormat": "JSON" if logging.json else "Text",
        "LogGroup": logging.group or f"/aws/lambda/{function.name}",
    }
    if logging.json:
        log["ApplicationLogLevel"] = logging.application_level or DEFAULT_LEVEL
        log["SystemLogLevel"] = logging.system_level or DEFAULT_LEVEL
    document: Document = {
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Runtime": function.runtime,
        "Handler": function.handler,
        "Description": function.description,
        "Timeout": int(function.timeout),
        "MemorySize": function.memory,
        "LastModified": since.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "Version": "$LATEST",
        "Environment": {"Variables": dict(function.variables)},
        "TracingConfig": {"Mode": "Active" if function.is_traced else "PassThrough"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": list(function.architectures),
        "EphemeralStorage": {"Size": function.storage},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": log,
    }
    if function.asynchronous.dead_letters:
        document["DeadLetterConfig"] = {"TargetArn": function.asynchronous.dead_letters.arn}
    return document


def get_function(function: Function, since: datetime) -> Document:
    """Give the answer of GetFunction."""
    return {"Configuration": configuration(function, since), **concurrency_member(function)}


def concurrency_member(function: Function) -> Document:
    """Give the member Concurrency of GetFunction, where concurrency is reserved."""
    given = concurrency(function)
    return {"Concurrency": given} if given else {}


def concurrency(function: Function) -> Document:
    """Give the answer of GetFunctionConcurrency."""
    if function.reserved_concurrency is None:
        return {}
    return {"ReservedConcurrentExecutions": function.reserved_concurrency}


def event_invoke_config(function: Function, since: datetime) -> Document | None:
    """Give the answer of GetFunctionEventInvokeConfig, `None` where none is declared."""
    config = function.asynchronous
    if not config.declared:
        return None
    document: Document = {
        "LastModified": int(since.timestamp()),
        "FunctionArn": f"{function.arn}:$LATEST",
        "DestinationConfig": {
            "OnSuccess": _destination(config.on_success),
            "OnFailure": _destination(config.on_failure),
        },
    }
    if config.max_retries is not None:
        document["MaximumRetryAttempts"] = config.max_retries
    if config.max_age is not None:
        document["MaximumEventAgeInSeconds"] = config.max_age
    return document


def _destination(target: Target | None) -> Document:
    return {"Destination": target.arn} if target else {}


_MAPPING_DEFAULTS: Mapping[str, Any] = {
    "BatchSize": 100,
    "MaximumBatchingWindowInSeconds": 0,
    "ParallelizationFactor": 1,
    "MaximumRecordAgeInSeconds": -1,
    "BisectBatchOnFunctionError": False,
    "MaximumRetryAttempts": -1,
    "TumblingWindowInSeconds": 0,
    "FunctionResponseTypes": [],
}
"""Of a DynamoDB stream (botocore, EventSourceMappingConfiguration)."""
_MAPPING_AS_GIVEN = ("StartingPosition", "FilterCriteria")


def event_source_mappings(function: Function, since: datetime) -> list[Document]:
    """Give the event source mappings of a function."""
    return [
        _mapping(function, event["Properties"], since)
        for event in function.events.values()
        if event["Type"] == "DynamoDB"
    ]


def _mapping(function: Function, properties: Mapping[str, Any], since: datetime) -> Document:
    identity = mapping_id(function.name, properties["Stream"])
    enabled = str(properties.get("Enabled", True)).lower() == "true"
    document: Document = {
        "UUID": identity,
        "EventSourceArn": properties["Stream"],
        "FunctionArn": function.arn,
        "EventSourceMappingArn": (
            f"{function.arn.rsplit(':', 2)[0]}:event-source-mapping:{identity}"
        ),
        "LastModified": int(since.timestamp()),
        "State": "Enabled" if enabled else "Disabled",
        "StateTransitionReason": "User action",
        **{key: properties.get(key, default) for key, default in _MAPPING_DEFAULTS.items()},
        **{key: properties[key] for key in _MAPPING_AS_GIVEN if key in properties},
    }
    on_failure = properties.get("DestinationConfig", {}).get("OnFailure")
    if on_failure:
        # SAM's Type beside it is not Lambda's
        document["DestinationConfig"] = {"OnFailure": {"Destination": on_failure["Destination"]}}
    return document
