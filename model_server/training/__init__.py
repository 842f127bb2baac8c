"""`train`: fits a model as SageMaker asks of a training container, measures it, reports on it."""
