"""The patterns of the service models, which are Java's, as Python's.

Beside what both write the same way, the models of SageMaker and Application Auto Scaling use the
few constructs below (botocore). `file:///folder` is this stack's own addition to Url.
"""

import re
from functools import cache

_JAVA = (
    (r"\p{L}\p{Z}\p{N}_", r"\w\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"),
    (r"\p{Print}", r"[\x20-\x7e]"),
    (r"\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF", "\ue000-\ufffd\U00010000-\U0010ffff"),
    # a model in a folder of this machine, as the SDK's local mode takes it
    (r"(https|s3)://([^/]+)/?(.*)", r"(https|s3|file)://([^/]*)/?(.*)"),
)


def matches(pattern: str, value: str) -> bool:
    """Tell whether the whole value matches a pattern of a service model."""
    return _compiled(pattern).fullmatch(value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    for java, python in _JAVA:
        pattern = pattern.replace(java, python)
    return re.compile(pattern)
