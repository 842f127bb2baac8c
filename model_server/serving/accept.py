"""Which writer an Accept header asks for (RFC 9110, section 12.5.1)."""

from collections.abc import Mapping
from functools import lru_cache

from model_server.serving.answers import as_csv, as_json, as_recordio
from model_server.serving.answers.writer import Writer
from model_server.serving.errors import NotAcceptableError
from model_server.serving.formats import MEDIA_TYPES, PLAIN, Formats


@lru_cache(maxsize=256)
def writer(accept: str, formats: Formats = PLAIN) -> Writer:
    """Give the writer of the best quality; among equals, the one named first, then the default.

    Raises NotAcceptableError.
    """
    writers = _writers(formats)
    ranges = [_media_range(part) for part in accept.split(",") if part.strip()]
    if not ranges:
        return next(iter(writers.values()))
    best: tuple[float, int] = (0.0, 0)
    chosen: Writer | None = None
    for media_type, candidate in writers.items():
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
        *types, last = MEDIA_TYPES
        raise NotAcceptableError(
            f"Accept {accept!r}: the answers are {', '.join(types)} and {last}"
        )
    return chosen


def _writers(formats: Formats) -> Mapping[str, Writer]:
    """Give the writer of each media type, the default first."""
    table = as_csv.SCORES
    if formats.selected:
        table = as_csv.SELECTED_BATCH if formats.batch else as_csv.SELECTED
    writers = {
        "text/csv": table,
        "application/json": as_json.DOCUMENT_BATCH if formats.batch else as_json.DOCUMENT,
        "application/jsonlines": as_json.LINES,
        "application/x-recordio-protobuf": as_recordio.RECORDS,
    }
    default = formats.default_accept.lower() or "text/csv"
    return {default: writers[default]} | writers


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
