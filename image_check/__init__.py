"""Runs SageMaker's container contract against any image and says, item by item, what holds.

It knows nothing of this project's own image: what it checks, an image of any origin can keep.
"""
