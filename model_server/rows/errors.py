"""What can be wrong with rows that come in; every message names the place."""

LONGEST_QUOTE = 40


class UnreadableRowsError(ValueError):
    """The body is not rows of numbers: correct what the message names."""


class WrongColumnCountError(ValueError):
    """A row has more or fewer columns than the model: send what it was trained on, in its order."""


class WrongNamesError(ValueError):
    """Features are named that the model does not know so: use its names, a header in its order."""


def not_a_number(row: int, column: int, found: str) -> UnreadableRowsError:
    """Say which cell, counted from 1, is not a finite number of single precision."""
    return UnreadableRowsError(
        f"row {row}, column {column}: expected a finite number, found {quoted(found)}"
    )


def wrong_column_count(row: int, expected: int, found: int) -> WrongColumnCountError:
    """Say which row, counted from 1, has the wrong number of columns."""
    return WrongColumnCountError(f"row {row}: expected {expected} columns, found {found}")


def quoted(found: str) -> str:
    """Quote the beginning of what a client sent, in characters that can be shown and encoded."""
    return repr(found if len(found) <= LONGEST_QUOTE else f"{found[:LONGEST_QUOTE]}...")
