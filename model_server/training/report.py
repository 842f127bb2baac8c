"""The report page: how good the model is, what it looks at, what it was trained with.

Curves and the comparison with a logistic regression are of binary:logistic; of other objectives
the page says that they are left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from model_server.training import markup
from model_server.training.curves import calibration, gain, roc
from model_server.training.evaluation import Evaluation, Measure, Unseen
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.measuring import Scores
from model_server.training.metrics import Floats
from model_server.training.objectives import BINARY_LOGISTIC, is_binary
from model_server.training.plots import Line, Plot
from model_server.training.table import Table

DIRECTIONS = {
    1: "a higher value never lowers the score",
    -1: "a higher value never raises the score",
    0: "free",
}
_MEASURES = {
    "auc": ("AUC", "how often a positive ranks above a negative; more is better"),
    "brier": ("Brier score", "mean squared error of the probability; less is better"),
    "ece": ("ECE", "how far the probability is off, over ten bins; less is better"),
    "logloss": ("Log loss", "mean negative log likelihood; less is better"),
}
_CHANNELS = {"train": "Training data", "validation": "Validation data"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the report shows."""

    table: Table
    """What the model was fitted to."""
    unseen: Unseen | None
    scores: Scores
    """Of the model that was written."""
    importance: Sequence[float]
    rounds: int
    """How many rounds the model has."""
    hyperparameters: Hyperparameters

    @property
    def features(self) -> Sequence[str]:
        """Give each column's name, XGBoost's own where the job gave none."""
        given = self.hyperparameters.feature_names
        return given or tuple(f"f{column}" for column in range(self.table.columns))


def page(findings: Findings) -> str:
    """Give the report as HTML."""
    channels = [_CHANNELS[name] for name in findings.scores]
    unit = "log-odds" if is_binary(findings.hyperparameters.objective) else "the model's margin"
    return markup.document(
        "Training report",
        [
            "<h1>Training report</h1>",
            f'<p class="lead">{escape(_lead(findings))}</p>',
            "<h2>On rows that it has not seen</h2>",
            *_unseen(findings),
            "<h2>What was measured</h2>",
            f"<p>The model that was written: {findings.rounds} rounds.</p>",
            markup.table(["Measure", *channels], _scores(findings.scores), len(channels)),
            "<h2>What the model looks at</h2>",
            f"<p>The mean absolute contribution, in {unit}, and which way the model may go.</p>",
            markup.bars(["Feature", "Contribution", "Direction"], _features(findings)),
            "<h2>Hyperparameters</h2>",
            markup.table(["Name", "Value"], _settings(findings.hyperparameters)),
        ],
    )


def _lead(findings: Findings) -> str:
    rows, columns = len(findings.table), findings.table.columns
    objective = findings.hyperparameters.objective
    if not is_binary(objective):
        return f"{rows:,} rows, {columns} features, objective {objective}."
    positives = int(findings.table.labels.sum())
    share = positives / rows
    return f"{rows:,} rows, {positives:,} of them positive ({share:.1%}), {columns} features."


def _unseen(findings: Findings) -> list[str]:
    unseen = findings.unseen
    if unseen is None:
        return [f"<p>{_reason(findings)}</p>"]
    model, logistic = unseen.evaluations["model"], unseen.evaluations["logistic"]
    words = (
        "Measured on the channel <code>validation</code>, the logistic regression too, which was "
        "fitted to the training data as well."
    )
    if unseen.folds:
        words = (
            f"Fitted {unseen.folds} times, each time on {unseen.folds - 1} of {unseen.folds} parts "
            "of the data, and measured on the part left out; the logistic regression on the same "
            "parts. Each figure is the mean of the parts ± their standard deviation."
        )
    return [
        f"<p>{words}</p>",
        _measures(model, logistic),
        '<div class="plots">',
        *_plots(unseen.happened, model, logistic),
        "</div>",
    ]


def _reason(findings: Findings) -> str:
    """Say why nothing is shown of unseen rows."""
    objective = findings.hyperparameters.objective
    if objective != BINARY_LOGISTIC:
        return (
            "Left out: ROC, calibration, gain and the comparison with a logistic regression, which "
            f"are of <code>{BINARY_LOGISTIC}</code> only; the objective is "
            f"<code>{objective}</code>. The channel <code>validation</code>, where there is one, "
            "is measured below."
        )
    if findings.hyperparameters.kfold == 0:
        return "Not measured: the hyperparameter <code>kfold</code> is 0."
    return "Not measured: there are too few rows of one of the labels."


def _measures(model: Evaluation, logistic: Evaluation) -> str:
    return markup.table(
        ["Measure", "Model", "Logistic regression", "What it says"],
        (
            [name, _spread(model.measures[key]), _spread(logistic.measures[key]), meaning]
            for key, (name, meaning) in _MEASURES.items()
        ),
        numbers=2,
    )


def _spread(measure: Measure) -> str:
    deviation = "" if measure.std is None else f" ± {measure.std:.4f}"
    return f"{measure.mean:.4f}{deviation}"


def _plots(happened: Floats, model: Evaluation, logistic: Evaluation) -> Iterable[str]:
    def lines(curve: str, reference: str) -> list[Line]:
        draw = {"roc": roc, "calibration": calibration, "gain": gain}[curve]
        marked = curve == "calibration"
        return [
            Line(reference, "reference", [(0.0, 0.0), (1.0, 1.0)]),
            Line("logistic regression", "logistic", draw(happened, logistic.predicted), marked),
            Line("model", "model", draw(happened, model.predicted), marked),
        ]

    yield markup.figure(
        Plot("ROC", "False positive rate", "True positive rate", lines("roc", "chance")),
        "For each threshold: the share of the negatives flagged in vain, the share of the "
        "positives found. The nearer to the upper left, the better.",
    )
    yield markup.figure(
        Plot(
            "Calibration",
            "Predicted probability",
            "Share that was positive",
            lines("calibration", "exact"),
            legend_on_top=True,
        ),
        "Ten groups of equally many rows by their prediction. On the dashed line a prediction "
        "means what it says.",
    )
    yield markup.figure(
        Plot(
            "Gain",
            "Share of the rows, highest score first",
            "Share of the positives found",
            lines("gain", "random order"),
        ),
        "How many of the positives are found by looking at so many rows.",
    )


def _scores(scores: Scores) -> Iterable[list[str]]:
    first = next(iter(scores.values()))
    for name in first:
        yield [name, *(f"{metrics[name]:.4f}" for metrics in scores.values())]


def _features(findings: Findings) -> list[tuple[str, float, str]]:
    constraints = findings.hyperparameters.monotone_constraints or (0,) * len(findings.features)
    ranked = sorted(
        zip(findings.features, findings.importance, constraints, strict=True),
        key=lambda feature: (-feature[1], feature[0]),
    )
    return [(name, weight, DIRECTIONS[direction]) for name, weight, direction in ranked]


def _settings(hyperparameters: Hyperparameters) -> Iterable[list[str]]:
    for name, value in sorted(hyperparameters.set.items()):
        if name not in ("feature_names", "monotone_constraints"):
            text = f"{value:g}" if isinstance(value, float) else str(value)
            yield [name, ", ".join(map(str, value)) if isinstance(value, tuple) else text]
