"""Every operation, member, header, status and error of SageMaker's APIs has a test that names it.

What there is comes from botocore's service models, what is tested from the tables here, and both
are compared in both directions: what AWS adds, and what is not tested any more, fails by its name.
A test counts if it exists, speaks of what it stands for, and says where the fact is from.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from hosting.control.api_errors import InvalidRequestError
from hosting.control.arn import Owner
from hosting.control.control import Control
from hosting.control.instances import Instances
from hosting.control.json_protocol import Operations
from hosting.control.registry import Registry
from hosting.control.tags import Tags
from hosting.fleet.model_data import ModelData
from hosting.fleet.processes import ProcessFleet
from hosting.jobs.jobs import Jobs
from hosting.jobs.objects import Objects
from hosting.jobs.workplace import Workplace
from hosting.live import LiveEndpoints
from hosting.store import Store
from tests import citation
from tests.hosting_stand import ReadableLog
from tests.runtime_stand import no_s3

SESSION = botocore.session.get_session()
RUNTIME = SESSION.get_service_model("sagemaker-runtime")
PARITY = Path(__file__).parents[2] / "docs" / "parity.md"

INVOKE = "InvokeEndpoint"
ASYNC = "InvokeEndpointAsync"
STREAM = "InvokeEndpointWithResponseStream"

R = "conformance/test_sagemaker_runtime.py::"
K = "conformance/test_sagemaker_runtime_kinds.py::"
M = "conformance/test_sagemaker_members.py::"
E = "conformance/test_sagemaker_errors.py::"
C = "conformance/test_sagemaker_control.py::"
A = "conformance/test_application_auto_scaling.py::"
JT = "conformance/test_sagemaker_jobs.py::TestTraining::"
JX = "conformance/test_sagemaker_jobs.py::TestTransform::"

ERROR = f"{E}test_an_error_has_its_status_code_and_members"
IN_STREAM = f"{E}test_an_error_within_a_stream_has_its_type_and_members"
PASSED_ON = f"{M}test_invoke_endpoint_passes_its_members_on"
STREAMED = f"{M}test_a_stream_passes_its_members_on"
ACCEPTED = f"{M}test_invoke_endpoint_async_passes_its_members_on"
REFUSED = f"{R}test_a_member_for_another_kind_of_endpoint"
NOT_STREAMED = f"{M}test_what_a_stream_does_not_take"
OUTPUT = f"{R}test_an_answer_has_all_members_of_the_output"

MEMBERS: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    # of InvokeEndpoint
    (INVOKE, "in", "EndpointName"): (f"{M}test_what_invoke_endpoint_does_not_take",),
    (INVOKE, "in", "Body"): (PASSED_ON, f"{R}test_a_body_of_25_mb_passes_and_no_more"),
    (INVOKE, "in", "ContentType"): (PASSED_ON, f"{R}test_a_member_over_its_limit"),
    (INVOKE, "in", "Accept"): (PASSED_ON, f"{R}test_a_member_over_its_limit"),
    (INVOKE, "in", "CustomAttributes"): (PASSED_ON, f"{R}test_a_member_over_its_limit"),
    (INVOKE, "in", "InferenceId"): (PASSED_ON, f"{R}test_a_member_over_its_limit"),
    (INVOKE, "in", "TargetVariant"): (PASSED_ON, f"{R}test_a_target_variant_overrides_the_weights"),
    (INVOKE, "in", "TargetModel"): (
        f"{K}test_a_model_is_loaded_when_it_is_first_asked",
        f"{M}test_what_invoke_endpoint_does_not_take",
        REFUSED,
    ),
    (INVOKE, "in", "TargetContainerHostname"): (
        PASSED_ON,
        f"{K}test_direct_invocation_asks_the_container_that_is_named",
        f"{M}test_what_invoke_endpoint_does_not_take",
    ),
    (INVOKE, "in", "EnableExplanations"): (REFUSED,),
    (INVOKE, "in", "InferenceComponentName"): (REFUSED,),
    (INVOKE, "in", "SessionId"): (REFUSED,),
    (INVOKE, "in", "PrefixAwareId"): (REFUSED,),
    (INVOKE, "out", "Body"): (OUTPUT, f"{R}test_bytes_come_back_as_they_are"),
    (INVOKE, "out", "ContentType"): (OUTPUT,),
    (INVOKE, "out", "InvokedProductionVariant"): (OUTPUT, f"{R}test_traffic_is_spread_by_weight"),
    (INVOKE, "out", "CustomAttributes"): (
        OUTPUT,
        f"{R}test_what_the_container_does_not_set_does_not_come_back",
    ),
    # no session is ever opened: SessionId is refused
    (INVOKE, "out", "NewSessionId"): (OUTPUT,),
    (INVOKE, "out", "ClosedSessionId"): (OUTPUT,),
    # of InvokeEndpointAsync
    (ASYNC, "in", "EndpointName"): (f"{K}test_what_asynchronous_inference_does_not_take",),
    (ASYNC, "in", "Body"): (
        f"{K}test_an_inline_body_and_a_chosen_place",
        f"{K}test_what_asynchronous_inference_does_not_take",
    ),
    (ASYNC, "in", "ContentType"): (ACCEPTED, f"{M}test_what_invoke_endpoint_async_does_not_take"),
    (ASYNC, "in", "Accept"): (ACCEPTED, f"{M}test_what_invoke_endpoint_async_does_not_take"),
    (ASYNC, "in", "CustomAttributes"): (
        ACCEPTED,
        f"{M}test_what_invoke_endpoint_async_does_not_take",
    ),
    (ASYNC, "in", "InferenceId"): (ACCEPTED, f"{M}test_what_invoke_endpoint_async_does_not_take"),
    (ASYNC, "in", "InputLocation"): (
        ACCEPTED,
        f"{K}test_an_input_that_is_not_there_is_a_failure",
        f"{K}test_what_asynchronous_inference_does_not_take",
    ),
    (ASYNC, "in", "S3OutputPathExtension"): (
        ACCEPTED,
        f"{M}test_what_invoke_endpoint_async_does_not_take",
    ),
    (ASYNC, "in", "Filename"): (ACCEPTED, f"{K}test_what_asynchronous_inference_does_not_take"),
    (ASYNC, "in", "RequestTTLSeconds"): (
        f"{M}test_a_request_that_waits_longer_than_its_time_to_live_is_a_failure",
        f"{K}test_what_asynchronous_inference_does_not_take",
    ),
    (ASYNC, "in", "InvocationTimeoutSeconds"): (
        f"{M}test_an_asynchronous_invocation_has_the_time_that_it_asks_for",
        f"{K}test_what_asynchronous_inference_does_not_take",
    ),
    (ASYNC, "out", "InferenceId"): (f"{K}test_an_asynchronous_answer_is_an_object", ACCEPTED),
    (ASYNC, "out", "OutputLocation"): (f"{K}test_an_asynchronous_answer_is_an_object", ACCEPTED),
    (ASYNC, "out", "FailureLocation"): (f"{K}test_a_failure_is_an_object_too",),
    # of InvokeEndpointWithResponseStream
    (STREAM, "in", "EndpointName"): (NOT_STREAMED,),
    (STREAM, "in", "Body"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "ContentType"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "Accept"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "CustomAttributes"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "InferenceId"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "TargetVariant"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "TargetContainerHostname"): (STREAMED, NOT_STREAMED),
    (STREAM, "in", "InferenceComponentName"): (NOT_STREAMED,),
    (STREAM, "in", "SessionId"): (NOT_STREAMED,),
    (STREAM, "in", "PrefixAwareId"): (NOT_STREAMED,),
    (STREAM, "out", "Body"): (f"{K}test_an_answer_comes_in_the_container_s_pieces",),
    (STREAM, "out", "Body.PayloadPart"): (
        f"{K}test_an_answer_comes_in_the_container_s_pieces",
        STREAMED,
    ),
    (STREAM, "out", "Body.ModelStreamError"): (
        IN_STREAM,
        f"{K}test_a_stream_that_breaks_off_says_so",
    ),
    (STREAM, "out", "Body.InternalStreamFailure"): (IN_STREAM,),
    (STREAM, "out", "ContentType"): (f"{K}test_an_answer_comes_in_the_container_s_pieces",),
    (STREAM, "out", "InvokedProductionVariant"): (
        f"{K}test_an_answer_comes_in_the_container_s_pieces",
    ),
    (STREAM, "out", "CustomAttributes"): (f"{K}test_an_answer_comes_in_the_container_s_pieces",),
}
"""The members of the runtime API, each with the tests that it comes through, or is refused."""

STATUSES: Mapping[tuple[str, int], tuple[str, ...]] = {
    (INVOKE, 200): (OUTPUT,),
    (ASYNC, 202): (ACCEPTED, f"{K}test_an_asynchronous_answer_is_an_object"),
    (STREAM, 200): (STREAMED,),
    (INVOKE, 400): (f"{R}test_an_unknown_endpoint",),
    (INVOKE, 424): (f"{R}test_an_error_of_the_container_is_a_model_error",),
    (INVOKE, 429): (ERROR,),
    (INVOKE, 500): (f"{R}test_a_fault_of_hosting_is_an_internal_failure",),
    (INVOKE, 503): (f"{R}test_an_endpoint_is_in_service_once_its_containers_have_answered",),
    (INVOKE, 530): (ERROR,),
    (ASYNC, 400): (ERROR,),
    (ASYNC, 500): (ERROR,),
    (ASYNC, 503): (ERROR,),
    (STREAM, 400): (ERROR,),
    (STREAM, 424): (ERROR,),
    (STREAM, 500): (ERROR,),
    (STREAM, 503): (ERROR,),
}
"""The statuses of the runtime API; ERROR compares with the model's own, and so names none."""

