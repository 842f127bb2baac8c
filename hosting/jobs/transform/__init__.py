"""Batch transform jobs: from CreateTransformJob to an output object for each input object."""
