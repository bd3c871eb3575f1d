"""The typed conditions of a restriction: read, checked, put into a sentence, weighed against each other.

Parameters are stored canonically (whole numbers as int, fractions as decimal strings, dates as ISO strings), so
that a condition goes into the ledger as it is. What each kind asks for is data: `review.rules.condition_types`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from review.rules.burden import Burden, Comparison, burden, burden_of, compare_burden, harsher_than
from review.rules.condition_types import KINDS, SCHEMA, ConditionKind, ConditionType, OnExpiry
from review.rules.contradictions import Contradiction, contradictions
from review.rules.days import counted, spelled
from review.rules.parameters import Harsher, Parameter, ParameterKind
from review.rules.policy import Policy
from review.rules.shapes import Condition, Feasibility, FeasibilityRow

__all__ = [
    "KINDS",
    "SCHEMA",
    "Burden",
    "Comparison",
    "Condition",
    "ConditionKind",
    "ConditionType",
    "Contradiction",
    "Feasibility",
    "FeasibilityRow",
    "Harsher",
    "OnExpiry",
    "Parameter",
    "ParameterKind",
    "Part",
    "Problem",
    "burden",
    "burden_of",
    "clean",
    "compare_burden",
    "contradictions",
    "feasibility",
    "feasibility_sentence",
    "feasible_from",
    "harsher_than",
    "is_sunset",
    "parameters_of",
    "precautionary",
    "sentence",
    "sentence_parts",
    "sunset_of",
    "sunset_problems",
    "validate",
]

_TEMPLATE = re.compile(r"\{(\w+)\}")
_OPTIONAL = re.compile(r"\[([^\]]*)\]")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with a parameter, and what to give instead. `key` is the parameter's."""

    key: str
    sentence: str


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of a condition's sentence: plain text, or a parameter that a person may set.

    `text` reads as printed, unit included; `filled` is False where a parameter has no value yet.
    """

    text: str
    parameter: Parameter | None = None
    value: Any = None
    filled: bool = True


def parameters_of(kind: ConditionType) -> tuple[Parameter, ...]:
    """The parameters that a form for this kind asks for, in the order of its sentence."""
    return KINDS[kind].parameters


def clean(kind: ConditionType, raw: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """Parameters as typed in a form or read from a file, made canonical, with what is wrong with them.

    Empty values are left out. A value that cannot be read stays as it was given, so that a form can show it.
    """
    kept: dict[str, Any] = {}
    for key, value in raw.items():
        parameter = KINDS[kind].parameter(key)
        canonical = _canonical(parameter, value) if parameter else value
        if canonical not in (None, "", []):
            kept[key] = canonical
    return kept, validate(kind, kept)


def validate(kind: ConditionType, params: Mapping[str, Any]) -> tuple[Problem, ...]:
    """What is wrong with canonical parameters: unknown, missing or out of bounds. Empty if nothing is."""
    known = KINDS[kind]
    problems = [
        Problem(key=key, sentence=f"{known.label} has no parameter {key}.")
        for key in params
        if known.parameter(key) is None
    ]
    for parameter in known.parameters:
        value = params.get(parameter.key)
        if value is None or value == "" or value == []:
            if parameter.required:
                problems.append(Problem(key=parameter.key, sentence=_asked(parameter)))
            continue
        wrong = _wrong(parameter, value)
        if wrong:
            problems.append(Problem(key=parameter.key, sentence=wrong))
    return tuple(problems)


def sentence(condition: Condition, applicant: str = "The lab") -> str:
    """The condition as one or two sentences. A missing parameter reads as its label in brackets."""
    return "".join(part.text for part in sentence_parts(condition, applicant))


def sentence_parts(
    condition: Condition, applicant: str = "The lab", *, every_field: bool = False
) -> tuple[Part, ...]:
    """The sentence cut at its parameters. `every_field` keeps the optional stretches that have no value yet."""
    template = KINDS[condition.type].template

    def kept(match: re.Match[str]) -> str:
        keys = _TEMPLATE.findall(match.group(1))
        return match.group(1) if every_field or any(condition.params.get(key) for key in keys) else ""

    pieces = _TEMPLATE.split(_OPTIONAL.sub(kept, template).replace("{applicant}", applicant))
    parts = (
        Part(text=piece) if place % 2 == 0 else _filled(condition, piece)
        for place, piece in enumerate(pieces)
        if piece
    )
    return tuple(parts)


def is_sunset(condition: Condition) -> bool:
    return condition.type is ConditionType.SUNSET_RENEWAL


def precautionary(conditions: Iterable[Condition], decided_on: date, days: int) -> bool:
    """Whether the conditions end within so many days: what a decision without graded evidence needs."""
    found = sunset_of(conditions)
    return found is not None and found[0] <= decided_on + timedelta(days=days)


def sunset_of(conditions: Iterable[Condition]) -> tuple[date, OnExpiry] | None:
    """When the conditions end and what remains then; None without a complete sunset."""
    for one in conditions:
        if one.type is ConditionType.SUNSET_RENEWAL and not validate(one.type, one.params):
            return date.fromisoformat(one.params["end_date"]), OnExpiry(one.params["on_expiry"])
    return None


def sunset_problems(
    conditions: Sequence[Condition], decided_on: date, policy: Policy, *, precautionary: bool
) -> tuple[Problem, ...]:
    """Whether the sunset lies ahead, within the policy's months, and within its days if precautionary."""
    found = sunset_of(conditions)
    if found is None:
        if not precautionary:
            return ()
        days = policy.evidence.precautionary_sunset_days
        return (
            Problem(key="end_date", sentence=f"A precautionary decision needs a sunset within {days} days."),
        )
    end = found[0]
    latest = _months_later(decided_on, policy.conditions.sunset_max_months)
    if precautionary:
        latest = min(latest, decided_on + timedelta(days=policy.evidence.precautionary_sunset_days))
    if end <= decided_on:
        return (Problem(key="end_date", sentence=f"Give a day after {spelled(decided_on)}."),)
    if end > latest:
        return (
            Problem(key="end_date", sentence=f"Give {spelled(latest)} or earlier. You gave {spelled(end)}."),
        )
    return ()


