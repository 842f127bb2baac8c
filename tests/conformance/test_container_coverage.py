"""Every type, header, status, path, variable and file of the container contract has a test.

The contract is the SageMaker developer guide's, as far as AWS writes it down, and what AWS's own
images do where it does not: AWS-hosting ("Use your own inference code with hosting services"),
AWS-2023 (the guide's pages on batch transform, pipelines and training of that year), mms
(docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html), XGB
(aws/sagemaker-xgboost-container), SIT (aws/sagemaker-inference-toolkit), SMC
(aws/sagemaker-containers), botocore. "Here" marks what this image has beyond it.

The tables are compared with the code in both directions. A test counts if it exists, speaks of
what it stands for, and says where the fact is from.
"""

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import botocore.session
import pytest

from model_server.script import functions
from model_server.serving import formats, invocations, models_api, selection
from model_server.serving.content_type import READERS
from model_server.training.formats import FORMATS
from tests import citation

ROOT = Path(__file__).parents[2]

C = "conformance/test_container_contract.py::"
F = "conformance/test_container_formats.py::"
H = "conformance/test_container_headers.py::"
S = "conformance/test_container_statuses.py::"
M = "conformance/test_container_multi_model.py::"
P = "conformance/test_container_script_mode.py::"
T = "conformance/test_training_contract.py::"


class Proof(NamedTuple):
    """Where a fact is from, and the test that holds the image to it."""

    source: str
    test: str


UNDERSTOOD = f"{F}test_requests_are_understood"
REFUSED = f"{F}test_refusals_have_the_status"

TYPES_IN: Mapping[str, Proof] = {
    "text/csv": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "csv": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "text/libsvm": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "text/x-libsvm": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "libsvm": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "application/x-recordio-protobuf": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "recordio-protobuf": Proof("XGB data_utils.py get_content_type", UNDERSTOOD),
    "application/json": Proof("the guide: cdf-inference", UNDERSTOOD),
    "application/jsonlines": Proof("the guide: cdf-inference", UNDERSTOOD),
}
TYPES_REFUSED: Mapping[str, Proof] = {
    "application/x-parquet": Proof("XGB serve_utils.py: not at inference", REFUSED),
    "parquet": Proof("XGB serve_utils.py: not at inference", REFUSED),
    "text/html": Proof("XGB data_utils.py: is not an accepted ContentType", REFUSED),
}
PARAMETERS_IN: Mapping[str, Proof] = {
    "no Content-Type": Proof(
        "XGB data_utils.py: None is libsvm",
        f"{H}test_without_a_content_type_the_body_is_libsvm",
    ),
    "label_size = 1": Proof("the guide: cdf-training", UNDERSTOOD),
    "label_size=5": Proof("XGB data_utils.py: must be equal to 1", REFUSED),
    "charset=utf-8": Proof("XGB test_serve_utils.py", UNDERSTOOD),
    "charset=iso-8859-1": Proof("here", UNDERSTOOD),
    "header=present": Proof("RFC 4180, section 3", UNDERSTOOD),
}
TYPES_OUT: Mapping[str, Proof] = {
    "text/csv": Proof("XGB serve.py", f"{F}test_scores_are_answered"),
    "application/json": Proof("XGB serve.py", f"{F}test_scores_are_answered"),
    "application/jsonlines": Proof("XGB serve.py", f"{F}test_scores_are_answered"),
    "application/x-recordio-protobuf": Proof("XGB serve.py", f"{F}test_scores_are_answered"),
}
SELECTED: Mapping[str, Proof] = dict.fromkeys(
    (
        "predicted_label",
        "labels",
        "probability",
        "probabilities",
        "raw_score",
        "raw_scores",
        "predicted_score",
    ),
    Proof("XGB README, selectable inference", f"{F}test_selected_outputs_are_answered"),
)
TRAINING_TYPES: Mapping[str, Proof] = dict.fromkeys(
    (
        "csv",
        "libsvm",
        "parquet",
        "recordio-protobuf",
        "text/csv",
        "text/libsvm",
        "text/x-libsvm",
        "application/x-parquet",
        "application/x-recordio-protobuf",
    ),
    Proof("XGB data_utils.py VALID_CONTENT_TYPES", f"{T}test_every_format_gives_the_same_model"),
)

