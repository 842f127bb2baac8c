"""What is hosted, as values: an endpoint, its production variants, the model behind each.

Not: where a model's container answers (settings) or how it fares (health).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Model:
    """A model and the name that AWS's texts call its container by."""

    name: str
    container_hostname: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A production variant; its share of the traffic is its weight over the sum of all."""

    name: str
    model: Model
    weight: float


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint with its variants in the order of their declaration."""

    name: str
    variants: tuple[Variant, ...]
