"""Early stopping: when training is over because the validation metric no longer gets better.

Kept in the booster's attributes, where XGBoost has them too, so that a checkpoint has them.
"""

from dataclasses import dataclass
from math import isnan

import xgboost

from model_server.training import metric_names
from model_server.training.hyperparameters import Hyperparameters
from model_server.training.measuring import Scores

ROUND, SCORE = "best_iteration", "best_score"


@dataclass(frozen=True, slots=True)
class Stopping:
    """Watches one metric of the last channel."""

    rounds: int
    metric: str | None
    """None for the last one that is measured."""

    @classmethod
    def asked_for(cls, hyperparameters: Hyperparameters) -> "Stopping | None":
        """Take the hyperparameters; None where training is not to stop early."""
        rounds = hyperparameters.early_stopping_rounds
        return None if rounds is None else cls(rounds, hyperparameters.stopping_metric)

    def note(self, booster: xgboost.Booster, number: int, scores: Scores) -> None:
        """Remember the round, counted from 0, where it is the best so far."""
        measured = list(scores.values())[-1]
        metric = self.metric or list(measured)[-1]
        score = measured[metric]
        found = booster.attr(SCORE)
        # a score that is no number, as AUC of rows of one class, is never better
        if isnan(score):
            return
        if found is None or _is_better(score, float(found), metric):
            booster.set_attr(**{ROUND: str(number), SCORE: str(score)})

    def is_over(self, booster: xgboost.Booster) -> bool:
        """Say whether so many rounds brought nothing better."""
        best = booster.attr(ROUND)
        if best is None:
            return False
        return booster.num_boosted_rounds() - 1 - int(best) >= self.rounds


def _is_better(score: float, best: float, metric: str) -> bool:
    return score > best if metric_names.is_maximised(metric) else score < best


def best(booster: xgboost.Booster) -> xgboost.Booster:
    """Give the booster up to its best round, as AWS's image saves it (callback.py: save_best)."""
    number, score = booster.attr(ROUND), booster.attr(SCORE)
    if number is None:
        return booster
    cut = booster[: int(number) + 1]
    cut.set_attr(**{ROUND: number, SCORE: score})
    return cut
