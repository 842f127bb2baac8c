"""Measurements of the running stack, each against a floor measured in the same run."""
