"""SageMaker hosting on a laptop: what AWS runs between a client and a model's container."""
