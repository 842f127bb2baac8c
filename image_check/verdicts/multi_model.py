"""Verdicts on the API of multi-model endpoints (AWS: mms-container-apis)."""

import json
from collections.abc import Callable

from image_check.check import (
    Check,
    Level,
    Outcome,
    Verdict,
    fails,
    holds_if,
    not_checked,
    not_claimed,
)
from image_check.seen import Answer, MultiModel, Reply, Seen, is_ok
from image_check.verdicts.capabilities import claims

MULTI_MODELS = "com.amazonaws.sagemaker.capabilities.multi-models"
_NOT_FOUND = 404
_CONFLICT = 409
_SOURCE = "AWS-mme"


def _when_asked(judge: Callable[[MultiModel], Verdict]) -> Callable[[Seen], Verdict]:
    """Judge the answers of an image that has the label and came up."""

    def judged(seen: Seen) -> Verdict:
        if not claims(seen, MULTI_MODELS):
            return not_claimed(f"no label {MULTI_MODELS}")
        if seen.multi_model is not None:
            return judge(seen.multi_model)
        if seen.multi_model_start is None:
            return not_checked("no model: give one with --model")
        return not_checked("it did not come up: see `mme-starts`")

    return judged


def _starts(seen: Seen) -> Verdict:
    if not claims(seen, MULTI_MODELS):
        return not_claimed(f"no label {MULTI_MODELS}")
    if seen.multi_model_start is None:
        return not_checked("no model: give one with --model")
    return holds_if(seen.multi_model_start.ready, seen.multi_model_start.with_log())


def _loads(asked: MultiModel) -> Verdict:
    return holds_if(is_ok(asked.load), str(asked.load))


def _lists(asked: MultiModel) -> Verdict:
    before, after = _listed(asked.none_loaded), _listed(asked.loaded)
    listed = isinstance(after, list) and len(after) == 1 and _is_description(after[0], asked)
    return holds_if(
        before == [] and listed,
        f"before: {_shown(before)}, after loading: {_shown(after)}",
    )


def _describes(asked: MultiModel) -> Verdict:
    found = _document(asked.described)
    right = is_ok(asked.described) and _is_description(found, asked)
    return holds_if(right, f"{asked.described}: {_shown(found)}")


def _is_description(found: object, asked: MultiModel) -> bool:
    wanted = {"modelName": asked.name, "modelUrl": asked.url}
    return isinstance(found, dict) and wanted.items() <= found.items()


def _invokes(seen: Seen) -> Verdict:
    verdict = _when_asked(_answers)(seen)
    if verdict.outcome is Outcome.FAILS and seen.served and not is_ok(seen.served.invocation):
        return not_checked("no body is known that it takes: see `invocations`")
    return verdict


def _answers(asked: MultiModel) -> Verdict:
    return holds_if(is_ok(asked.invocation), str(asked.invocation))


def _refuses_unknown(asked: MultiModel) -> Verdict:
    for what, answer in (("GET", asked.unknown_described), ("invoke", asked.unknown_invocation)):
        if not _has_status(answer, _NOT_FOUND):
            return fails(f"{what} of a model that is not loaded: {answer}")
    return holds_if(condition=True, seen="404 to GET and invoke")


def _refuses_twice(asked: MultiModel) -> Verdict:
    return holds_if(_has_status(asked.load_again, _CONFLICT), str(asked.load_again))


def _unloads(asked: MultiModel) -> Verdict:
    if not is_ok(asked.unload):
        return fails(str(asked.unload))
    gone = _has_status(asked.described_after, _NOT_FOUND)
    again = _has_status(asked.unload_again, _NOT_FOUND)
    return holds_if(
        gone and again,
        f"{asked.unload}; afterwards GET: {asked.described_after}, DELETE: {asked.unload_again}",
    )


def _has_status(answer: Answer, status: int) -> bool:
    return isinstance(answer, Reply) and answer.status == status


def _document(answer: Answer) -> object:
    """Give the JSON of an answer, or None where it is none."""
    try:
        return json.loads(answer.body) if isinstance(answer, Reply) else None
    except ValueError:
        return None


def _listed(answer: Answer) -> object:
    """Give the list of models in an answer, or None where there is none."""
    document = _document(answer)
    return document.get("models") if is_ok(answer) and isinstance(document, dict) else None


def _shown(document: object) -> str:
    return "no JSON as demanded" if document is None else json.dumps(document)[:120]


CHECKS = (
    Check(
        "mme-starts",
        "with SAGEMAKER_MULTI_MODEL=true and no model loaded, /ping answers 200",
        _SOURCE,
        Level.CLAIMED,
        "The multi-model endpoint goes to Failed.",
        _starts,
    ),
    Check(
        "mme-load",
        "POST /models loads a model: 200",
        _SOURCE,
        Level.CLAIMED,
        "No model of the endpoint can be invoked.",
        _when_asked(_loads),
    ),
    Check(
        "mme-list",
        "GET /models lists what is loaded, by modelName and modelUrl",
        _SOURCE,
        Level.CLAIMED,
        "SageMaker does not know what is loaded, and loads and unloads wrongly.",
        _when_asked(_lists),
    ),
    Check(
        "mme-get",
        "GET /models/{name} gives modelName and modelUrl",
        _SOURCE,
        Level.CLAIMED,
        "SageMaker takes the model for absent.",
        _when_asked(_describes),
    ),
    Check(
        "mme-again",
        "loading a model twice gives 409",
        _SOURCE,
        Level.CLAIMED,
        "Two loads at once load the model twice: the memory runs out early.",
        _when_asked(_refuses_twice),
    ),
    Check(
        "mme-invoke",
        "POST /models/{name}/invoke answers the sample body with 200",
        _SOURCE,
        Level.CLAIMED,
        "InvokeEndpoint with TargetModel raises ModelError.",
        _invokes,
    ),
    Check(
        "mme-unknown",
        "a model that is not loaded gives 404",
        _SOURCE,
        Level.CLAIMED,
        "SageMaker does not load it again after it was unloaded.",
        _when_asked(_refuses_unknown),
    ),
    Check(
        "mme-unload",
        "DELETE /models/{name} unloads: 200, and 404 from then on",
        _SOURCE,
        Level.CLAIMED,
        "No room is made for other models: loading them ends with 507.",
        _when_asked(_unloads),
    ),
)