def feasibility(rows: Sequence[FeasibilityRow]) -> Feasibility | None:
    """All channels feasible, some, or none; None if no channel was looked at."""
    if not rows:
        return None
    results = {row.result for row in rows}
    if results == {Feasibility.FEASIBLE}:
        return Feasibility.FEASIBLE
    return Feasibility.INFEASIBLE if results == {Feasibility.INFEASIBLE} else Feasibility.PARTIAL


def feasibility_sentence(rows: Sequence[FeasibilityRow]) -> str:
    """`Feasible on 2 of 3 channels. Not on: cloud distributors.`"""
    if not rows:
        return "Nobody has said on which channels it is feasible."
    words = dict(KINDS[ConditionType.ACCESS_TIER_MAX].parameters[2].choices)
    missing = [words.get(row.channel, row.channel) for row in rows if row.result is not Feasibility.FEASIBLE]
    noun = "channel" if len(rows) == 1 else "channels"
    said = f"Feasible on {len(rows) - len(missing)} of {len(rows)} {noun}."
    return f"{said} Not on: {', '.join(missing)}." if missing else said


def feasible_from(rows: Sequence[FeasibilityRow], told_on: date) -> date | None:
    """The first day on which every channel can be ready; None if one never can or names no lead time."""
    if not rows or any(row.ready_in_days is None for row in rows):
        return None
    return told_on + timedelta(days=max(row.ready_in_days or 0 for row in rows))


def _filled(condition: Condition, key: str) -> Part:
    parameter = KINDS[condition.type].parameter(key)
    if parameter is None:
        raise KeyError(f"The sentence of {condition.type} names {key}, which is no parameter of it.")
    value = condition.params.get(key)
    if value in (None, "", []):
        words = parameter.empty or f"[{parameter.label.lower()}]"
        return Part(text=words, parameter=parameter, value=value, filled=bool(parameter.empty))
    return Part(text=_words(parameter, value), parameter=parameter, value=value)