HEADERS: Mapping[str, Proof] = {
    # of a request; that these are all of InvokeEndpoint's, test_container_headers asks botocore
    "Content-Type": Proof("botocore", f"{H}test_a_header_of_invoke_endpoint_is_read_or_ignored"),
    "Accept": Proof("botocore; RFC 9110", f"{H}test_accept_chooses_the_type_of_the_answer"),
    **dict.fromkeys(
        (
            "X-Amzn-SageMaker-Custom-Attributes",
            "X-Amzn-SageMaker-Target-Model",
            "X-Amzn-SageMaker-Target-Variant",
            "X-Amzn-SageMaker-Target-Container-Hostname",
            "X-Amzn-SageMaker-Inference-Id",
            "X-Amzn-SageMaker-Enable-Explanations",
            "X-Amzn-SageMaker-Inference-Component",
            "X-Amzn-SageMaker-Session-Id",
            "X-Amzn-SageMaker-Prefix-Aware-Id",
        ),
        Proof("botocore", f"{H}test_a_header_of_invoke_endpoint_is_read_or_ignored"),
    ),
    "X-Amzn-SageMaker-Made-Up": Proof(
        "AWS-hosting: ignore the unknown",
        f"{H}test_all_headers_at_once_and_those_that_nobody_knows",
    ),
    "Transfer-Encoding": Proof("RFC 9112", f"{H}test_a_body_may_come_in_chunks"),
    "Expect": Proof("RFC 9110", f"{H}test_expect_is_answered_before_the_body_is_sent"),
    # of an answer
    "content-length": Proof(
        "deepjavalibrary/djl-serving #2567",
        f"{H}test_every_answer_has_a_content_length_and_is_not_chunked",
    ),
    "content-type": Proof("XGB serve.py", f"{H}test_accept_chooses_the_type_of_the_answer"),
    "x-amzn-sagemaker-custom-attributes": Proof(
        "botocore", f"{H}test_custom_attributes_are_the_containers_own"
    ),
}

OF_AWSS_IMAGE = f"{S}test_invocations_has_the_statuses_of_awss_image"
OTHER_PATHS = f"{S}test_other_methods_and_paths"
MULTI_MODEL = f"{S}test_the_multi_model_api_has_the_documented_statuses"
LOADING = f"{S}test_loading_has_the_documented_statuses"
AS_INVOCATIONS = f"{S}test_a_model_of_many_answers_as_invocations_does"

STATUSES: Mapping[tuple[str, str, int], Proof] = {
    ("GET", "/ping", 200): Proof("AWS-hosting", f"{C}test_ping_is_200_with_an_empty_body"),
    ("POST", "/ping", 200): Proof("AWS-hosting", f"{C}test_ping_is_200_with_an_empty_body"),
    ("GET", "/ping", 503): Proof("AWS-hosting", f"{C}test_ping_is_503_while_there_is_no_model"),
    ("POST", "/ping", 503): Proof("AWS-hosting", f"{C}test_ping_is_503_while_there_is_no_model"),
    ("POST", "/invocations", 200): Proof("XGB serve.py", OF_AWSS_IMAGE),
    ("POST", "/invocations", 204): Proof("XGB serve.py", OF_AWSS_IMAGE),
    ("POST", "/invocations", 400): Proof("XGB serve.py", OF_AWSS_IMAGE),
    ("POST", "/invocations", 406): Proof("XGB serve.py", OF_AWSS_IMAGE),
    ("POST", "/invocations", 408): Proof("here", f"{S}test_a_body_that_does_not_come_is_408"),
    ("POST", "/invocations", 413): Proof("XGB serve.py", OF_AWSS_IMAGE),
    ("POST", "/invocations", 415): Proof("XGB serve.py", OF_AWSS_IMAGE),
    ("POST", "/invocations", 500): Proof(
        "XGB serve.py", f"{S}test_a_model_that_cannot_be_loaded_is_a_500"
    ),
    ("POST", "/invocations", 501): Proof(
        "here", f"{S}test_selected_outputs_that_an_objective_has_not_are_501"
    ),
    ("POST", "/invocations", 503): Proof("here", f"{S}test_while_the_model_loads_it_is_503"),
    ("GET", "/invocations", 405): Proof("RFC 9110", OTHER_PATHS),
    ("GET", "/execution-parameters", 200): Proof("AWS-2023", OTHER_PATHS),
    ("GET", "/metrics", 200): Proof(
        "botocore: MetricsEndpointPath",
        f"{C}test_metrics_are_prometheus_text_where_sagemaker_scrapes_it",
    ),
    ("POST", "/models", 200): Proof(
        "mms", f"{M}test_a_model_is_loaded_listed_invoked_and_unloaded"
    ),
    ("POST", "/models", 400): Proof(
        "awslabs/multi-model-server", f"{S}test_what_is_no_order_to_load_is_refused"
    ),
    ("POST", "/models", 404): Proof("SIT test_dummy_multi_model.py", LOADING),
    ("POST", "/models", 408): Proof("here", f"{S}test_an_order_to_load_that_does_not_come_is_408"),
    ("POST", "/models", 409): Proof("mms", LOADING),
    ("POST", "/models", 413): Proof("here", f"{S}test_what_is_no_order_to_load_is_refused"),
    ("POST", "/models", 500): Proof(
        "awslabs/multi-model-server", f"{S}test_a_model_of_many_that_cannot_be_loaded_is_a_500"
    ),
    ("POST", "/models", 507): Proof("mms", LOADING),
    ("GET", "/models", 200): Proof("mms", MULTI_MODEL),
    ("GET", "/models/a", 200): Proof("mms", MULTI_MODEL),
    ("GET", "/models/x", 404): Proof("mms", MULTI_MODEL),
    ("DELETE", "/models/a", 200): Proof("mms", MULTI_MODEL),
    ("DELETE", "/models/x", 404): Proof("mms", MULTI_MODEL),
    ("POST", "/models/a/invoke", 200): Proof("mms", AS_INVOCATIONS),
    ("POST", "/models/a/invoke", 204): Proof("mms", AS_INVOCATIONS),
    ("POST", "/models/a/invoke", 400): Proof("mms", AS_INVOCATIONS),
    ("POST", "/models/a/invoke", 406): Proof("mms", AS_INVOCATIONS),
    ("POST", "/models/a/invoke", 413): Proof("mms", AS_INVOCATIONS),
    ("POST", "/models/a/invoke", 415): Proof("mms", AS_INVOCATIONS),
    ("POST", "/models/x/invoke", 404): Proof("mms", MULTI_MODEL),
}

