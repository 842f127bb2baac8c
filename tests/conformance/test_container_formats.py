"""The container takes and gives the formats that AWS documents and its XGBoost image has.

Sources, named beside each fact: XGB is aws/sagemaker-xgboost-container, SMC is
aws/sagemaker-containers, the guide is the SageMaker developer guide. "Here" marks what this image
does on purpose and AWS's does not.
"""

import asyncio
import csv
import io
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pytest
import xgboost

from model_server.model.booster import Model, load
from model_server.rows import record
from model_server.rows.recordio import frames
from model_server.serving.errors import STATUS
from model_server.serving.formats import MEDIA_TYPES, PLAIN, Formats
from model_server.serving.invocation import Invocation, prepare

NAMES = ["age", "debt", "income"]
ROWS = np.array([[0.5, -1, np.nan], [-2, 0.25, 3], [1, np.nan, -0.5]], np.float32)
CSV = b"0.5,-1,\n-2,0.25,3\n1,,-0.5\n"
LIBSVM = b"1 0:0.5 1:-1\n0 0:-2 1:0.25 2:3\n1 0:1 2:-0.5\n"
CLASSES = 3
OBJECTIVES = ("reg:squarederror", "binary:logistic", "multi:softprob", "multi:softmax")

Array = npt.NDArray[np.float32]
Models = Mapping[str, Model]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    folder = tmp_path_factory.mktemp("models")
    generator = np.random.default_rng(7)
    rows = generator.normal(size=(300, len(NAMES))).astype(np.float32)
    numbers = rows[:, 0] - rows[:, 1] + generator.normal(size=300) / 4
    targets: Mapping[str, npt.NDArray[np.floating]] = {
        "reg:squarederror": numbers,
        "binary:logistic": (numbers > 0).astype(np.float32),
        "multi:softprob": np.digitize(numbers, [-0.5, 0.5]).astype(np.float32),
        "multi:softmax": np.digitize(numbers, [-0.5, 0.5]).astype(np.float32),
    }
    return {
        objective: trained(objective, rows, target, folder) for objective, target in targets.items()
    }


def trained(objective: str, rows: Array, target: npt.NDArray[np.floating], folder: Path) -> Model:
    settings: dict[str, object] = {"objective": objective, "max_depth": 2, "nthread": 1}
    if objective.startswith("multi:"):
        settings["num_class"] = CLASSES
    data = xgboost.DMatrix(rows, target, feature_names=NAMES, nthread=1)
    path = folder / objective.replace(":", "-")
    path.write_bytes(xgboost.train(settings, data, num_boost_round=4).save_raw("ubj"))
    return asyncio.run(load(path))


def predicted(model: Model, rows: Array = ROWS) -> Array:
    """What AWS's image predicts: `Booster.predict` on a DMatrix (XGB serve_utils.py)."""
    scores: Array = model.booster.predict(xgboost.DMatrix(rows, nthread=1), validate_features=False)
    return scores


def answer(
    model: Model,
    body: bytes = CSV,
    content_type: str = "text/csv",
    accept: str = "",
    formats: Formats = PLAIN,
    attributes: str = "",
) -> bytes:
    invocation = Invocation(
        content_type=content_type, accept=accept, attributes=attributes, body=body
    )
    return prepare(model, invocation, formats).whole()


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is no JSON")


def strict_json(text: bytes) -> dict[str, object]:
    document: dict[str, object] = json.loads(text, parse_constant=refuse)
    return document