def _words(parameter: Parameter, value: Any) -> str:
    words = dict(parameter.choices)
    match parameter.kind:
        case ParameterKind.CHOICE:
            return words.get(value, str(value))
        case ParameterKind.YES_NO:
            return words["true" if value is True else "false"]
        case ParameterKind.CHOICES | ParameterKind.LIST if isinstance(value, list | tuple):
            said = [words.get(one, str(one)) for one in value]
            return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
        case ParameterKind.WHOLE if isinstance(value, int):
            return counted(value, parameter.unit) if parameter.unit else f"{value:,}"
        case ParameterKind.DATE:
            day = _day(value)
            return spelled(day) if day else str(value)
    return str(value)


def _canonical(parameter: Parameter, value: Any) -> Any:
    """The stored shape of a value that somebody typed; the value itself if it cannot be read."""
    match parameter.kind:
        case ParameterKind.CHOICES | ParameterKind.LIST:
            many = re.split(r"[,\n]", value) if isinstance(value, str) else value
            return [str(one).strip() for one in many if str(one).strip()]
        case ParameterKind.WHOLE if isinstance(value, str):
            bare = value.replace(",", "").strip()
            return int(bare) if bare.isascii() and bare.isdigit() else value.strip()
        case ParameterKind.YES_NO if isinstance(value, str):
            return {"true": True, "false": False}.get(value.strip().lower(), value.strip())
        case ParameterKind.DATE if isinstance(value, date):
            return value.isoformat()
    return value.strip() if isinstance(value, str) else value


def _asked(parameter: Parameter) -> str:
    if parameter.kind in (ParameterKind.CHOICE, ParameterKind.YES_NO):
        return f"Choose: {_lowered(parameter.label)}."
    return f"Give: {_lowered(parameter.label)}."


def _wrong(parameter: Parameter, value: Any) -> str | None:
    """The rule that a value breaks, as an instruction; None if it breaks none."""
    allowed = [key for key, _ in parameter.choices]
    match parameter.kind:
        case ParameterKind.CHOICE:
            return None if value in allowed else f"Choose one of {', '.join(allowed)}. You gave {value}."
        case ParameterKind.CHOICES:
            unknown = [str(one) for one in value if one not in allowed] if _is_list(value) else [str(value)]
            return f"Choose among {', '.join(allowed)}. You gave {', '.join(unknown)}." if unknown else None
        case ParameterKind.LIST:
            entries = _is_list(value) and all(isinstance(one, str) and one.strip() for one in value)
            return None if entries else "Give one entry a line."
        case ParameterKind.WHOLE:
            if not isinstance(value, int) or isinstance(value, bool):
                return f"Give a whole number. You gave {value}."
            return _out_of_bounds(parameter, Decimal(value))
        case ParameterKind.PROPORTION:
            return _wrong_share(parameter, value)
        case ParameterKind.DATE:
            return None if _day(value) else f"Give a day as year-month-day. You gave {value}."
        case ParameterKind.YES_NO:
            return None if isinstance(value, bool) else "Choose one of the two."
    return None if isinstance(value, str) else "Give text."


def _wrong_share(parameter: Parameter, value: Any) -> str | None:
    if not isinstance(value, str):
        return "Give the number as text, such as 0.05."
    number = _number(value)
    return (
        f"Give a number such as 0.05. You gave {value}."
        if number is None
        else _out_of_bounds(parameter, number)
    )


def _out_of_bounds(parameter: Parameter, number: Decimal) -> str | None:
    if parameter.minimum is not None and number < Decimal(parameter.minimum):
        return f"Give {parameter.minimum} or more. You gave {number}."
    if parameter.maximum is not None and number > Decimal(parameter.maximum):
        return f"Give {parameter.maximum} or less. You gave {number}."
    return None


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        return None


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _lowered(label: str) -> str:
    return label[:1].lower() + label[1:]


def _months_later(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month."""
    whole = day.month - 1 + months
    first_of_next = date(day.year + (whole + 1) // 12, (whole + 1) % 12 + 1, 1)
    last = first_of_next - timedelta(days=1)
    return last.replace(day=min(day.day, last.day))
