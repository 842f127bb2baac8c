"""How a message quotes what was found: cut, so that SageMaker's FailureReason holds the message."""

LONGEST_QUOTE = 40


def quoted(found: object) -> str:
    """Give what was found as Python writes it, cut after 40 characters."""
    text = repr(found)
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."
