"""An instrument: one regulatory form in one version, read from its file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from review.rules.instruments.judging import (
    filed_fields,
    gaps_of,
    judge_fields,
    progress_of,
    unknown_keys,
)
from review.rules.instruments.shape import (
    Answer,
    Answers,
    Filing,
    Gap,
    Problem,
    Progress,
    Section,
    Value,
)
from review.rules.instruments.visibility import Scope

FOLDER = Path(__file__).resolve().parents[3] / "forms" / "instruments"
CURRENT = {
    "cover_sheet": 1,
    "capability_disclosure": 1,
    "evaluation_evidence": 1,
    "safeguards": 1,
    "deployment_plan": 1,
}
"""The version in force of each instrument, in the order in which a lab fills them."""


class Instrument(Value, frozen=True, kw_only=True):
    """One form in one version. Judges answers; knows nothing of pages or storage."""

    name: str
    version: int
    title: str
    intro: str = ""
    source: str = ""
    sections: tuple[Section, ...]

    def section(self, key: str) -> Section:
        """The section with this key. Raises KeyError."""
        for section in self.sections:
            if section.key == key:
                return section
        raise KeyError(f"{self.name} has no section {key}")

    def form_sections(self) -> tuple[Section, ...]:
        """The sections that are filled once per filing."""
        return tuple(section for section in self.sections if not section.per_evidence_item)

    def scope(self, section: str, answers: Answers, filing: Filing | None = None) -> Scope:
        """From where the conditions of a section look."""
        return Scope(filing={**(filing or {}), self.name: answers}, instrument=self.name, section=section)

    def judge(self, answers: Answers, filing: Filing | None = None) -> list[Problem]:
        """Every missing or wrong answer, in the order of the form.

        `filing` holds the other instruments, for conditions that look there.
        """
        return [
            problem
            for section in self.form_sections()
            for problem in self.judge_section(section.key, answers.get(section.key) or {}, answers, filing)
        ]

    def judge_section(
        self,
        key: str,
        section_answers: dict[str, Answer],
        answers: Answers | None = None,
        filing: Filing | None = None,
    ) -> list[Problem]:
        """The problems of one section (also of one evidence item, whose answers lie elsewhere)."""
        section = self.section(key)
        scope = self.scope(key, {**(answers or {}), key: section_answers}, filing)
        return [
            *judge_fields(section.fields, section_answers, scope, f"{key}/"),
            *unknown_keys(section, section_answers),
        ]

    def filed(self, answers: Answers, filing: Filing | None = None) -> Answers:
        """What would be filed: no hidden conditional answers, no set-aside drafts, nothing empty."""
        return {
            section.key: filed_fields(
                section.fields, answers.get(section.key) or {}, self.scope(section.key, answers, filing)
            )
            for section in self.form_sections()
        }

    def filed_item(
        self, section_answers: dict[str, Answer], filing: Filing | None = None
    ) -> dict[str, Answer]:
        """What would be filed of one evidence item's answers."""
        section = next(section for section in self.sections if section.per_evidence_item)
        scope = self.scope(section.key, {section.key: section_answers}, filing)
        return filed_fields(section.fields, section_answers, scope)

    def progress(self, answers: Answers, filing: Filing | None = None) -> list[Progress]:
        """Required and answered questions per section, with the minutes that remain."""
        return [
            progress_of(section, answers.get(section.key) or {}, self.scope(section.key, answers, filing))
            for section in self.form_sections()
        ]

    def gaps(self, answers: Answers, filing: Filing | None = None) -> list[Gap]:
        """Answer states and optional questions left empty, in words, for every reader."""
        return [
            gap
            for section in self.form_sections()
            for gap in gaps_of(
                section.fields,
                answers.get(section.key) or {},
                self.scope(section.key, answers, filing),
                section.key,
            )
        ]


@cache
def load(name: str, version: int) -> Instrument:
    """Read one instrument. Raises FileNotFoundError, or msgspec.ValidationError for a malformed file."""
    path = FOLDER / f"{name}-{version}.yaml"
    instrument = parse(path.read_text("utf-8"))
    if (instrument.name, instrument.version) != (name, version):
        raise ValueError(f"{path.name} says it is {instrument.name} version {instrument.version}")
    return instrument


def parse(text: str) -> Instrument:
    """An instrument from the text of its file."""
    return msgspec.convert(_plain(yaml.safe_load(text)), Instrument)


def all_current() -> tuple[Instrument, ...]:
    """The instruments in force, in the order in which a lab fills them."""
    return tuple(load(name, version) for name, version in CURRENT.items())


def _plain(document: dict[str, Any]) -> dict[str, Any]:
    """Drop the file's own shorthand: anchors under `shared`, choices written as `WORD: label`."""
    document = {key: value for key, value in document.items() if key != "shared"}
    for section in document["sections"]:
        section["fields"] = [_plain_field(field) for field in _flat(section["fields"])]
    return document


def _flat(fields: list[Any]) -> Iterator[dict[str, Any]]:
    for field in fields:
        if isinstance(field, list):
            yield from _flat(field)
        else:
            yield field


def _plain_field(field: dict[str, Any]) -> dict[str, Any]:
    field = dict(field)
    choices = field.get("choices")
    if isinstance(choices, dict):
        field["choices"] = [{"value": str(value), "label": label} for value, label in choices.items()]
    if "fields" in field:
        field["fields"] = [_plain_field(inner) for inner in _flat(field["fields"])]
    return field
