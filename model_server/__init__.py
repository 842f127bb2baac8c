"""The SageMaker container for XGBoost: `serve` and `train`. It imports nothing of the project.

Not: the SageMaker service in front of it (hosting), or what the columns mean.
"""
