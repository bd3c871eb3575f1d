"""What an instrument is made of: sections, fields, choices and the conditions that show them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias, TypeGuard

import msgspec

from review.rules.vocabulary import AnswerState

Answer: TypeAlias = Any
"""A typed value as plain JSON: text, true or false, a list of words, a list of rows
(`{"id", "answers"}`), or an answer state (`{"state", "reason"}`). Numbers stay the text typed."""

Answers: TypeAlias = dict[str, dict[str, Answer]]
"""The answers of one instrument: section key -> field key -> answer."""

Filing: TypeAlias = dict[str, Answers]
"""The answers of all instruments of one filing: instrument name -> its answers."""

FieldType = Literal[
    "text",
    "long_text",
    "integer",
    "number",
    "boolean",
    "date",
    "month",
    "choice",
    "multi_choice",
    "evidence",
    "file",
    "rows",
]
Confidentiality = Literal["P", "C", "R"]

ANSWER_STATES = {state.value: state.label for state in AnswerState}
CONFIDENTIALITY_WORDS = {"P": "Public", "C": "Confidential, b(4)", "R": "Restricted"}

KEY = re.compile(r"[a-z][a-z0-9_]*")
ROW_ID = re.compile(r"r[0-9a-f]{1,16}")


class Value(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of everything that an instrument file may say: an unknown word is refused."""


class Choice(Value, frozen=True, kw_only=True):
    """One word that may be chosen, what a person reads, and when it applies."""

    value: str
    label: str
    help: str = ""


class Condition(Value, frozen=True, kw_only=True):
    """When a question applies: one test of another answer, or all or any of several tests.

    `field` is `key` (same row, else same section), `section/key` (same instrument) or
    `instrument/section/key`; `key[column]` means that column of every row.
    """

    field: str = ""
    equals: str | bool | None = None
    one_of: tuple[str, ...] | None = msgspec.field(name="in", default=None)
    at_least: int | None = None
    at_most: int | None = None
    contains: str | None = None
    none: bool | None = None
    answered: bool | None = None
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()

    def fields(self) -> Iterator[str]:
        """Every path that this condition reads."""
        if self.field:
            yield self.field
        for part in (*self.all, *self.any):
            yield from part.fields()


class Field(Value, frozen=True, kw_only=True):
    """One question. `source` names the rule that asks it; `minutes` is the usual time to answer."""

    key: str
    label: str
    type: FieldType
    code: str = ""
    help: str = ""
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    minimum: str | None = None
    maximum: str | None = None
    max_words: int | None = None
    pattern: str | None = None
    pattern_words: str = ""
    not_below: str = ""
    not_above: str = ""
    differs_from: str = ""
    required: bool = False
    required_when: Condition | None = None
    must_have_value: bool = False
    visible_when: Condition | None = None
    because: str = ""
    cure: str = ""
    none_label: str = ""
    row_name: str = "row"
    row_title: str = ""
    fields: tuple[Field, ...] = ()
    confidentiality: Confidentiality = "P"
    source: str = ""
    minutes: int = 0
    width: Literal["full", "half", "third"] = "full"

    @property
    def title(self) -> str:
        """Code and label, as lists and documents show them."""
        return f"{self.code} {self.label}".strip()

    def label_of(self, value: str) -> str:
        """What a person reads for one of the choices; an unlisted word stays as it is."""
        return next((choice.label for choice in self.choices if choice.value == value), value)


class Section(Value, frozen=True, kw_only=True):
    """One page of questions. `per_evidence_item` marks the section asked again for each item."""

    key: str
    title: str
    intro: str = ""
    owner: Literal["REGULATORY_LEAD", "EVALUATION_ENGINEER"] = "REGULATORY_LEAD"
    per_evidence_item: bool = False
    fields: tuple[Field, ...]

    def field(self, key: str) -> Field:
        """The question with this key. Raises KeyError."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(f"{self.key} has no question {key}")


class Problem(Value, frozen=True, kw_only=True):
    """One answer that is missing or wrong.

    `place` is `section/field`, where `field` is also the id of the input on the page
    (`key`, or `key-<row>-<key>` inside a row). `sentence` names it in a summary; `cure` says what to do.
    """

    place: str
    code: str
    sentence: str
    cure: str
    missing: bool

    @property
    def section(self) -> str:
        return self.place.partition("/")[0]

    @property
    def field(self) -> str:
        return self.place.partition("/")[2]


class Progress(Value, frozen=True, kw_only=True):
    """How far a section is: required questions that apply, how many are answered, minutes left."""

    section: str
    title: str
    answered: int
    required: int
    minutes: int

    @property
    def done(self) -> bool:
        return self.answered == self.required


class Gap(Value, frozen=True, kw_only=True):
    """Something that a reader will not find: an answer state, or an optional question left empty."""

    section: str
    field: str
    label: str
    kind: Literal["NOT_APPLICABLE", "NOT_DISCLOSED", "UNKNOWN", "EMPTY"]
    sentence: str


class Difference(Value, frozen=True, kw_only=True):
    """One answer that differs between two versions, in words."""

    section: str
    field: str
    label: str
    kind: Literal["ADDED", "REMOVED", "CHANGED"]
    before: str
    after: str


def is_state(answer: Answer) -> TypeGuard[dict[str, Any]]:
    """Is this an answer state (or the beginning of one) and not a value?"""
    return isinstance(answer, dict) and "state" in answer


def is_empty(answer: Answer) -> bool:
    """Was nothing given? An empty list is not empty: it says "none"."""
    return answer is None or answer == ""


def value_of(answer: Answer) -> Answer:
    """The value given, or None where nothing or only an answer state was given."""
    return None if is_empty(answer) or is_state(answer) else answer


def state_word(answer: Answer) -> str:
    """The known word of an answer state, or nothing where it has none."""
    word = answer.get("state") if isinstance(answer, dict) else None
    return word if isinstance(word, str) and word in ANSWER_STATES else ""


def row_answers(row: dict[str, Any]) -> dict[str, Answer]:
    """The answers of one repeated row; a damaged row has none."""
    answers = row.get("answers")
    return answers if isinstance(answers, dict) else {}


def row_place(place: str, row: dict[str, Any]) -> str:
    """The place of one repeated row, ready for a question's key to be added."""
    return f"{place}-{row.get('id', '')}-"
