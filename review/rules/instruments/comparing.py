"""What differs between two versions of an instrument's answers, answer by answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from review.rules.instruments.instrument import Instrument
from review.rules.instruments.shape import Answer, Answers, Difference, Field, is_empty, row_answers
from review.rules.instruments.visibility import rows_of
from review.rules.instruments.words import in_words, row_heading, row_in_words


def difference(instrument: Instrument, old: Answers, new: Answers) -> list[Difference]:
    """Every answer that was added, removed or changed, in the order of the form, in words."""
    return [
        change
        for section in instrument.sections
        for change in _fields(
            section.fields, old.get(section.key) or {}, new.get(section.key) or {}, section.key, "", ""
        )
    ]


def _fields(
    fields: Iterable[Field],
    old: dict[str, Answer],
    new: dict[str, Answer],
    section: str,
    place: str,
    within: str,
) -> Iterator[Difference]:
    for field in fields:
        before, after = old.get(field.key), new.get(field.key)
        if before == after:
            continue
        if (
            field.type == "rows"
            and isinstance(before, list)
            and isinstance(after, list)
            and (before or after)
        ):
            yield from _rows(field, before, after, section, f"{place}{field.key}", within)
        else:
            yield _changed(section, f"{place}{field.key}", f"{within}{field.title}", field, before, after)


def _changed(section: str, place: str, label: str, field: Field, before: Answer, after: Answer) -> Difference:
    kind: Literal["ADDED", "REMOVED", "CHANGED"] = "CHANGED"
    if is_empty(before):
        kind = "ADDED"
    elif is_empty(after):
        kind = "REMOVED"
    return Difference(
        section=section,
        field=place,
        label=label,
        kind=kind,
        before=in_words(field, before),
        after=in_words(field, after),
    )


def _rows(
    field: Field, before: list[Answer], after: list[Answer], section: str, place: str, within: str
) -> Iterator[Difference]:
    old = {str(row.get("id")): row for row in rows_of(before)}
    new = {str(row.get("id")): row for row in rows_of(after)}
    for number, (row_id, row) in enumerate((old | new).items(), start=1):
        label = f"{within}{field.title}, {row_heading(field, row, number)}"
        where = f"{place}-{row_id}"
        if row_id not in new:
            yield Difference(
                section=section,
                field=where,
                label=label,
                kind="REMOVED",
                before=row_in_words(field, old[row_id]),
                after="",
            )
        elif row_id not in old:
            yield Difference(
                section=section,
                field=where,
                label=label,
                kind="ADDED",
                before="",
                after=row_in_words(field, row),
            )
        else:
            yield from _fields(
                field.fields,
                row_answers(old[row_id]),
                row_answers(new[row_id]),
                section,
                f"{where}-",
                f"{label}: ",
            )