RUNTIME_ERRORS: Mapping[tuple[str, str], str] = {
    (INVOKE, "ValidationError"): ERROR,
    (INVOKE, "ModelError"): ERROR,
    (INVOKE, "ModelNotReadyException"): ERROR,
    (INVOKE, "InternalFailure"): ERROR,
    (INVOKE, "InternalDependencyException"): ERROR,
    (INVOKE, "ServiceUnavailable"): ERROR,
    (ASYNC, "ValidationError"): ERROR,
    (ASYNC, "InternalFailure"): ERROR,
    (ASYNC, "ServiceUnavailable"): ERROR,
    (STREAM, "ValidationError"): ERROR,
    (STREAM, "ModelError"): ERROR,
    (STREAM, "InternalFailure"): ERROR,
    (STREAM, "ServiceUnavailable"): ERROR,
    (STREAM, "ModelStreamError"): IN_STREAM,
    (STREAM, "InternalStreamFailure"): IN_STREAM,
}


def members_of(operation: OperationModel) -> Iterator[tuple[str, str, str]]:
    for way, shape in (("in", operation.input_shape), ("out", operation.output_shape)):
        assert shape is not None
        for name, member in shape.members.items():
            yield operation.name, way, name
            if isinstance(member, StructureShape):
                yield from ((operation.name, way, f"{name}.{each}") for each in member.members)


