"""Why a training job ends without a model."""


class TrainingError(ValueError):
    """What the job was given cannot be trained on: correct what each line of the message names.

    The text becomes SageMaker's FailureReason, of which 1,024 characters are kept.
    """
