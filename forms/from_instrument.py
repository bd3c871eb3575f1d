"""An instrument's section becomes a form class, kept per instrument, version and section.

Form = section_form(instrument, "C_CYBER")
form = Form(request.form, data=draft)       # parses; the draft fills what was not on the page
answers = form.answers()                    # plain JSON, everything typed, right or wrong
form.arrange(scope, problems, evidence)     # what applies and what is wrong, before rendering
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby
from typing import Any

import msgspec
from wtforms import Form

from forms.fields import (
    AnswerField,
    ChoiceField,
    EvidenceField,
    LongTextField,
    ManyField,
    QuantityField,
    RowsField,
    YesNoField,
    new_row_id,
    rows_in,
)
from review.rules.instruments import (
    Answer,
    Condition,
    Field,
    Instrument,
    Problem,
    Scope,
    Section,
    holds,
    is_empty,
    is_state,
    load,
    required,
    visible,
)

FIELDS: dict[str, type[AnswerField]] = {
    "text": AnswerField,
    "long_text": LongTextField,
    "integer": QuantityField,
    "number": QuantityField,
    "boolean": YesNoField,
    "date": AnswerField,
    "month": AnswerField,
    "choice": ChoiceField,
    "multi_choice": ManyField,
    "evidence": EvidenceField,
    "file": EvidenceField,
}


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Questions that stand together: those of one condition, or those that always apply."""

    fields: tuple[Any, ...]
    because: str = ""
    condition: str = ""
    visible: bool = True


