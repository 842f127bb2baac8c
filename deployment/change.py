"""What a change set would do, in lines. Asks nobody."""

from collections.abc import Mapping
from typing import Any

_SIGNS = {"Add": "+", "Dynamic": "?", "Import": "<", "Modify": "~", "Remove": "-"}
"""Of botocore's ChangeAction."""


def line(change: Mapping[str, Any]) -> str:
    """Write one change of DescribeChangeSet."""
    resource = change["ResourceChange"]
    action = resource["Action"]
    words = [_SIGNS.get(action, action), action.lower(), resource["ResourceType"]]
    words.append(resource["LogicalResourceId"])
    scope = resource.get("Scope")
    if scope:
        words.append(f"({', '.join(scope)})")
    if resource.get("Replacement") in {"True", "Conditional"}:
        certainly = "is" if resource["Replacement"] == "True" else "may be"
        words.append(f"- it {certainly} REPLACED, and what is in it is not moved")
    return " ".join(words)


def is_empty(reason: str) -> bool:
    """Tell whether a change set failed for want of changes, by the two texts that AWS has."""
    return "didn't contain changes" in reason or "No updates are to be performed" in reason