def tensor(values: Array, keys: bytes = b"", *, label: bool = False) -> bytes:
    """A framed Record, put together by hand from the guide's schema and SMC's `_recordio.py`."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    vector = field(1, values.tobytes())
    if keys:
        vector += field(2, keys) + field(3, bytes([len(NAMES)]))
    content = field(1, field(1, b"values") + field(2, field(2, vector)))
    if label:
        content += field(2, field(1, b"values") + field(2, field(2, field(1, bytes(4)))))
    head = struct.pack("<II", 0xCED7230A, len(content))
    return head + content + bytes(-len(content) % 4)


DENSE = b"".join(tensor(row, label=True) for row in ROWS)
SPARSE = (
    tensor(ROWS[0, :2], keys=bytes([0, 1]))
    + tensor(ROWS[1], keys=bytes([0, 1, 2]))
    + tensor(ROWS[2, ::2], keys=bytes([0, 2]))
)
LABELLED = b"9,0.5,-1,\n9,-2,0.25,3\n9,1,,-0.5\n"
QUOTED = b'"0.5",-1,""\r\n-2,0.25,"3"\r\n1,,-0.5'
UNLABELLED = b"0:0.5 1:-1\n0:-2 1:0.25 2:3\n0:1 2:-0.5\n"
INSTANCES: list[list[float | None]] = [[0.5, -1, None], [-2, 0.25, 3], [1, None, -0.5]]
NAMED = [dict(zip(NAMES, row, strict=True)) for row in INSTANCES]
FEATURES = [{"features": row} for row in INSTANCES]
DATA = [{"data": {"features": {"values": row}}} for row in INSTANCES]
KEYED = [
    {
        "data": {
            "features": {
                "keys": [at for at, value in enumerate(row) if value is not None],
                "shape": [len(NAMES)],
                "values": [value for value in row if value is not None],
            }
        }
    }
    for row in INSTANCES
]


def instances(rows: list[object]) -> bytes:
    return json.dumps({"instances": rows}).encode()


def lines(rows: list[object]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


@dataclass(frozen=True, slots=True)
class Taken:
    """A request that must be understood as ROWS."""

    source: str
    content_type: str
    body: bytes


TAKEN = [
    Taken("XGB data_utils.py get_content_type", "text/csv", CSV),
    Taken("XGB data_utils.py get_content_type", "csv", CSV),
    Taken("XGB test_serve_utils.py", "text/csv; charset=utf-8", CSV),
    Taken("the guide: cdf-training", "text/csv;label_size = 1", LABELLED),
    Taken("RFC 4180, section 3: header", "text/csv; header=present", b"age,debt,income\r\n" + CSV),
    Taken("RFC 4180, section 2: quotes, CRLF", "text/csv", QUOTED),
    Taken("XGB encoder.py: an empty cell is nan", "text/csv", CSV.replace(b",\n", b",nan\n")),
    Taken("XGB data_utils.py: None is libsvm", "", LIBSVM),
    Taken("XGB data_utils.py get_content_type", "text/libsvm ;charset=utf8", LIBSVM),
    Taken("XGB xgb_content_types.py X_LIBSVM", "text/x-libsvm", LIBSVM),
    Taken("XGB data_utils.py get_content_type", "libsvm", LIBSVM),
    Taken("XGB serve_utils.py: no label", "libsvm", UNLABELLED),
    Taken("the guide: Record, dense", "application/x-recordio-protobuf", DENSE),
    Taken("the guide: Record, sparse", "application/x-recordio-protobuf", SPARSE),
    Taken("XGB data_utils.py get_content_type", "recordio-protobuf", DENSE),
    Taken("XGB data_utils.py: cgi.parse_header", "Text/CSV; charset=iso-8859-1", CSV),
    Taken("the guide: cdf-inference, features", "application/json", instances([*FEATURES])),
    Taken("the guide: cdf-inference, dense", "application/json", instances([*DATA])),
    Taken("the guide: cdf-inference, sparse", "application/json", instances([*KEYED])),
    Taken("here: lists", "application/json", instances([*INSTANCES])),
    Taken("here: names", "application/json", instances([*NAMED])),
    Taken(
        "the guide: cdf-inference, jsonlines",
        "application/jsonlines",
        lines([FEATURES[0], DATA[1], KEYED[2]]),
    ),
    Taken(
        "here: lists and names",
        "application/jsonlines",
        lines([INSTANCES[0], *NAMED[1:]]),
    ),
]


@pytest.mark.parametrize("taken", TAKEN, ids=lambda taken: f"{taken.source} ({taken.content_type})")
def test_requests_are_understood(models: Models, taken: Taken) -> None:
    model = models["reg:squarederror"]

    body = answer(model, taken.body, taken.content_type)

    assert np.array_equal(np.loadtxt(io.BytesIO(body), np.float32), predicted(model))


@pytest.mark.parametrize(
    ("source", "content_type", "accept", "body", "status"),
    [
        ("XGB serve.py: parse_content_data", "text/html", "", CSV, 415),
        ("here: JSON that is none", "application/json", "", b"[1,", 415),
        ("XGB data_utils.py: refused at inference", "application/x-parquet", "", b"PAR1", 415),
        ("XGB data_utils.py: refused at inference", "parquet", "", b"PAR1", 415),
        ("XGB test_serve_utils.py", "text/csv; label_size=5", "", CSV, 415),
        ("XGB test_serve_utils.py", "text/csv; label_size=1=1", "", CSV, 415),
        ("XGB test_serve_utils.py", "text/csv; label_size=1; label_size=2", "", CSV, 415),
        ("XGB test_serve_utils.py", "label_size=1; text/csv", "", CSV, 415),
        ("XGB serve_utils.py: Loading csv data failed", "text/csv", "", b"a,b,c", 415),
        ("XGB serve_utils.py: Loading libsvm data failed", "text/libsvm", "", b"0:a", 415),
        ("XGB recordio_protobuf.py: magic", "application/x-recordio-protobuf", "", CSV, 415),
        ("XGB serve_utils.py: Feature size is not consistent", "text/csv", "", b"1,2", 400),
        ("XGB serve_utils.py: Feature size is larger", "text/libsvm", "", b"1 9:2", 400),
        ("here: names", "application/json", "", b'{"age": 1}', 400),
        ("XGB serve.py: _parse_accept", "text/csv", "image/png", CSV, 406),
        ("here: Accept is read before the rows", "text/csv", "image/png", b"a,b,c", 406),
    ],
)
def test_refusals_have_the_status(
    models: Models, source: str, content_type: str, accept: str, body: bytes, status: int
) -> None:
    with pytest.raises(tuple(STATUS)) as error:
        answer(models["binary:logistic"], body, content_type, accept)

    assert STATUS[error.type] == HTTPStatus(status), source


Read = Callable[[bytes], list[object]]


def rows_of_csv(body: bytes) -> list[object]:
    cells = list(csv.reader(io.StringIO(body.decode())))
    return [[float(cell) for cell in row] if len(row) > 1 else float(row[0]) for row in cells]


def rows_of_json(body: bytes) -> list[object]:
    predictions = strict_json(body)["predictions"]
    assert isinstance(predictions, list)
    return [row["score"] for row in predictions]


def rows_of_jsonlines(body: bytes) -> list[object]:
    assert body.endswith(b"\n")
    return [strict_json(line)["score"] for line in body.splitlines()]


def rows_of_recordio(body: bytes) -> list[object]:
    found: list[object] = []
    for content in frames(body):
        values = list(record.parse(content).label["score"].float32_tensor.values)
        found.append(values if len(values) > 1 else values[0])
    return found


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    ("accept", "content_type", "read"),
    [
        # SMC _encoders.py array_to_csv: a line a row, a vector as cells
        ("text/csv", "text/csv; charset=utf-8", rows_of_csv),
        # XGB serve_utils.py encode_predictions_as_json
        ("application/json", "application/json", rows_of_json),
        # XGB encoder.py json_to_jsonlines; AWS's image answers 500 without selected outputs
        ("application/jsonlines", "application/jsonlines", rows_of_jsonlines),
        ("application/x-recordio-protobuf", "application/x-recordio-protobuf", rows_of_recordio),
    ],
)
def test_scores_are_answered(
    models: Models, objective: str, accept: str, content_type: str, read: Read
) -> None:
    model = models[objective]

    invocation = Invocation(content_type="text/csv", accept=accept, attributes="", body=CSV)
    prediction = prepare(model, invocation)

    assert prediction.writer.content_type == content_type
    found = np.array(read(prediction.whole()), np.float32)
    assert np.array_equal(found, predicted(model))


def test_the_default_accept_is_a_setting(models: Models) -> None:
    """XGB serve.py _parse_accept: SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT."""
    formats = Formats(default_accept="application/json")

    for accept in ("", "*/*"):
        assert rows_of_json(answer(models["binary:logistic"], accept=accept, formats=formats))
    assert rows_of_csv(answer(models["binary:logistic"], accept="text/csv", formats=formats))


KEYS = (
    "predicted_label",
    "labels",
    "probability",
    "probabilities",
    "raw_score",
    "raw_scores",
    "predicted_score",
)


def expected_rows(model: Model) -> list[dict[str, object]]:
    """The values of XGB serve_utils.py get_selected_predictions, for all seven keys.

    It gives NaN for a key that the objective has not; null here, and in JSON there can be no other.
    """
    none = dict.fromkeys(KEYS)
    rows = []
    for raw in predicted(model):
        score = raw.tolist()
        if model.objective == "reg:squarederror":
            row: dict[str, object] = {"predicted_score": score}
        elif model.objective == "binary:logistic":
            both = [1 - score, score]
            row = {
                "predicted_label": int(score > 0.5),
                "labels": [0, 1],
                "probability": score,
                "probabilities": both,
                "raw_score": score,
                "raw_scores": both,
            }
        elif model.objective == "multi:softprob":
            row = {
                "predicted_label": int(np.argmax(raw)),
                "labels": [0, 1, 2],
                "probability": max(score),
                "probabilities": score,
                "raw_score": max(score),
                "raw_scores": score,
            }
        else:
            row = {
                "predicted_label": score,
                "labels": [0, 1, 2],
                "raw_score": score,
                "raw_scores": [1 - score, score],
            }
        rows.append(none | row)
    return rows


SELECTED = Formats(selected=KEYS)


def close(found: object, expected: object) -> bool:
    """Tell values that are the same in single precision."""
    if expected is None or found is None:
        return found is expected
    return bool(np.allclose(np.array(found, float), np.array(expected, float), rtol=1e-6))


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize("accept", MEDIA_TYPES)
def test_selected_outputs_are_answered(models: Models, objective: str, accept: str) -> None:
    """XGB serve_utils.py encode_selected_predictions, README "selectable inference"."""
    model = models[objective]

    body = answer(model, accept=accept, formats=SELECTED)

    found: list[dict[str, object]]
    if accept == "application/json":
        predictions = strict_json(body)["predictions"]
        assert isinstance(predictions, list)
        found = predictions
    elif accept == "application/jsonlines":
        found = [strict_json(line) for line in body.splitlines()]
    elif accept == "text/csv":
        found = [
            {key: json.loads(cell or "null") for key, cell in zip(KEYS, row, strict=True)}
            for row in csv.reader(io.StringIO(body.decode()))
        ]
    else:
        found = [selected_record(content) for content in frames(body)]
    expected = expected_rows(model)
    assert [list(row) for row in found] == [list(KEYS)] * len(ROWS)
    for row, values in zip(found, expected, strict=True):
        assert all(close(row[key], values[key]) for key in KEYS), (row, values)


def selected_record(content: bytes) -> dict[str, object]:
    """Read a Record; a missing number stays NaN in its tensor, as in AWS's image."""
    label = record.parse(content).label
    assert set(label) == set(KEYS)
    row: dict[str, object] = {}
    for key in KEYS:
        values = list(label[key].float32_tensor.values)
        plain = None if np.isnan(values[0]) else values[0]
        row[key] = values if len(values) > 1 else plain
    return row


