"""Sample applicants: the rows of the data set, with names made up so that no person is named."""

from collections.abc import Iterator
from dataclasses import replace

from riskstack.contract.application import Answers
from seed.dataset import rows

# fmt: off
_FIRST_NAMES = (
    "Ada", "Amir", "Ana", "Anton", "Aylin", "Bela", "Bruno", "Carla", "Cem", "Clara", "Dario",
    "Dina", "Edda", "Elif", "Emil", "Eva", "Felix", "Finn", "Greta", "Hanna", "Hugo", "Ida",
    "Ines", "Ivan", "Jana", "Jonas", "Kaya", "Lars", "Lea", "Lena", "Luca", "Maja", "Marek",
    "Mila", "Nils", "Noor", "Olga", "Omar", "Paul", "Rosa",
)
_LAST_NAMES = (
    "Adler", "Bach", "Baran", "Bauer", "Berg", "Conti", "Costa", "Dahl", "Demir", "Ebner",
    "Engel", "Falk", "Ferro", "Frank", "Gallo", "Graf", "Haas", "Holm", "Ivanov", "Jansen",
    "Keller", "Kaya", "Kern", "Lang", "Lindt", "Lopez", "Maier", "Moreau", "Nagy", "Novak",
    "Olsen", "Otto", "Park", "Peters", "Rossi", "Silva", "Vogel",
)
# fmt: on


def name(row: int) -> str:
    """Make up the name of the applicant in a row; 1,480 rows in succession have different ones."""
    return f"{_FIRST_NAMES[row % len(_FIRST_NAMES)]} {_LAST_NAMES[row % len(_LAST_NAMES)]}"


def samples() -> Iterator[Answers]:
    """Give what the applicants of the data set answered, in its order, always the same."""
    for number, row in enumerate(rows()):
        yield replace(row.answers, full_name=name(number))
