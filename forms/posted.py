"""Reading what a browser posts on the agency's own forms: text as typed, words of closed sets, rows by number."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, TypeVar

import msgspec

W = TypeVar("W", bound=StrEnum)
MOST_ROWS = 60
"""More rows than this in one post are ignored: a bound on work, not a rule."""
LONGEST = 40_000
"""Characters of one field; what is longer is cut."""


class Posted(Protocol):
    """What a browser sent: any multi-dictionary."""

    def getlist(self, key: str) -> list[str]: ...

    def __contains__(self, key: object) -> bool: ...


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What must change before a form can be sent on, and the id of the field that it concerns."""

    field: str
    sentence: str

    @property
    def text(self) -> str:
        return self.sentence

    @property
    def href(self) -> str:
        return f"#{self.field}"


def text(form: Posted, name: str) -> str:
    """The first value under a name, line ends made one, without space around it."""
    found = form.getlist(name)
    return found[0].replace("\r\n", "\n").strip()[:LONGEST] if found else ""


def word(form: Posted, name: str, kind: type[W]) -> W | None:
    """A member of a closed set; None where nothing, or another word, was posted."""
    value = text(form, name)
    return kind(value) if value in {member.value for member in kind} else None


def words(form: Posted, name: str, kind: type[W]) -> tuple[W, ...]:
    """Several members of a closed set, each once; other words are left out."""
    known = {member.value for member in kind}
    return tuple(kind(value) for value in dict.fromkeys(form.getlist(name)) if value in known)


def row_numbers(form: Posted, name: str) -> list[int]:
    """The numbers of the rows that were on the page, in order."""
    found = [int(value) for value in form.getlist(name) if value.isdecimal() and len(value) < 5]
    return list(dict.fromkeys(found))[:MOST_ROWS]


def action(form: Posted, otherwise: str = "save") -> tuple[str, str]:
    """Which button was pressed: its verb, and what it concerns (`remove:3` is `remove` of `3`)."""
    verb, _, target = (text(form, "action") or otherwise).partition(":")
    return verb, target