class QuestionsForm(Form):
    """A form made from questions; `answers()` is what was typed, as plain JSON."""

    row_id = ""

    def questions(self) -> Iterator[AnswerField]:
        """The fields in the order of the instrument."""
        for field in self:
            assert isinstance(field, AnswerField)
            yield field

    def answers(self) -> dict[str, Answer]:
        """Every answer given so far; questions without any are left out."""
        return {field.question.key: field.answer for field in self.questions() if not is_empty(field.answer)}

    def arrange(
        self,
        scope: Scope,
        problems: Iterable[Problem] = (),
        evidence: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Say what applies, what is required and what is wrong. Do this before rendering."""
        found: dict[str, list[Problem]] = {}
        for problem in problems:
            found.setdefault(problem.field, []).append(problem)
        self._arrange(scope, found, tuple(evidence))

    def _arrange(
        self, scope: Scope, found: dict[str, list[Problem]], evidence: tuple[tuple[str, str], ...]
    ) -> None:
        for field in self.questions():
            field.problems = found.get(field.name, [])
            field.visible = visible(field.question, scope)
            field.required = required(field.question, scope)
            field.condition = told_to_script(field.question.visible_when, scope)
            field.evidence = evidence
            if isinstance(field, RowsField):
                field.scope = scope
                for row in field.rows:
                    row.mark_above(field.question.confidentiality)
                    row._arrange(scope.inside({"answers": row.answers()}), found, evidence)

    def arrange_blank(self, scope: Scope | None, evidence: tuple[tuple[str, str], ...]) -> None:
        """Arrange a row that nobody has filled yet."""
        if scope is not None:
            self._arrange(scope.inside({"answers": {}}), {}, evidence)

    def mark_above(self, confidentiality: str) -> None:
        """The list that holds this row already carries a mark; its questions need not repeat it."""
        for field in self.questions():
            field.marked_above = confidentiality

    def groups(self) -> list[Group]:
        """The questions in groups, so that one "Because …" stands above all that it brings."""
        return [
            Group(fields=tuple(fields), because=because, condition=condition, visible=shown)
            for (because, condition, shown), fields in groupby(self.questions(), key=_group_key)
        ]


def _group_key(field: AnswerField) -> tuple[str, str, bool]:
    conditional = field.question.visible_when is not None
    return (field.question.because if conditional else "", field.condition, field.visible)


def section_form(instrument: Instrument, section: str) -> type[QuestionsForm]:
    """The form class of one section. Raises KeyError for a section that the instrument lacks."""
    return _cached(instrument.name, instrument.version, section)


@cache
def _cached(name: str, version: int, section: str) -> type[QuestionsForm]:
    return form_of(load(name, version).section(section))


def form_of(section: Section) -> type[QuestionsForm]:
    """The form class of a section that need not be on file (tests, drafts of new versions)."""
    return _form(section.fields, f"{section.key.title().replace('_', '')}Form")


def _form(questions: tuple[Field, ...], name: str) -> type[QuestionsForm]:
    return type(name, (QuestionsForm,), {question.key: _unbound(question) for question in questions})


def _unbound(question: Field) -> Any:
    if question.type == "rows":
        return RowsField(question.title, question=question, row_form=_form(question.fields, "RowForm"))
    return FIELDS[question.type](question.title, question=question)


def told_to_script(condition: Condition | None, scope: Scope) -> str:
    """The condition as JSON for the page's script; what lies outside the section is decided here."""
    return "" if condition is None else json.dumps(_told(condition, scope), separators=(",", ":"))


def _told(condition: Condition, scope: Scope) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if condition.all:
        told["all"] = [_told(part, scope) for part in condition.all]
    if condition.any:
        told["any"] = [_told(part, scope) for part in condition.any]
    if condition.field and "/" not in condition.field and "[" not in condition.field:
        plain = msgspec.to_builtins(condition)
        told |= {key: value for key, value in plain.items() if key not in ("all", "any")}
    elif condition.field:
        alone = msgspec.structs.replace(condition, all=(), any=())
        told["decided"] = holds(alone, scope)
    return told


def posted_by(section: Section, answers: dict[str, Answer]) -> list[tuple[str, str]]:
    """The pairs that a browser would post for these answers: the inverse of `answers()`."""
    return list(_posted(section.fields, answers, ""))


def _posted(fields: Iterable[Field], answers: dict[str, Answer], prefix: str) -> Iterator[tuple[str, str]]:
    for field in fields:
        name, answer = f"{prefix}{field.key}", answers.get(field.key)
        yield f"{name}-asked", "1"
        if is_state(answer):
            yield f"{name}-state", str(answer.get("state") or "")
            yield f"{name}-reason", str(answer.get("reason") or "")
            answer = answer.get("kept")
        yield from _posted_value(field, name, answer)


def _posted_value(field: Field, name: str, value: Answer) -> Iterator[tuple[str, str]]:
    if isinstance(value, bool):
        yield name, "yes" if value else "no"
    elif value == []:
        yield f"{name}-none", "yes"
    elif field.type == "rows":
        for row in rows_in(value):
            yield f"{name}-rows", str(row["id"])
            yield from _posted(field.fields, row.get("answers") or {}, f"{name}-{row['id']}-")
    elif isinstance(value, list):
        yield from ((name, str(word)) for word in value)
    elif value is not None:
        yield name, str(value)


def apply_action(section: Section, answers: dict[str, Answer], action: str) -> tuple[dict[str, Answer], str]:
    """Add or remove a repeated row, as the page's buttons ask without script.

    `add:<field>` and `remove:<field>:<row>`; `<field>` is the field's id on the page. Returns the new answers
    and the id to put the focus on. Raises ValueError for an action that names nothing.
    """
    verb, _, rest = action.partition(":")
    path, _, row_id = rest.partition(":")
    changed: dict[str, Answer] = json.loads(json.dumps(answers))
    field, holder = _find(section.fields, changed, path)
    answer = holder.get(field.key)
    held = answer if is_state(answer) else None
    rows = rows_in(held.get("kept") if held is not None else answer)
    if verb == "add":
        fresh = new_row_id()
        rows.append({"id": fresh, "answers": {}})
        focus = f"{path}-{fresh}"
    elif verb == "remove" and any(row.get("id") == row_id for row in rows):
        rows = [row for row in rows if row.get("id") != row_id]
        focus = path
    else:
        raise ValueError(f"no such action: {action}")
    if held is not None:
        held["kept"] = rows
    elif rows:
        holder[field.key] = rows
    else:
        holder.pop(field.key, None)
    return changed, focus


def _find(
    fields: tuple[Field, ...], answers: dict[str, Answer], path: str
) -> tuple[Field, dict[str, Answer]]:
    key, _, rest = path.partition("-")
    field = next((each for each in fields if each.key == key and each.type == "rows"), None)
    if field is None:
        raise ValueError(f"no repeated question is called {path}")
    if not rest:
        return field, answers
    row_id, _, deeper = rest.partition("-")
    answer = answers.get(key)
    for row in rows_in(answer.get("kept") if is_state(answer) else answer):
        if row.get("id") == row_id and deeper:
            return _find(field.fields, row.setdefault("answers", {}), deeper)
    raise ValueError(f"no row is called {path}")
