"""The credit model as logistic regression: another kind of model behind the same contract."""