def operations_of_the_runtime() -> Iterator[OperationModel]:
    return map(RUNTIME.operation_model, (INVOKE, ASYNC, STREAM))


def wire_names(operation: str, way: str, name: str) -> set[str]:
    """Give what a test may call a member: its own name, in either case, or its header's."""
    model = RUNTIME.operation_model(operation)
    shape = model.input_shape if way == "in" else model.output_shape
    assert shape is not None
    first, _, inner = name.partition(".")
    name = inner or first
    header = shape.members[first].serialization.get("name", name)
    return {name, name[0].lower() + name[1:], header, header.lower()}


def check(reference: str, words: set[str]) -> None:
    """Check that a test exists, speaks of one of these words, and names a source."""
    assert citation.exists(reference), f"{reference} does not exist"
    text = citation.text(reference)
    assert any(word in text for word in words), f"{reference} speaks of none of {sorted(words)}"
    assert citation.names_a_source(reference), f"{reference} names no source"


def test_every_member_of_the_runtime_api_has_its_tests() -> None:
    modelled = {each for model in operations_of_the_runtime() for each in members_of(model)}
    assert set(MEMBERS) == modelled
    for key, references in MEMBERS.items():
        for reference in references:
            check(reference, wire_names(*key))


def test_every_status_of_the_runtime_api_has_its_tests() -> None:
    modelled = set()
    for model in operations_of_the_runtime():
        modelled.add((model.name, model.http.get("responseCode", 200)))
        for shape in model.error_shapes:
            if "error" in shape.metadata:
                modelled.add((model.name, shape.metadata["error"]["httpStatusCode"]))
    assert set(STATUSES) == modelled
    for (operation, status), references in STATUSES.items():
        for reference in references:
            check(reference, {operation if reference == ERROR else str(status)})


