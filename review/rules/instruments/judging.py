"""Judging answers: what is missing, what is wrong, what would be filed, and how far a draft is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from review.rules.instruments.shape import (
    Answer,
    Field,
    Gap,
    Problem,
    Progress,
    Section,
    is_empty,
    is_state,
    row_answers,
    row_place,
    state_word,
)
from review.rules.instruments.values import faults
from review.rules.instruments.visibility import Scope, required, rows_of, stated, visible
from review.rules.instruments.words import in_words

MINUTES = {"long_text": 10, "rows": 15, "evidence": 3, "file": 3, "number": 3, "integer": 2}


def judge_fields(
    fields: Iterable[Field], answers: dict[str, Answer], scope: Scope, place: str
) -> Iterator[Problem]:
    """Every missing or wrong answer among these questions. `place` ends where a key is to be added."""
    for field in fields:
        if visible(field, scope):
            yield from judge_answer(field, answers.get(field.key), scope, f"{place}{field.key}")


def judge_answer(field: Field, answer: Answer, scope: Scope, place: str) -> Iterator[Problem]:
    """What is missing or wrong about one answer. An optional question may stay empty."""
    if is_empty(answer) or (field.type in ("rows", "multi_choice", "evidence", "file") and answer == []):
        if answer == [] and field.none_label:
            return
        if required(field, scope):
            yield _missing(field, place)
    elif is_state(answer):
        yield from _judge_state(field, answer, place)
    elif field.type == "rows":
        yield from _judge_rows(field, answer, scope, place)
    else:
        for code, what, cure in faults(field, answer, scope):
            yield _wrong(field, place, code, what, cure)


def _wrong(field: Field, place: str, code: str, what: str, cure: str) -> Problem:
    return Problem(place=place, code=code, sentence=f"{field.title}: {what}", cure=cure, missing=False)


def _missing(field: Field, place: str) -> Problem:
    return Problem(
        place=place, code="missing", sentence=field.title, cure=field.cure or _usual_cure(field), missing=True
    )


def _usual_cure(field: Field) -> str:
    if field.must_have_value:
        return "Answer this. It cannot be left out."
    if field.none_label and field.type == "rows":
        return f"Add at least one {field.row_name}, or choose “{field.none_label}”."
    if field.type == "rows":
        return f"Add at least one {field.row_name}, or say that you cannot."
    if field.type in ("choice", "multi_choice", "boolean"):
        return "Choose an answer, or say that you cannot."
    if field.type in ("integer", "number") and field.unit:
        return f"Give the {field.unit}, or say that you cannot."
    return "Answer this, or say that you cannot."


def _judge_state(field: Field, answer: dict[str, Answer], place: str) -> Iterator[Problem]:
    if field.must_have_value:
        cure = "Answer this. It cannot be left out."
        yield _wrong(field, place, "state_not_allowed", "needs a value", cure)
    elif not state_word(answer):
        cure = "Choose not applicable, not disclosed or unknown, or clear the reason."
        yield _wrong(field, place, "state_unknown", "no reason chosen for leaving it out", cure)
    elif not stated(answer):
        yield Problem(
            place=place,
            code="reason_missing",
            sentence=f"{field.title}: say why you cannot give it",
            cure="Give a reason. Every reader sees it.",
            missing=True,
        )


def _judge_rows(field: Field, answer: Answer, scope: Scope, place: str) -> Iterator[Problem]:
    if not isinstance(answer, list) or len(rows_of(answer)) != len(answer):
        yield _wrong(field, place, "not_rows", "not a list of rows", "Give rows, each with an id.")
        return
    seen: set[str] = set()
    for row in rows_of(answer):
        row_id = str(row.get("id", ""))
        if not row_id or row_id in seen:
            yield _wrong(field, place, "row_id", "two rows share an id", "Give every row its own id.")
        seen.add(row_id)
        yield from judge_fields(field.fields, row_answers(row), scope.inside(row), row_place(place, row))


def unknown_keys(section: Section, answers: dict[str, Answer], place: str = "") -> Iterator[Problem]:
    """Answers to questions that the form does not ask: a sign of another version or a slip."""
    known = {field.key for field in section.fields}
    for key in sorted(set(answers) - known):
        yield Problem(
            place=f"{place or section.key}/{key}",
            code="unknown_answer",
            sentence=f"{key}: this form asks no such question",
            cure="Take it out, or move it to the further statements.",
            missing=False,
        )


def filed_fields(fields: Iterable[Field], answers: dict[str, Answer], scope: Scope) -> dict[str, Answer]:
    """The answers as filed: hidden questions, empty answers and set-aside drafts are dropped."""
    kept: dict[str, Answer] = {}
    for field in fields:
        answer = answers.get(field.key)
        if is_empty(answer) or not visible(field, scope):
            continue
        kept[field.key] = _filed_answer(field, answer, scope)
    return kept


def _filed_answer(field: Field, answer: Answer, scope: Scope) -> Answer:
    if is_state(answer):
        return {"state": answer.get("state"), "reason": str(answer.get("reason") or "").strip()}
    if field.type == "rows":
        return [
            {
                "id": row.get("id"),
                "answers": filed_fields(field.fields, row_answers(row), scope.inside(row)),
            }
            for row in rows_of(answer)
        ]
    return answer


def progress_of(section: Section, answers: dict[str, Answer], scope: Scope) -> Progress:
    """How far one section is. A repeated list counts as one question, answered when its rows are sound."""
    asked = [field for field in section.fields if visible(field, scope) and required(field, scope)]
    open_fields = [
        field
        for field in asked
        if any(judge_answer(field, answers.get(field.key), scope, f"{section.key}/{field.key}"))
    ]
    return Progress(
        section=section.key,
        title=section.title,
        answered=len(asked) - len(open_fields),
        required=len(asked),
        minutes=sum(field.minutes or MINUTES.get(field.type, 1) for field in open_fields),
    )


def gaps_of(
    fields: Iterable[Field], answers: dict[str, Answer], scope: Scope, section: str, place: str = ""
) -> Iterator[Gap]:
    """Answer states and optional questions left empty, in words."""
    for field in fields:
        if not visible(field, scope):
            continue
        answer = answers.get(field.key)
        if word := state_word(answer):
            yield _gap(section, f"{place}{field.key}", field, word, in_words(field, answer))
        elif is_empty(answer):
            if not required(field, scope):
                yield _gap(section, f"{place}{field.key}", field, "EMPTY", "Left empty. It was optional.")
        elif field.type == "rows":
            for row in rows_of(answer):
                yield from gaps_of(
                    field.fields,
                    row_answers(row),
                    scope.inside(row),
                    section,
                    row_place(f"{place}{field.key}", row),
                )


def _gap(section: str, place: str, field: Field, kind: str, sentence: str) -> Gap:
    return Gap(section=section, field=place, label=field.title, kind=kind, sentence=sentence)  # type: ignore[arg-type]
