"""Puts things where the stack expects them: AWS resources, training data, sample applications."""