def test_every_error_of_the_runtime_api_has_its_test() -> None:
    modelled = {
        (model.name, shape.name)
        for model in operations_of_the_runtime()
        for shape in model.error_shapes
    }
    assert set(RUNTIME_ERRORS) == modelled
    for (_, error), reference in RUNTIME_ERRORS.items():
        check(reference, {error})


def test_what_the_runtime_api_does_not_have_is_said() -> None:
    """An operation of botocore's that is not here is refused by name in docs/parity.md."""
    others = set(RUNTIME.operation_names) - {INVOKE, ASYNC, STREAM}
    text = PARITY.read_text()
    assert [name for name in sorted(others) if f"`{name}`" not in text] == []


# The control APIs

OPERATIONS: Mapping[tuple[str, str], str] = {
    ("sagemaker", "CreateModel"): f"{C}test_models_are_described_as_they_were_created",
    ("sagemaker", "DescribeModel"): f"{C}test_models_are_described_as_they_were_created",
    ("sagemaker", "ListModels"): f"{C}test_lists_come_in_pages_filtered_and_sorted",
    ("sagemaker", "DeleteModel"): f"{C}test_models_are_described_as_they_were_created",
    ("sagemaker", "CreateEndpointConfig"): (
        f"{C}test_configurations_are_described_as_they_were_created"
    ),
    ("sagemaker", "DescribeEndpointConfig"): (
        f"{C}test_configurations_are_described_as_they_were_created"
    ),
    ("sagemaker", "ListEndpointConfigs"): f"{C}test_lists_come_in_pages_filtered_and_sorted",
    ("sagemaker", "DeleteEndpointConfig"): (
        f"{C}test_configurations_are_described_as_they_were_created"
    ),
    ("sagemaker", "CreateEndpoint"): f"{C}test_the_life_of_an_endpoint",
    ("sagemaker", "DescribeEndpoint"): f"{C}test_the_life_of_an_endpoint",
    ("sagemaker", "ListEndpoints"): f"{C}test_lists_come_in_pages_filtered_and_sorted",
    ("sagemaker", "UpdateEndpoint"): f"{C}test_no_request_is_dropped_by_an_update",
    ("sagemaker", "UpdateEndpointWeightsAndCapacities"): f"{C}test_the_life_of_an_endpoint",
    ("sagemaker", "DeleteEndpoint"): f"{C}test_the_life_of_an_endpoint",
    ("sagemaker", "AddTags"): f"{C}test_resources_have_tags",
    ("sagemaker", "ListTags"): f"{C}test_resources_have_tags",
    ("sagemaker", "DeleteTags"): f"{C}test_resources_have_tags",
    ("sagemaker", "CreateTrainingJob"): f"{JT}test_a_job_from_its_channels_to_its_artifacts",
    ("sagemaker", "DescribeTrainingJob"): f"{JT}test_a_job_from_its_channels_to_its_artifacts",
    ("sagemaker", "ListTrainingJobs"): f"{JT}test_lists_have_filters_an_order_and_pages",
    ("sagemaker", "StopTrainingJob"): f"{JT}test_a_stop_lets_the_image_save_its_model",
    ("sagemaker", "CreateTransformJob"): (
        f"{JX}test_each_object_has_an_output_in_the_order_of_its_records"
    ),
    ("sagemaker", "DescribeTransformJob"): (
        f"{JX}test_each_object_has_an_output_in_the_order_of_its_records"
    ),
    ("sagemaker", "ListTransformJobs"): (
        f"{JX}test_an_object_that_fails_fails_the_job_but_no_other_object"
    ),
    ("sagemaker", "StopTransformJob"): f"{JX}test_nothing_is_stored_of_a_job_that_is_stopped",
    ("application-autoscaling", "RegisterScalableTarget"): (
        f"{A}test_a_target_is_described_as_it_was_registered"
    ),
    ("application-autoscaling", "DescribeScalableTargets"): (
        f"{A}test_a_target_is_described_as_it_was_registered"
    ),
    ("application-autoscaling", "DeregisterScalableTarget"): (
        f"{A}test_what_was_not_registered_is_not_found"
    ),
    ("application-autoscaling", "PutScalingPolicy"): f"{A}test_a_policy_is_described_as_it_was_put",
    ("application-autoscaling", "DescribeScalingPolicies"): (
        f"{A}test_a_policy_is_described_as_it_was_put"
    ),
    ("application-autoscaling", "DeleteScalingPolicy"): (
        f"{A}test_a_policy_is_described_as_it_was_put"
    ),
    ("application-autoscaling", "DescribeScalingActivities"): (
        f"{A}test_traffic_adds_instances_and_its_end_takes_them_away"
    ),
}
"""The operations that are emulated, each with a test that calls it."""

