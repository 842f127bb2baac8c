"""Training jobs: from CreateTrainingJob to a model artifact, as SageMaker runs a training image."""
