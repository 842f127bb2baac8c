"""`serve`: answers /ping and /invocations as SageMaker's hosting asks of a container."""
