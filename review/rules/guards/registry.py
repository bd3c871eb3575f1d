"""The register of guards by name, and the shape of their answers."""

from collections.abc import Callable

from review.rules.facts import Facts
from review.rules.refusals import Refusal

Guard = Callable[[Facts], Refusal | None]
GUARDS: dict[str, Guard] = {}


def guard(name: str) -> Callable[[Guard], Guard]:
    """Register a guard under the name that the table of steps uses."""

    def register(function: Guard) -> Guard:
        assert name not in GUARDS, name
        GUARDS[name] = function
        return function

    return register


def no(code: str, sentence: str, place: str = "", citation: str = "") -> Refusal:
    """A refusal with its sentence, and where the cure lies."""
    return Refusal(code=code, sentence=sentence, place=place, citation=citation)
