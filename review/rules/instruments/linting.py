"""Does every instrument hang together? Run by `review rules lint` and by the tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from review.rules.instruments.instrument import Instrument, all_current
from review.rules.instruments.shape import KEY, Condition, Field, Section
from review.rules.instruments.visibility import PATH

CHOOSING = ("choice", "multi_choice")
SPOKEN_FOR = re.compile(r"-(state|reason|none|rows)\b")


def lint(instruments: Iterable[Instrument] | None = None) -> list[str]:
    """Every fault of the instruments, as sentences; none when they hang together."""
    chosen = tuple(all_current() if instruments is None else instruments)
    index = {instrument.name: instrument for instrument in chosen}
    return [fault for instrument in chosen for fault in _instrument(instrument, index)]


def _instrument(instrument: Instrument, index: dict[str, Instrument]) -> Iterator[str]:
    keys = [section.key for section in instrument.sections]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"{instrument.name}: two sections are called {key}"
    for section in instrument.sections:
        for field, outer in _walk(section.fields):
            where = f"{instrument.name}/{section.key}/{'/'.join((*(each.key for each in outer), field.key))}"
            yield from (f"{where}: {fault}" for fault in _field(field))
            for condition in (field.visible_when, field.required_when):
                if condition is not None:
                    yield from (
                        f"{where}: {fault}"
                        for fault in _condition(condition, index, instrument, section, outer)
                    )
        yield from _twice(instrument, section)


def _walk(
    fields: Iterable[Field], outer: tuple[Field, ...] = ()
) -> Iterator[tuple[Field, tuple[Field, ...]]]:
    for field in fields:
        yield field, outer
        yield from _walk(field.fields, (*outer, field))


def _twice(instrument: Instrument, section: Section) -> Iterator[str]:
    for group in (section.fields, *(field.fields for field, _ in _walk(section.fields) if field.fields)):
        keys = [field.key for field in group]
        for key in sorted({key for key in keys if keys.count(key) > 1}):
            yield f"{instrument.name}/{section.key}: two questions are called {key}"


def _field(field: Field) -> Iterator[str]:
    if not KEY.fullmatch(field.key):
        yield "the key is not a lower-case word"
    if (field.type in CHOOSING) != bool(field.choices):
        yield "choices belong to choosing questions, and those need them"
    if len({choice.value for choice in field.choices}) != len(field.choices):
        yield "two choices share a word"
    if (field.type == "rows") != bool(field.fields):
        yield "rows need questions, and only rows have them"
    if field.row_title and field.row_title not in {inner.key for inner in field.fields}:
        yield "the row is named by a question that it does not ask"
    if field.none_label and field.type not in ("rows", "evidence", "file"):
        yield "only a list can be empty on purpose"
    if field.must_have_value and not field.required:
        yield "a question that must have a value is required"
    if field.pattern is not None and not field.pattern_words:
        yield "a pattern needs words that explain it"
    if not field.source:
        yield "no source is named"
    if field.visible_when is not None and not field.because:
        yield "a conditional question says why it is asked"


def _condition(
    condition: Condition,
    index: dict[str, Instrument],
    instrument: Instrument,
    section: Section,
    outer: tuple[Field, ...],
) -> Iterator[str]:
    for path in condition.fields():
        target = _target(path, index, instrument, section, outer)
        if target is None:
            yield f"a condition reads {path}, which does not exist"
        elif condition.field == path:
            yield from _words(condition, path, target)
    for part in (*condition.all, *condition.any):
        yield from _condition(part, index, instrument, section, outer) if part.all or part.any else ()
        if part.field:
            target = _target(part.field, index, instrument, section, outer)
            yield from _words(part, part.field, target) if target is not None else ()


def _words(condition: Condition, path: str, target: Field) -> Iterator[str]:
    known = {choice.value for choice in target.choices}
    asked = [*(condition.one_of or ()), condition.contains, condition.equals]
    for word in asked:
        if isinstance(word, str) and known and word not in known:
            yield f"a condition asks whether {path} is {word}, which nobody can choose"


def _target(
    path: str,
    index: dict[str, Instrument],
    instrument: Instrument,
    section: Section,
    outer: tuple[Field, ...],
) -> Field | None:
    match = PATH.fullmatch(path)
    if match is None:
        return None
    groups = [row.fields for row in reversed(outer)] if match["section"] is None else []
    home = index.get(match["instrument"] or instrument.name)
    wanted = match["section"] or section.key
    if home is not None:
        groups += [each.fields for each in home.sections if each.key == wanted]
    for fields in groups:
        for field in fields:
            if field.key == match["key"]:
                return _column(field, match["column"])
    return None


def _column(field: Field, column: str | None) -> Field | None:
    if column is None:
        return field
    return next((inner for inner in field.fields if inner.key == column), None)
