"""The report page: how good the model is, what it looks at, what it was trained with.

One file without a script, a font or a picture from elsewhere, in light and dark.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from importlib.resources import files

from model_server.training.curves import calibration, gain, roc
from model_server.training.evaluation import Evaluation, Measure
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.metrics import Floats
from model_server.training.plots import Line, Plot, svg

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that the report shows."""

    happened: Floats
    evaluations: Mapping[str, Evaluation]
    """Of "model" and "logistic"; empty where the k-fold was left out."""
    training: Mapping[str, float]
    features: Sequence[str]
    importance: Sequence[float]
    hyperparameters: Hyperparameters


def page(findings: Findings) -> str:
    """Give the report as HTML."""
    style = files("model_server.training").joinpath("report.css").read_text(encoding="utf-8")
    rows = len(findings.happened)
    positives = int(findings.happened.sum())
    data = (
        f"{rows:,} rows, {positives:,} of them positive ({positives / rows:.1%}), "
        f"{len(findings.features)} features."
    )
    body = "\n".join(
        [
            "<h1>Training report</h1>",
            f'<p class="lead">{data}</p>',
            *_unseen(findings),
            "<h2>On the training data</h2>",
            "<p>The model that was written, on the rows that it was fitted to.</p>",
            _table(
                ["Measure", "Model"],
                ([name, f"{value:.4f}"] for name, value in findings.training.items()),
            ),
            "<h2>What the model looks at</h2>",
            "<p>The mean absolute contribution, in log-odds, and which way the model may go.</p>",
            _features(findings),
            "<h2>Hyperparameters</h2>",
            _table(["Name", "Value"], _settings(findings.hyperparameters)),
        ]
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Training report</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _unseen(findings: Findings) -> list[str]:
    heading = "<h2>On rows that it has not seen</h2>"
    if not findings.evaluations:
        return [heading, "<p>Not measured: the hyperparameter <code>kfold</code> is 0.</p>"]
    model, logistic = findings.evaluations["model"], findings.evaluations["logistic"]
    folds = findings.hyperparameters.kfold
    words = (
        f"Fitted {folds} times, each time on {folds - 1} of {folds} parts of the data, and "
        "measured on the part left out; the logistic regression on the same parts. Each figure is "
        "the mean of the parts ± their standard deviation."
    )
    return [
        heading,
        f"<p>{words}</p>",
        _measures(model, logistic),
        '<div class="plots">',
        *_plots(findings.happened, model, logistic),
        "</div>",
    ]


def _measures(model: Evaluation, logistic: Evaluation) -> str:
    return _table(
        ["Measure", "Model", "Logistic regression", "What it says"],
        (
            [name, _spread(model.measures[key]), _spread(logistic.measures[key]), meaning]
            for key, (name, meaning) in _MEASURES.items()
        ),
        numbers=2,
    )


def _spread(measure: Measure) -> str:
    return f"{measure.mean:.4f} ± {measure.std:.4f}"


def _plots(happened: Floats, model: Evaluation, logistic: Evaluation) -> Iterable[str]:
    def lines(curve: str, reference: str) -> list[Line]:
        draw = {"roc": roc, "calibration": calibration, "gain": gain}[curve]
        marked = curve == "calibration"
        return [
            Line(reference, "reference", [(0.0, 0.0), (1.0, 1.0)]),
            Line("logistic regression", "logistic", draw(happened, logistic.predicted), marked),
            Line("model", "model", draw(happened, model.predicted), marked),
        ]

    yield _figure(
        Plot("ROC", "False positive rate", "True positive rate", lines("roc", "chance")),
        "For each threshold: the share of the negatives flagged in vain, the share of the "
        "positives found. The nearer to the upper left, the better.",
    )
    yield _figure(
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
    yield _figure(
        Plot(
            "Gain",
            "Share of the rows, highest score first",
            "Share of the positives found",
            lines("gain", "random order"),
        ),
        "How many of the positives are found by looking at so many rows.",
    )


def _figure(plot: Plot, caption: str) -> str:
    return (
        f"<figure>\n<h3>{escape(plot.title)}</h3>\n{svg(plot)}\n"
        f"<figcaption>{escape(caption)}</figcaption>\n</figure>"
    )


def _features(findings: Findings) -> str:
    constraints = findings.hyperparameters.monotone_constraints or (0,) * len(findings.features)
    ranked = sorted(
        zip(findings.features, findings.importance, constraints, strict=True),
        key=lambda feature: (-feature[1], feature[0]),
    )
    longest = max(findings.importance) or 1.0
    rows = "\n".join(
        f'<tr><td>{escape(name)}</td><td class="number">{weight:.4f}</td>'
        f'<td class="bar"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="{100 * weight / longest:.1f}" height="6"/></svg></td>'
        f"<td>{DIRECTIONS[direction]}</td></tr>"
        for name, weight, direction in ranked
    )
    return (
        '<div class="table"><table>\n<thead><tr><th>Feature</th><th class="number">Contribution'
        "</th><th></th><th>Direction</th></tr></thead>\n"
        f"<tbody>\n{rows}\n</tbody>\n</table></div>"
    )


def _settings(hyperparameters: Hyperparameters) -> Iterable[list[str]]:
    for name, value in asdict(hyperparameters).items():
        if name not in ("feature_names", "monotone_constraints"):
            text = f"{value:g}" if isinstance(value, float) else str(value)
            yield [name.rstrip("_"), ", ".join(value) if isinstance(value, tuple) else text]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 1) -> str:
    """Make a table in which `numbers` columns after the first are aligned right."""

    def line(tag: str, cells: Sequence[str]) -> str:
        return "".join(
            f'<{tag} class="number">{escape(cell)}</{tag}>'
            if 0 < column <= numbers
            else f"<{tag}>{escape(cell)}</{tag}>"
            for column, cell in enumerate(cells)
        )

    body = "\n".join(f"<tr>{line('td', cells)}</tr>" for cells in rows)
    return (
        f'<div class="table"><table>\n<thead><tr>{line("th", head)}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody>\n</table></div>"
    )