LIMIT = f"{C}test_more_instances_than_the_machine_is_to_carry_are_refused"
UPDATE_LIMIT = f"{C}test_an_update_beyond_what_the_machine_is_to_carry_is_refused"
BAD_TOKEN = f"{A}test_a_token_that_was_not_given_is_refused"
NOT_FOUND = f"{A}test_what_was_not_registered_is_not_found"
REFUSED_BY_NAME = f"{A}test_what_is_not_emulated_is_refused_by_name"
BROKEN_INPUT = f"{A}test_what_breaks_the_service_model_is_refused"
FAULT = f"{E}test_a_fault_of_hosting_has_each_service_s_own_code"

NEVER = "never"
"""What cannot come about here: docs/parity.md names the error and says why."""

ERRORS: Mapping[tuple[str, str], str] = {
    ("CreateModel", "ResourceLimitExceeded"): NEVER,
    ("CreateEndpointConfig", "ResourceLimitExceeded"): NEVER,
    ("CreateEndpoint", "ResourceLimitExceeded"): LIMIT,
    ("UpdateEndpoint", "ResourceLimitExceeded"): UPDATE_LIMIT,
    ("UpdateEndpointWeightsAndCapacities", "ResourceLimitExceeded"): UPDATE_LIMIT,
    ("CreateTrainingJob", "ResourceInUse"): f"{JT}test_a_name_is_there_once",
    ("CreateTrainingJob", "ResourceLimitExceeded"): NEVER,
    ("CreateTrainingJob", "ResourceNotFound"): NEVER,
    ("DescribeTrainingJob", "ResourceNotFound"): NEVER,
    ("StopTrainingJob", "ResourceNotFound"): NEVER,
    ("CreateTransformJob", "ResourceInUse"): f"{JX}test_a_name_is_there_once",
    ("CreateTransformJob", "ResourceLimitExceeded"): NEVER,
    ("CreateTransformJob", "ResourceNotFound"): NEVER,
    ("DescribeTransformJob", "ResourceNotFound"): NEVER,
    ("StopTransformJob", "ResourceNotFound"): NEVER,
    ("RegisterScalableTarget", "ValidationException"): REFUSED_BY_NAME,
    ("RegisterScalableTarget", "LimitExceededException"): NEVER,
    ("DeregisterScalableTarget", "ValidationException"): BROKEN_INPUT,
    ("DeregisterScalableTarget", "ObjectNotFoundException"): NOT_FOUND,
    ("DescribeScalableTargets", "ValidationException"): BROKEN_INPUT,
    ("DescribeScalableTargets", "InvalidNextTokenException"): BAD_TOKEN,
    ("PutScalingPolicy", "ValidationException"): REFUSED_BY_NAME,
    ("PutScalingPolicy", "ObjectNotFoundException"): NOT_FOUND,
    ("PutScalingPolicy", "LimitExceededException"): NEVER,
    ("PutScalingPolicy", "FailedResourceAccessException"): NEVER,
    ("DescribeScalingPolicies", "ValidationException"): BROKEN_INPUT,
    ("DescribeScalingPolicies", "InvalidNextTokenException"): BAD_TOKEN,
    ("DescribeScalingPolicies", "FailedResourceAccessException"): NEVER,
    ("DeleteScalingPolicy", "ValidationException"): BROKEN_INPUT,
    ("DeleteScalingPolicy", "ObjectNotFoundException"): (
        f"{A}test_a_policy_is_described_as_it_was_put"
    ),
    ("DescribeScalingActivities", "ValidationException"): BROKEN_INPUT,
    ("DescribeScalingActivities", "InvalidNextTokenException"): BAD_TOKEN,
    **{
        (operation, "ConcurrentUpdateException"): NEVER
        for service, operation in OPERATIONS
        if service == "application-autoscaling"
    },
    **{
        (operation, "InternalServiceException"): FAULT
        for service, operation in OPERATIONS
        if service == "application-autoscaling"
    },
}
"""The errors that the service models give these operations, each with the test that provokes it."""