TEXTS: Mapping[str, Proof] = {
    "Workers scaled": Proof(
        "XGB test_multiple_model_endpoint.py",
        f"{M}test_a_model_is_loaded_listed_invoked_and_unloaded",
    ),
    "unregistered": Proof(
        "XGB test_multiple_model_endpoint.py",
        f"{M}test_a_model_is_loaded_listed_invoked_and_unloaded",
    ),
    "Model not found: x": Proof(
        "XGB test_multiple_model_endpoint.py", f"{M}test_a_model_that_is_not_loaded_is_a_404"
    ),
    "is already registered.": Proof(
        "XGB test_multiple_model_endpoint.py", f"{M}test_a_model_is_loaded_once"
    ),
    "nextPageToken": Proof("mms", f"{M}test_pages_go_on_where_the_token_says"),
    "MaxConcurrentTransforms": Proof(
        "AWS-2023: your-algorithms-batch-code",
        f"{C}test_a_batch_transform_is_told_how_to_send",
    ),
    "BatchStrategy": Proof(
        "AWS-2023: your-algorithms-batch-code",
        f"{C}test_a_batch_transform_is_told_how_to_send",
    ),
    "MaxPayloadInMB": Proof(
        "AWS-2023: your-algorithms-batch-code",
        f"{C}test_a_batch_transform_is_told_how_to_send",
    ),
    "predictions": Proof("XGB serve_utils.py", f"{F}test_scores_are_answered"),
    "accept-bind-to-port=true": Proof(
        "AWS-2023: inference-pipeline-real-time",
        f"{C}test_the_image_says_what_it_can_and_starts_as_sagemaker_starts_it",
    ),
    "multi-models=true": Proof(
        "mms", f"{C}test_the_image_says_what_it_can_and_starts_as_sagemaker_starts_it"
    ),
}