def test_a_list_is_quoted_in_csv(models: Models) -> None:
    """XGB test_serve_utils.py: `1,"[0.4, 0.6]"` a row, no newline at the end."""
    formats = Formats(selected=("predicted_label", "probabilities"))

    body = answer(models["binary:logistic"], formats=formats).decode()

    assert len(body.split("\n")) == len(ROWS)
    for line in body.split("\n"):
        label, _, quoted = line.partition(",")
        assert label in ("0", "1")
        assert quoted.startswith('"[')
        assert quoted.endswith(']"')
        assert ", " in quoted


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "application/jsonlines"])
@pytest.mark.parametrize("selected", [(), ("labels", "probability")])
def test_a_batch_ends_with_a_newline(
    models: Models, accept: str, selected: tuple[str, ...]
) -> None:
    """XGB serve.py: SAGEMAKER_BATCH. AWS's image then writes bare values, whatever Accept says."""
    body = answer(
        models["binary:logistic"], accept=accept, formats=Formats("", selected, batch=True)
    )

    assert body.endswith(b"\n")
    assert body.count(b"\n") == (1 if accept == "application/json" else len(ROWS))


def test_an_objective_without_selected_outputs_is_not_implemented(models: Models) -> None:
    """XGB serve_utils.py: ValueError, which serve.py answers with 500."""
    counting = replace(models["reg:squarederror"], objective="count:poisson")

    with pytest.raises(tuple(STATUS)) as error:
        answer(counting, formats=SELECTED)

    assert STATUS[error.type] == HTTPStatus.NOT_IMPLEMENTED


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_contributions_add_up_to_the_margin(models: Models, objective: str) -> None:
    """Here; XGBoost's documentation of pred_contribs says what they add up to."""
    model = models[objective]
    margins = model.booster.predict(
        xgboost.DMatrix(ROWS, nthread=1), output_margin=True, validate_features=False
    )

    body = answer(model, accept="application/json", attributes="explain=contributions")

    predictions = strict_json(body)["predictions"]
    assert isinstance(predictions, list)
    for row, margin in zip(predictions, margins, strict=True):
        assert np.allclose(np.sum(row["contributions"], axis=-1) + row["bias"], margin, atol=1e-5)
