"""Which writer an Accept header asks for (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping
from functools import lru_cache

from model_server.serving.answers import CSV, JSON, Writer
from model_server.serving.errors import NotAcceptableError

WRITERS: Mapping[str, Writer] = {"text/csv": CSV, "application/json": JSON}


@lru_cache(maxsize=64)
def writer(accept: str) -> Writer:
    """Give the writer of the best quality; among equals, the one named first; by default CSV.

    Raises NotAcceptableError.
    """
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return CSV
    best: tuple[float, int] = (0.0, 0)
    chosen: Writer | None = None
    for media_type, candidate in WRITERS.items():
        matches = [
            (specificity, quality, -position)
            for position, (pattern, quality) in enumerate(ranges)
            if (specificity := _specificity(pattern, media_type))
        ]
        if matches:
            _, quality, position = max(matches)
            if quality > 0 and (chosen is None or (quality, position) > best):
                best, chosen = (quality, position), candidate
    if chosen is None:
        raise NotAcceptableError(f"Accept {accept!r}: the answers are {' and '.join(WRITERS)}")
    return chosen


def _media_range(part: str) -> tuple[str, float]:
    """Give the range and its quality; one that cannot be read is not wanted."""
    pattern, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return pattern, quality


def _specificity(pattern: str, media_type: str) -> int:
    """Say how closely a range names a type; 0 is not at all."""
    if pattern == media_type:
        return 3
    if pattern == media_type.partition("/")[0] + "/*":
        return 2
    return int(pattern in ("*/*", "*"))
