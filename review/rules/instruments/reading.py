"""Answers as they are read on a case page and in a document: titles, words, marks, rows; no controls."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

from review.rules.instruments.instrument import Instrument
from review.rules.instruments.shape import (
    ANSWER_STATES,
    CONFIDENTIALITY_WORDS,
    Answer,
    Answers,
    Field,
    Filing,
    Section,
    Value,
    is_empty,
    is_state,
    row_answers,
    row_place,
    state_word,
)
from review.rules.instruments.visibility import Scope, required, rows_of, visible
from review.rules.instruments.words import in_words, row_heading

EVERYTHING = ("P", "C", "R")


class RowReading(Value, frozen=True, kw_only=True):
    """One repeated row, with its heading."""

    id: str
    heading: str
    answers: tuple[AnswerReading, ...]


class AnswerReading(Value, frozen=True, kw_only=True):
    """One answer in words. `gap` is set where a reader finds a state or nothing instead of a value.

    `place` is `instrument/section/field`, as in `Missing`; `anchor` is the same, fit for an id on a page.
    """

    key: str
    place: str
    code: str
    label: str
    kind: Literal["value", "long", "rows", "state", "empty", "withheld"]
    text: str = ""
    reason: str = ""
    gap: bool = False
    confidentiality: str = "P"
    marking: str = ""
    evidence: tuple[str, ...] = ()
    rows: tuple[RowReading, ...] = ()

    @property
    def anchor(self) -> str:
        return self.place.replace("/", "-")


class SectionReading(Value, frozen=True, kw_only=True):
    """One section of one instrument, ready to be printed."""

    key: str
    title: str
    answers: tuple[AnswerReading, ...]

    @property
    def gaps(self) -> int:
        return sum(answer.gap for answer in self.answers)


def read(
    instrument: Instrument,
    answers: Answers,
    filing: Filing | None = None,
    show: Collection[str] = EVERYTHING,
) -> tuple[SectionReading, ...]:
    """All sections that are filled once, in order. `show` lists the markings that this reader may see."""
    return tuple(
        _section(
            section, answers.get(section.key) or {}, instrument.scope(section.key, answers, filing), show
        )
        for section in instrument.form_sections()
    )


def read_item(
    instrument: Instrument,
    item_answers: dict[str, Answer],
    filing: Filing | None = None,
    show: Collection[str] = EVERYTHING,
) -> SectionReading:
    """The answers of one evidence item."""
    section = next(section for section in instrument.sections if section.per_evidence_item)
    scope = instrument.scope(section.key, {section.key: item_answers}, filing)
    return _section(section, item_answers, scope, show)


def _section(
    section: Section, answers: dict[str, Answer], scope: Scope, show: Collection[str]
) -> SectionReading:
    place = f"{scope.instrument}/{section.key}/"
    read_answers = _fields(section.fields, answers, scope, show, place)
    return SectionReading(key=section.key, title=section.title, answers=read_answers)


def _fields(
    fields: Iterable[Field],
    answers: dict[str, Answer],
    scope: Scope,
    show: Collection[str],
    place: str,
    above: str = "",
) -> tuple[AnswerReading, ...]:
    return tuple(
        _answer(field, answers.get(field.key), scope, show, f"{place}{field.key}", above)
        for field in fields
        if visible(field, scope)
    )


def _answer(
    field: Field, answer: Answer, scope: Scope, show: Collection[str], place: str, above: str
) -> AnswerReading:
    told: dict[str, Any] = {"text": in_words(field, answer)}
    kind: str = "long" if field.type == "long_text" else "value"
    if field.confidentiality not in show:
        kind, told = "withheld", {"text": "Not shown in this edition"}
    elif is_empty(answer):
        kind, told = "empty", {"text": "Not answered", "gap": required(field, scope)}
    elif is_state(answer):
        words = ANSWER_STATES.get(state_word(answer), "Cannot be given")
        kind, told = "state", {"text": words, "reason": str(answer.get("reason") or ""), "gap": True}
    elif field.type == "rows" and rows_of(answer):
        kind, told = "rows", {"rows": _rows(field, answer, scope, show, place)}
    elif field.type in ("evidence", "file") and isinstance(answer, list):
        told["evidence"] = tuple(str(each) for each in answer)
    return AnswerReading(
        key=field.key,
        place=place,
        code=field.code,
        label=field.label,
        kind=kind,  # type: ignore[arg-type]
        confidentiality=field.confidentiality,
        marking="" if field.confidentiality in ("P", above) else CONFIDENTIALITY_WORDS[field.confidentiality],
        **told,
    )


def _rows(
    field: Field, answer: Answer, scope: Scope, show: Collection[str], place: str
) -> tuple[RowReading, ...]:
    return tuple(
        RowReading(
            id=str(row.get("id", "")),
            heading=row_heading(field, row, number),
            answers=_fields(
                field.fields,
                row_answers(row),
                scope.inside(row),
                show,
                row_place(place, row),
                field.confidentiality,
            ),
        )
        for number, row in enumerate(rows_of(answer), start=1)
    )