VARIABLES: Mapping[str, Proof] = {
    "SAGEMAKER_BASE_DIR": Proof(
        "SMC _env.py", f"{T}test_metrics_are_printed_as_sagemakers_expressions_look_for_them"
    ),
    "SAGEMAKER_BIND_TO_PORT": Proof(
        "AWS-2023: inference-pipeline-real-time",
        f"{C}test_sigterm_lets_a_request_finish_and_the_process_ends_with_0",
    ),
    "SAGEMAKER_BATCH": Proof(
        "AWS-2023", f"{C}test_a_larger_payload_is_taken_where_a_batch_sends_it"
    ),
    "SAGEMAKER_MAX_PAYLOAD_IN_MB": Proof(
        "AWS-2023; SIT", f"{C}test_a_larger_payload_is_taken_where_a_batch_sends_it"
    ),
    "MAX_CONTENT_LENGTH": Proof(
        "XGB serve.py", f"{C}test_a_smaller_limit_may_be_set_as_in_awss_image"
    ),
    "SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT": Proof(
        "XGB serve.py", f"{F}test_the_default_accept_is_a_setting"
    ),
    "SAGEMAKER_INFERENCE_OUTPUT": Proof(
        "XGB README", f"{S}test_selected_outputs_that_an_objective_has_not_are_501"
    ),
    "SAGEMAKER_INFERENCE_ENSEMBLE": Proof(
        "XGB serve_utils.py", f"{C}test_all_models_of_a_folder_vote_unless_it_is_switched_off"
    ),
    "SAGEMAKER_MULTI_MODEL": Proof("mms", f"{M}test_a_model_is_loaded_listed_invoked_and_unloaded"),
    "SAGEMAKER_PROGRAM": Proof("SIT", f"{P}test_a_program_may_be_named"),
    "SAGEMAKER_SUBMIT_DIRECTORY": Proof("SIT", f"{P}test_a_program_may_be_named"),
    "SAGEMAKER_MODEL_SERVER_WORKERS": Proof("SIT", f"{P}test_as_many_calls_run_at_once_as_asked"),
    "SAGEMAKER_MODEL_SERVER_TIMEOUT": Proof(
        "SIT", f"{P}test_a_call_that_never_ends_makes_the_container_unhealthy"
    ),
    "SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS": Proof(
        "SIT", f"{P}test_a_call_that_never_ends_makes_the_container_unhealthy"
    ),
    "SAGEMAKER_CONTAINER_LOG_LEVEL": Proof(
        "SIT parameters.py", f"{C}test_the_log_level_is_the_number_that_the_sdk_sets"
    ),
}

VARIABLES_NOT_READ: Mapping[str, Proof] = dict.fromkeys(
    (
        "SAGEMAKER_SAFE_PORT_RANGE",
        "SAGEMAKER_STARTUP_TIMEOUT",
        "SAGEMAKER_MODEL_SERVER_VMARGS",
        "SAGEMAKER_BATCH_STRATEGY",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS",
    ),
    Proof("AWS-2023; SIT", f"{C}test_variables_without_a_meaning_here_change_nothing"),
)

FUNCTIONS: Mapping[str, Proof] = {
    **dict.fromkeys(
        ("model_fn", "input_fn", "predict_fn", "output_fn"),
        Proof("SIT transformer.py", f"{P}test_every_function_is_called_in_its_turn"),
    ),
    "transform_fn": Proof("SIT transformer.py", f"{P}test_a_program_may_be_named"),
    "context": Proof("SIT README", f"{P}test_every_function_is_called_in_its_turn"),
    "pre_model_fn": Proof("SIT transformer.py", f"{P}test_a_model_is_prepared_and_warmed_up"),
    "model_warmup_fn": Proof("SIT transformer.py", f"{P}test_a_model_is_prepared_and_warmed_up"),
}

FILES: Mapping[str, Proof] = {
    "hyperparameters": Proof("AWS-2023: training", f"{T}test_a_wrong_hyperparameter_is_named"),
    "inputdataconfig": Proof(
        "AWS-2023: training", f"{T}test_a_channel_without_a_content_type_is_libsvm"
    ),
    "resourceconfig": Proof("AWS-2023: training", f"{T}test_several_hosts_are_refused"),
    "checkpointconfig": Proof(
        "XGB checkpointing.py", f"{T}test_checkpoints_are_kept_and_gone_on_from"
    ),
    "xgboost-model": Proof("XGB xgb_constants.py", f"{T}test_the_model_is_one_file_at_the_top"),
    "failure": Proof("AWS-2023: training", f"{T}test_a_failed_job_says_why_in_1024_characters"),
    "predictions.csv": Proof(
        "XGB prediction_utils.py",
        f"{T}test_kfold_leaves_a_model_for_each_fold_and_the_predictions",
    ),
    "FastFile": Proof("botocore", f"{T}test_a_channel_without_a_content_type_is_libsvm"),
    "Pipe": Proof("XGB data_utils.py", f"{T}test_what_is_not_emulated_is_refused_by_name"),
}

