"""Which questions apply: conditions are read against the answers given so far."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from review.rules.instruments.shape import (
    Answer,
    Condition,
    Field,
    Filing,
    is_empty,
    row_answers,
    state_word,
    value_of,
)

PATH = re.compile(
    r"(?:(?:(?P<instrument>[a-z_]+)/)?(?P<section>[A-Za-z0-9_]+)/)?(?P<key>[a-z0-9_]+)(?:\[(?P<column>[a-z0-9_]+)\])?"
)


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """From where a condition looks: one section of one instrument, perhaps inside rows (innermost last)."""

    filing: Filing
    instrument: str
    section: str
    rows: tuple[dict[str, Answer], ...] = ()

    def inside(self, row: dict[str, Any]) -> Scope:
        """The same place, one row further in."""
        return msgspec.structs.replace(self, rows=(*self.rows, row_answers(row)))

    def look(self, path: str) -> Answer:
        """The raw answer at a path; for `key[column]` the list of that column's values."""
        match = PATH.fullmatch(path)
        if match is None:
            return None
        answer = self._find(match["instrument"], match["section"], match["key"])
        if match["column"] is None:
            return answer
        return [
            value
            for row in rows_of(answer)
            if (value := value_of(row_answers(row).get(match["column"]))) is not None
        ]

    def _find(self, instrument: str | None, section: str | None, key: str) -> Answer:
        if section is None:
            for row in reversed(self.rows):
                if key in row:
                    return row[key]
        chosen = self.filing.get(instrument or self.instrument) or {}
        return (chosen.get(section or self.section) or {}).get(key)


def rows_of(answer: Answer) -> list[dict[str, Any]]:
    """The rows of a repeated answer; an answer state or a damaged value has none."""
    if not isinstance(answer, list):
        return []
    return [row for row in answer if isinstance(row, dict)]


def as_number(value: Answer) -> Decimal | None:
    """The number that was typed, or None if it is none."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def holds(condition: Condition | None, scope: Scope) -> bool:
    """Does the condition hold? No condition always does; an unanswered question fulfils no test."""
    if condition is None:
        return True
    if condition.all and not all(holds(part, scope) for part in condition.all):
        return False
    if condition.any and not any(holds(part, scope) for part in condition.any):
        return False
    return not condition.field or _test(condition, scope.look(condition.field))


def _test(condition: Condition, answer: Answer) -> bool:
    if condition.answered is not None and condition.answered == is_empty(answer):
        return False
    if condition.none is not None and condition.none != (answer == []):
        return False
    value = value_of(answer)
    if condition.equals is not None and value != condition.equals:
        return False
    if condition.one_of is not None and value not in condition.one_of:
        return False
    if condition.contains is not None and not (isinstance(value, list) and condition.contains in value):
        return False
    if condition.at_least is None and condition.at_most is None:
        return True
    number = as_number(value)
    if number is None:
        return False
    if condition.at_least is not None and number < condition.at_least:
        return False
    return condition.at_most is None or number <= condition.at_most


def visible(field: Field, scope: Scope) -> bool:
    """Does this question apply, given the other answers?"""
    return holds(field.visible_when, scope)


def required(field: Field, scope: Scope) -> bool:
    """Must this question be answered (by a value or an answer state) before filing?"""
    if field.required or field.must_have_value:
        return True
    return field.required_when is not None and holds(field.required_when, scope)


def stated(answer: Answer) -> bool:
    """Is this a complete answer state: a known word with a reason?"""
    return bool(state_word(answer)) and bool(str(answer.get("reason") or "").strip())
