"""The SageMaker runtime API: what lies between a client's request and a model's container."""
