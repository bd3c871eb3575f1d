"""What an event changed, as rows of before and after in which the changed words stand out."""

import difflib
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import msgspec
from markupsafe import Markup

MOST_ROWS = 200
LONGEST = 20_000
WORDS = re.compile(r"\s+|[^\s]+")
NOTHING = Markup('<span class="quiet">empty</span>')


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a record: its path, and both values ready to print."""

    field: str
    before: Markup
    after: Markup


def rows(before: Any, after: Any) -> tuple[list[Changed], int]:
    """Fields that differ, in order, and how many did not change."""
    old, new = dict(_flat(before)), dict(_flat(after))
    found: list[Changed] = []
    same = 0
    for field in dict.fromkeys((*old, *new)):
        one, other = old.get(field), new.get(field)
        if one == other:
            same += 1
        elif len(found) < MOST_ROWS:
            left, right = words(one, other)
            found.append(Changed(field=field, before=left, after=right))
    return found, same


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every leaf of a document with its path, as text."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for at, inner in enumerate(value, start=1):
            yield from _flat(inner, f"{path} {at}")
    elif value not in (None, ""):
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)[:LONGEST]


def words(before: str | None, after: str | None) -> tuple[Markup, Markup]:
    """Two texts with what went struck out on the left and what came underlined on the right."""
    if before is None or after is None:
        return (
            NOTHING if before is None else _mark("del", "removed", before),
            NOTHING if after is None else _mark("ins", "added", after),
        )
    old, new = WORDS.findall(before), WORDS.findall(after)
    if len(old) + len(new) > 4000:
        return _mark("del", "removed", before), _mark("ins", "added", after)
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for what, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "".join(old[a:b]), "".join(new[c:d])
        changed = what != "equal" or gone.isspace()
        left.append((changed, gone))
        right.append((changed, come))
    return _joined(left, "del", "removed"), _joined(right, "ins", "added")


def _joined(pieces: list[tuple[bool, str]], tag: str, kind: str) -> Markup:
    """The pieces of one side, neighbors of one sort as one piece; a space between changes is part of the change."""
    made = Markup("")
    for changed, group in groupby(pieces, key=lambda piece: piece[0]):
        text = "".join(piece for _, piece in group)
        made += _mark(tag, kind, text) if changed and text.strip() else Markup("{}").format(text)
    return made


def _mark(tag: str, kind: str, text: str) -> Markup:
    return Markup('<{0} class="{1}">{2}</{0}>').format(tag, kind, text)
