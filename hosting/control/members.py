"""Which members of an operation's input are emulated: the others are refused by their names.

AWS takes far more settings than a laptop has a use for. Nothing is accepted and then ignored: what
is in no table here stops the request. What a table lists as `echoed` is what AWS requires, or
clients always send, and that means nothing on one machine: it is stored and described.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from hosting.control.api_errors import InvalidRequestError
from hosting.store import Document


@dataclass(frozen=True, slots=True)
class Members:
    """The members of one operation's input, as paths such as `PrimaryContainer.Image`.

    A path stands for all that is below it; the items of a list have no step of their own.
    """

    emulated: frozenset[str]
    echoed: frozenset[str] = frozenset()
    only: Mapping[str, tuple[object, ...]] = field(default_factory=dict)
    """Members of which not every value is emulated, each with those that are."""

    def check(self, operation: str, document: Document) -> None:
        """Refuse what is not emulated.

        Raises:
            InvalidRequestError: a member, or a value of one, is not; the message names it.
        """
        known = self.emulated | self.echoed | self.only.keys()
        for path, value in leaves(document):
            if not any(_covers(name, path, value) for name in known):
                raise InvalidRequestError(
                    f"{operation} does not support {path} in this stack: leave it out."
                )
            if path in self.only and value not in self.only[path]:
                values = ", ".join(map(str, self.only[path]))
                raise InvalidRequestError(
                    f"{operation} does not support {path} {value} in this stack:"
                    f" it can be {values}."
                )


def _covers(known: str, path: str, value: object) -> bool:
    """Tell whether a known path is this one, or one above it, or one below what is empty."""
    return f"{path}.".startswith(f"{known}.") or (
        value in ({}, []) and known.startswith(f"{path}.")
    )


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Give every path of a document with its value; an empty structure is a value too."""
    if isinstance(value, Mapping) and (value or not path):
        for name, member in value.items():
            yield from leaves(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list) and value:
        for item in value:
            yield from leaves(item, path)
    else:
        yield path, value
