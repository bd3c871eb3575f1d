"""Is one given value a proper answer to its question? Each check is a short sentence with a cure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from review.rules.instruments.shape import Answer, Field, value_of
from review.rules.instruments.visibility import Scope, as_number

NUMBER = re.compile(r"-?(\d+(\.\d+)?|\.\d+)([eE][+-]?\d{1,3})?")
WHOLE = re.compile(r"-?\d{1,30}")
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

Fault: TypeAlias = tuple[str, str, str]
"""Code, what is wrong (completes "<label>: …"), and what to do."""


def faults(field: Field, value: Answer, scope: Scope) -> Iterator[Fault]:
    """Everything that is wrong with a given value; rows are looked into elsewhere."""
    match field.type:
        case "integer" | "number":
            yield from _number(field, value, scope)
        case "date" | "month":
            yield from _date(field, value, scope)
        case "boolean":
            if not isinstance(value, bool):
                yield "not_yes_or_no", "neither yes nor no", f"Choose yes or no. You gave {_shown(value)}."
        case "choice":
            yield from _choice(field, value, scope)
        case "multi_choice" | "evidence" | "file":
            yield from _several(field, value)
        case _:
            yield from _text(field, value, scope)


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _number(field: Field, value: Answer, scope: Scope) -> Iterator[Fault]:
    text = str(value).strip()
    if not isinstance(value, str) or not (WHOLE if field.type == "integer" else NUMBER).fullmatch(text):
        yield _not_a_number(field, text)
        return
    number = Decimal(text)
    if field.minimum is not None and number < Decimal(field.minimum):
        yield "too_small", "too small", f"Give {field.minimum} or more. You gave {text}."
    if field.maximum is not None and number > Decimal(field.maximum):
        yield "too_large", "too large", f"Give {field.maximum} or less. You gave {text}."
    other, other_number = _other(field.not_below, scope)
    if other_number is not None and number < other_number:
        yield "below_other", "below the figure that it must reach", f"Give {other} or more. You gave {text}."
    other, other_number = _other(field.not_above, scope)
    if other_number is not None and number > other_number:
        yield "above_other", "above the figure that bounds it", f"Give {other} or less. You gave {text}."


def _other(key: str, scope: Scope) -> tuple[str, Decimal | None]:
    other = value_of(scope.look(key)) if key else None
    return str(other), None if other is None else as_number(other)


def _not_a_number(field: Field, text: str) -> Fault:
    plain = text.replace(",", "").replace(" ", "")
    if plain != text and NUMBER.fullmatch(plain):
        return (
            "not_a_number",
            "separators in a number",
            f"Write {plain}, without separators. You gave {text}.",
        )
    if field.type == "integer":
        return "not_a_whole_number", "not a whole number", f"Give a whole number. You gave {_shown(text)}."
    example = " such as 12, 0.5 or 6.3e24"
    return "not_a_number", "not a number", f"Give a number{example}. You gave {_shown(text)}."


def _date(field: Field, value: Answer, scope: Scope) -> Iterator[Fault]:
    text = str(value)
    if field.type == "month":
        if not MONTH.fullmatch(text):
            yield "not_a_month", "not a month", f"Give year and month as 2026-03. You gave {_shown(text)}."
        return
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        yield "not_a_date", "not a date", f"Give a date as 2026-03-25. You gave {_shown(text)}."
        return
    other = value_of(scope.look(field.not_below)) if field.not_below else None
    if isinstance(other, str) and len(other) == 10 and text < other:
        yield "below_other", "too early", f"Give {other} or later. You gave {text}."


def _choice(field: Field, value: Answer, scope: Scope) -> Iterator[Fault]:
    if not isinstance(value, str) or value not in {choice.value for choice in field.choices}:
        yield "not_a_choice", "not one of the choices", f"Choose from the list. You gave {_shown(value)}."
        return
    other, bound = _other(field.not_above, scope)
    number = as_number(value)
    if bound is not None and number is not None and number > bound:
        yield "above_other", "above the answer that bounds it", f"Choose {other} or less. You chose {value}."


def _several(field: Field, value: Answer) -> Iterator[Fault]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        yield "not_a_list", "not a list", f"Choose from the list. You gave {_shown(value)}."
        return
    known = {choice.value for choice in field.choices}
    unknown = [each for each in value if field.type == "multi_choice" and each not in known]
    if unknown:
        yield "not_a_choice", "not among the choices", f"Choose from the list. You gave {_shown(unknown[0])}."


def _text(field: Field, value: Answer, scope: Scope) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield "not_text", "not text", f"Give text. You gave {_shown(value)}."
        return
    words = len(value.split())
    if field.max_words is not None and words > field.max_words:
        yield "too_long", "too long", f"Use {field.max_words} words or fewer. You used {words}."
    if field.pattern is not None and not re.fullmatch(field.pattern, value.strip()):
        yield "pattern", "not in the form asked for", f"Give {field.pattern_words}. You gave {_shown(value)}."
    other = value_of(scope.look(field.differs_from)) if field.differs_from else None
    if isinstance(other, str) and other.strip().casefold() == value.strip().casefold():
        yield "same_as_other", "the same as another answer", f"Name another. You gave {_shown(value)} twice."