EXITS: Mapping[int, Proof] = {
    0: Proof("AWS-2023: training", f"{T}test_the_model_is_one_file_at_the_top"),
    1: Proof("AWS-2023: training", f"{T}test_a_failed_job_says_why_in_1024_characters"),
    143: Proof("here: 128 and SIGTERM", f"{T}test_a_stop_leaves_no_model_otherwise"),
}

TABLES: Mapping[str, Mapping[str, Proof]] = {
    "types in": TYPES_IN,
    "types refused": TYPES_REFUSED,
    "types out": TYPES_OUT,
    "selected outputs": SELECTED,
    "training types": TRAINING_TYPES,
    "headers": HEADERS,
    "texts": TEXTS,
    "variables": VARIABLES,
    "variables not read": VARIABLES_NOT_READ,
    "functions": FUNCTIONS,
    "files": FILES,
    "exit codes": {str(code): proof for code, proof in EXITS.items()},
}


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_test_that_speaks_of_it_and_names_its_source(table: str) -> None:
    for subject, proof in TABLES[table].items():
        is_type = "types" in table
        # a type as a whole: csv also stands in text/csv
        check(proof, {f'"{subject}{end}' for end in ('"', ";", " ;")} if is_type else {subject})


def test_every_way_to_say_a_type_has_its_test() -> None:
    for subject, proof in PARAMETERS_IN.items():
        check(proof, {subject.replace("no Content-Type", "LIBSVM")})


def test_every_status_has_its_test() -> None:
    for (method, path, status), proof in STATUSES.items():
        words = {str(status), f"HTTPStatus({status})"}
        check(proof, words)
        text = citation.text(proof.test)
        # helpers speak of these paths, and of their methods
        helpers = {"/ping": "ping", "/invocations": "invoke(", "/models": "load("}
        assert path in text or helpers.get(path, path) in text, (method, path, status)


def check(proof: Proof, words: set[str]) -> None:
    assert citation.exists(proof.test), f"{proof.test} does not exist"
    text = citation.text(proof.test)
    assert any(word in text for word in words), f"{proof.test} speaks of none of {sorted(words)}"
    assert citation.names_a_source(proof.test), f"{proof.test} names no source"
    assert proof.source


# The code has what the tables have, and nothing beside it


def test_the_types_are_those_that_the_container_reads_and_writes() -> None:
    assert set(TYPES_IN) == set(READERS)
    assert not set(TYPES_REFUSED) & set(READERS)
    assert tuple(TYPES_OUT) == formats.MEDIA_TYPES
    assert set(SELECTED) == set(selection.KEYS)
    assert set(TRAINING_TYPES) == set(FORMATS)


def test_the_statuses_are_those_that_the_container_answers() -> None:
    of_invocations = {status.value for status in invocations.STATUSES.values()} | {200, 204}
    of_models = {status.value for status, _ in models_api.STATUS.values()} | {200}

    documented = {
        path: {each for _, of, each in STATUSES if of == path}
        for path in ("/invocations", "/models")
    }

    assert documented["/invocations"] == of_invocations | {405}
    assert documented["/models"] == of_models


def test_the_headers_are_those_of_invoke_endpoint() -> None:
    service = botocore.session.get_session().get_service_model("sagemaker-runtime")
    operation = service.operation_model("InvokeEndpoint")
    modelled = {
        member.serialization["name"]
        for shape in (operation.input_shape, operation.output_shape)
        if shape is not None
        for member in shape.members.values()
        if member.serialization.get("location") == "header"
    }
    # SageMaker itself tells of the variant and of sessions
    by_sagemaker = {
        "x-Amzn-Invoked-Production-Variant",
        "X-Amzn-SageMaker-New-Session-Id",
        "X-Amzn-SageMaker-Closed-Session-Id",
    }
    assert modelled - by_sagemaker <= set(HEADERS)


def test_the_functions_are_those_that_a_script_may_have() -> None:
    assert set(FUNCTIONS) == {*functions.ARGUMENTS, "context"}


def test_the_variables_are_those_that_the_settings_read() -> None:
    tree = ast.parse((ROOT / "model_server" / "settings.py").read_text())
    # as values alone: docstrings and messages speak of them too
    read = {
        each.value
        for each in ast.walk(tree)
        if isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and each.value.isupper()
        and " " not in each.value
    }
    aws = {name for name in read if name.startswith("SAGEMAKER_")} | {"MAX_CONTENT_LENGTH"}
    assert set(VARIABLES) == aws
