"""Answers in words, as pages, documents and comparisons show them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from review.rules.instruments.shape import (
    ANSWER_STATES,
    Answer,
    Field,
    is_empty,
    is_state,
    row_answers,
    state_word,
)
from review.rules.instruments.visibility import rows_of

DIGITS = re.compile(r"-?\d{4,}")


def in_words(field: Field, answer: Answer) -> str:
    """One answer as a short text: choice labels, units, dates; rows are joined by semicolons."""
    if is_empty(answer):
        return "Not answered"
    if is_state(answer):
        state = ANSWER_STATES.get(state_word(answer), "Cannot be given")
        reason = str(answer.get("reason") or "").strip()
        return f"{state}: {reason}" if reason else state
    if answer == []:
        return field.none_label or "None"
    if field.type == "rows":
        return "; ".join(row_in_words(field, row) for row in rows_of(answer))
    if isinstance(answer, bool):
        return "Yes" if answer else "No"
    if isinstance(answer, list):
        return ", ".join(field.label_of(str(value)) for value in answer)
    return _text_in_words(field, str(answer))


def _text_in_words(field: Field, text: str) -> str:
    if field.type == "choice":
        return field.label_of(text)
    if field.type == "date":
        return date_in_words(text)
    if field.type in ("integer", "number"):
        figure = f"{int(text):,}" if DIGITS.fullmatch(text) else text
        return f"{figure} {field.unit}".strip()
    return text


def row_in_words(field: Field, row: dict[str, Any]) -> str:
    """One repeated row: its answered questions, joined by commas."""
    answers = row_answers(row)
    return ", ".join(
        in_words(inner, answers[inner.key]) for inner in field.fields if not is_empty(answers.get(inner.key))
    )


def row_heading(field: Field, row: dict[str, Any], number: int) -> str:
    """How a row is named in a list: its number and its title answer, or "New" where that is empty."""
    key = field.row_title or field.fields[0].key
    inner = next((each for each in field.fields if each.key == key), None)
    answer = row_answers(row).get(key)
    if inner is None or is_empty(answer) or is_state(answer):
        return f"{number} New {field.row_name}"
    return f"{number} {in_words(inner, answer)}"


def date_in_words(text: str) -> str:
    """`2026-03-25` as `Wed 25 Mar 2026`; anything else stays as it was typed."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day:%a} {day.day} {day:%b %Y}"
