"""Training and transform jobs: from CreateTrainingJob and CreateTransformJob to their outputs."""