PROTOCOL_ERRORS = {
    "ValidationException": f"{C}test_errors_are_those_of_the_json_protocol",
    "SerializationException": f"{C}test_errors_are_those_of_the_json_protocol",
    "UnknownOperationException": f"{C}test_errors_are_those_of_the_json_protocol",
    "InternalFailure": FAULT,
}
"""The errors of AWS's JSON protocol, which no service model has."""


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Operations]:
    """The operations of each service as hosting puts them together."""
    folder = tmp_path_factory.mktemp("hosting")
    log = ReadableLog().logger
    store = Store(folder / "store")
    registry = Registry(
        store=store,
        owner=Owner("123456789012", "eu-central-1"),
        tags=Tags(store),
        clock=lambda: 0.0,
        given=(),
        instance_limit=1,
    )
    fleet = ProcessFleet({}, {}, folder / "fleet", ModelData(no_s3))
    control = Control(registry, Instances(fleet, {}, 1.0, log), LiveEndpoints(), log, 60.0)
    workplace = Workplace(
        registry=registry,
        fleet=fleet,
        objects=Objects(no_s3),
        folder=folder / "work",
        log=log,
    )
    return {
        "sagemaker": {**control.operations(), **Jobs(workplace).operations()},
        "application-autoscaling": control.auto_scaling_operations(),
    }


def snake_case(operation: str) -> str:
    """Give what boto3 calls an operation; a paginator is asked by the same name."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()


def test_every_operation_of_the_control_apis_has_its_test(
    emulated: Mapping[str, Operations],
) -> None:
    assert set(OPERATIONS) == {
        (service, name) for service, operations in emulated.items() for name in operations
    }
    for (_, name), reference in OPERATIONS.items():
        check(reference, {snake_case(name)})


def test_every_error_of_the_control_apis_has_its_test() -> None:
    modelled = {
        (name, shape.name)
        for service, name in OPERATIONS
        for shape in SESSION.get_service_model(service).operation_model(name).error_shapes
    }
    assert set(ERRORS) == modelled
    parity = PARITY.read_text()
    for (operation, error), reference in ERRORS.items():
        if reference == NEVER:
            assert f"`{error}`" in parity, f"docs/parity.md does not say why {error} never comes"
        else:
            check(reference, {error})
            if reference != FAULT:
                check(reference, {snake_case(operation)})
    for error, reference in PROTOCOL_ERRORS.items():
        check(reference, {error})


def leaves(shape: Shape, path: str = "", above: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give the path of every member below a shape, with a document that holds it alone."""
    if isinstance(shape, StructureShape) and shape.members and shape.name not in above:
        for name, member in shape.members.items():
            inner = f"{path}.{name}" if path else name
            for found, value in leaves(member, inner, (*above, shape.name)):
                yield found, {name: value}
    elif isinstance(shape, ListShape):
        for found, value in leaves(shape.member, path, above):
            yield found, [value]
    elif isinstance(shape, MapShape):
        yield path, {"key": "value"}
    else:
        yield path, sample(shape)


def value_of(document: Any) -> object:  # noqa: ANN401 - any document
    """Give the one value that a document holds."""
    while isinstance(document, dict | list) and document:
        [document] = document.values() if isinstance(document, dict) else document
    return document


def sample(shape: Shape) -> object:
    if shape.type_name == "boolean":
        return True
    return shape.metadata.get("enum", ["x"])[-1]


def test_every_member_of_the_control_apis_is_emulated_or_refused_by_its_name(
    emulated: Mapping[str, Operations],
) -> None:
    """The members of every input are botocore's; nothing is taken and then ignored."""
    for service, operations in emulated.items():
        model = SESSION.get_service_model(service)
        for name, operation in operations.items():
            assert operation.members is not None, f"{name} refuses nothing"
            shape = model.operation_model(name).input_shape
            assert shape is not None
            members = operation.members
            known = members.emulated | members.echoed | set(members.only)
            below: set[str] = set()
            for path, document in leaves(shape):
                covering = {each for each in known if f"{path}.".startswith(f"{each}.")}
                below |= covering
                is_refused = not covering or value_of(document) not in members.only.get(
                    path, (value_of(document),)
                )
                if not is_refused:
                    members.check(name, document)
                    continue
                with pytest.raises(InvalidRequestError) as refused:
                    members.check(name, document)
                assert refused.value.message.startswith(f"{name} does not support {path}")
            assert known == below, f"{name} knows members that AWS does not have"
