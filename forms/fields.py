"""Our few form fields: each reads one question's answer from what a browser posts, and loses nothing.

A question `key` posts `key-asked` (it was on the page), its value under `key`, and `key-state` with
`key-reason` where it cannot be given. Repeated rows post their ids under `key-rows`, `key-none` where there
are none, and their questions under `key-<row>-<key>`. Wrong values stay as they were typed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, Protocol

from wtforms.fields import Field as WTField
from wtforms.utils import unset_value

from forms.widgets import (
    ChoiceWidget,
    EvidenceWidget,
    ManyWidget,
    QuantityWidget,
    TextAreaWidget,
    TextWidget,
    YesNoWidget,
)
from review.rules.instruments import (
    ANSWER_STATES,
    Answer,
    Field,
    Problem,
    Scope,
    is_empty,
    is_state,
    row_heading,
)
from review.rules.instruments.shape import CONFIDENTIALITY_WORDS, ROW_ID

MOST_ROWS = 500
"""More repeated rows than this in one post are refused by ignoring the rest (a bound on work, not a rule)."""


class Posted(Protocol):
    """What a browser sent: any multi-dictionary."""

    def getlist(self, key: str) -> list[str]: ...

    def __contains__(self, key: object) -> bool: ...


def new_row_id() -> str:
    """A fresh id for a repeated row."""
    return f"r{secrets.token_hex(4)}"


class AnswerField(WTField):
    """One question. `answer` is its plain JSON; `value` what to show in the control, also when set aside."""

    widget: Any = TextWidget()

    def __init__(self, *args: Any, question: Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.question = question
        self.answer: Answer = None
        self.problems: list[Problem] = []
        self.visible = True
        self.required = False
        self.condition = ""
        self.evidence: tuple[tuple[str, str], ...] = ()
        self.marked_above = ""

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Take the stored answer, then what was posted, if this question was on the page."""
        self.process_errors = []
        self.answer = None if data is unset_value else data
        if formdata is not None and f"{self.name}-asked" in formdata:
            self.answer = self._with_state(formdata, self.read(formdata))
        self.data = self.answer

    def _with_state(self, formdata: Posted, value: Answer) -> Answer:
        state = first(formdata, f"{self.name}-state")
        reason = first(formdata, f"{self.name}-reason").replace("\r\n", "\n")
        if not state and not reason.strip():
            return value
        answer = {"state": state, "reason": reason}
        return answer if is_empty(value) else {**answer, "kept": value}

    def read(self, formdata: Posted) -> Answer:
        """The value posted, or None. Numbers and dates stay text; nothing is judged."""
        text = first(formdata, self.name).replace("\r\n", "\n")
        if self.question.type != "long_text":
            text = text.strip()
        return text if text.strip() else None

    @property
    def value(self) -> Answer:
        return self.answer.get("kept") if is_state(self.answer) else self.answer

    @property
    def text(self) -> str:
        return "" if self.value is None else str(self.value)

    @property
    def state(self) -> str:
        return str(self.answer.get("state") or "") if is_state(self.answer) else ""

    @property
    def reason(self) -> str:
        return str(self.answer.get("reason") or "") if is_state(self.answer) else ""

    @property
    def cannot_give(self) -> bool:
        return is_state(self.answer)

    @property
    def states(self) -> dict[str, str]:
        return ANSWER_STATES

    @property
    def marking(self) -> str:
        """The words of the confidentiality mark; nothing for a public answer, or where the list says it."""
        mark = self.question.confidentiality
        return "" if mark in ("P", self.marked_above) else CONFIDENTIALITY_WORDS[mark]

    @property
    def described_by(self) -> str:
        """The ids that explain the control, for `aria-describedby`."""
        parts = [f"{self.name}-hint"] if self.question.help else []
        parts += [f"{self.name}-problem"] if self.problems else []
        return " ".join(parts)

    @property
    def is_group(self) -> bool:
        """Is the control a group of inputs, to be named by a legend?"""
        return (
            self.question.type in ("boolean", "multi_choice", "evidence", "file", "rows") or self.uses_radios
        )

    @property
    def uses_radios(self) -> bool:
        return self.question.type == "choice" and len(self.question.choices) <= 4


class LongTextField(AnswerField):
    widget = TextAreaWidget()


class QuantityField(AnswerField):
    """A number as it was typed, beside its unit."""

    widget = QuantityWidget()


class ChoiceField(AnswerField):
    widget = ChoiceWidget()


class YesNoField(AnswerField):
    """True, false, or whatever else was posted, kept as text."""

    widget = YesNoWidget()

    def read(self, formdata: Posted) -> Answer:
        text = first(formdata, self.name)
        return {"yes": True, "no": False, "": None}.get(text, text)


class ManyField(AnswerField):
    """Several words of a list, in the order posted."""

    widget: Any = ManyWidget()

    def read(self, formdata: Posted) -> Answer:
        words = [word for word in formdata.getlist(self.name) if word]
        return list(dict.fromkeys(words)) or None

    @property
    def values(self) -> list[str]:
        return [str(word) for word in self.value] if isinstance(self.value, list) else []


class EvidenceField(ManyField):
    """References to evidence items by id. `evidence` holds the (id, label) pairs that may be chosen."""

    widget = EvidenceWidget()

    def read(self, formdata: Posted) -> Answer:
        words = super().read(formdata)
        return [] if words is None and first(formdata, f"{self.name}-none") == "yes" else words


class RowsField(AnswerField):
    """Repeated rows, each a small form of its own with a stable id."""

    def __init__(self, *args: Any, row_form: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row_form = row_form
        self.rows: list[Any] = []
        self.scope: Scope | None = None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        super().process(formdata, data, extra_filters)
        self.rows = [self._row(row.get("id"), None, row.get("answers")) for row in rows_in(self.value)]

    def read(self, formdata: Posted) -> Answer:
        stored = {str(row.get("id")): row.get("answers") for row in rows_in(self.answer_value())}
        ids = [each for each in formdata.getlist(f"{self.name}-rows") if ROW_ID.fullmatch(each)]
        rows = [
            {"id": row_id, "answers": self._row(row_id, formdata, stored.get(row_id)).answers()}
            for row_id in list(dict.fromkeys(ids))[:MOST_ROWS]
        ]
        if rows:
            return rows
        return [] if first(formdata, f"{self.name}-none") == "yes" else None

    def answer_value(self) -> Answer:
        """The stored rows, also where they were set aside."""
        return self.value

    def _row(self, row_id: Any, formdata: Any, answers: Any) -> Any:
        row = self.row_form(formdata, data=answers or {}, prefix=f"{self.name}-{row_id}-")
        row.row_id = str(row_id)
        return row

    @property
    def none_chosen(self) -> bool:
        return bool(self.value == [])

    def heading(self, row: Any, number: int) -> str:
        """How a row is named: its number and its telling answer."""
        return row_heading(self.question, {"id": row.row_id, "answers": row.answers()}, number)

    def blank(self) -> Any:
        """An empty row for the page's `<template>`; script puts a fresh id in place of its placeholder."""
        row = self._row(f"ROWID{self.name.count('ROWID')}", None, {})
        row.mark_above(self.question.confidentiality)
        row.arrange_blank(self.scope, self.evidence)
        return row


def first(formdata: Posted, name: str) -> str:
    """The first value posted under a name, or nothing."""
    values: Iterable[str] = formdata.getlist(name)
    return next(iter(values), "")


def rows_in(value: Answer) -> list[dict[str, Any]]:
    """The rows of a repeated answer that can be shown."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
