"""Media types in headers: which one a header names, and whether an API treats it as binary."""

from collections.abc import Iterable

APPLICATION_JSON = "application/json"


def media_type(header: str | None) -> str:
    """Give the first media type of a Content-Type or Accept, in lower case, without parameters.

    JSON where there is none, as on AWS (API Gateway developer guide, "Select a VTL mapping
    template"); of several, AWS looks at the first alone ("Important notes").
    """
    if not header:
        return APPLICATION_JSON
    return header.partition(",")[0].partition(";")[0].strip().lower()


class BinaryMediaTypes:
    """The types whose bodies are bytes; `image/*` stands for a kind, `*/*` for all.

    A star on the left alone stands for nothing, and a header must name the type or its kind
    (localstack's AWS-validated test_aws_proxy_binary_response).
    """

    def __init__(self, declared: Iterable[str] = ()) -> None:
        names = {one.partition(";")[0].strip().lower() for one in declared}
        self._all = "*/*" in names
        self._names = frozenset(name for name in names if not name.startswith("*"))
        self._kinds = frozenset(name[:-1] for name in self._names if name.endswith("/*"))

    def __bool__(self) -> bool:
        return self._all or bool(self._names)

    def hold(self, header: str | None) -> bool:
        """Tell whether a Content-Type or Accept header names one of them."""
        if self._all:
            return True
        if not header or not self._names:
            return False
        name = media_type(header)
        kind, slash, _ = name.partition("/")
        return name in self._names or f"{kind}{slash}" in self._kinds
