"""JSONPath as mapping expressions and templates use it (AWS names Jayway's as its dialect)."""

from functools import lru_cache
from typing import Any

import jsonpath
from jsonpath import CompoundJSONPath, JSONPath
from jsonpath.exceptions import JSONPathError


class PathError(ValueError):
    """A text is no JSONPath: write it as `$.a.b[0]`."""


@lru_cache(maxsize=1024)
def compiled(path: str) -> JSONPath | CompoundJSONPath:
    """Compile a path.

    Raises:
        PathError: it is none.
    """
    try:
        return jsonpath.compile(path)
    except JSONPathError as error:
        raise PathError(f"{path!r} is no JSONPath: {error}") from None


def find(document: Any, path: str) -> Any:  # noqa: ANN401 - JSON holds any value
    """Give what a path finds: one value, or a list where it may find several; `None` for nothing.

    Raises:
        PathError: it is no path.
    """
    query = compiled(path)
    if isinstance(document, str):
        # the library would read JSON in a text that is a value already
        return document if path == "$" else None
    found = query.findall(document)
    if isinstance(query, JSONPath) and query.singular_query():
        return found[0] if found else None
    return found
