"""How much a set of conditions asks of a lab: eight ordinals that are compared, never summed.

Two burdens are ordered only if no ordinal points the other way. Where the ordinals are equal, conditions of one
kind are compared parameter by parameter.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from review.rules.condition_types import KINDS, ConditionType, OnExpiry
from review.rules.parameters import Harsher, Parameter, ParameterKind
from review.rules.shapes import Condition
from review.rules.vocabulary import Outcome, Word


class Comparison(Word):
    """How one burden stands to another."""

    EQUAL = "EQUAL"
    LIGHTER = "LIGHTER"
    HEAVIER = "HEAVIER"
    INCOMPARABLE = "INCOMPARABLE"


class Burden(msgspec.Struct, frozen=True, kw_only=True):
    """Ordinals from 0 (none) to 3 (heaviest), one for each way in which a condition weighs."""

    who_may_use: int = 0
    where: int = 0
    what_it_can_do: int = 0
    how_much: int = 0
    identity: int = 0
    monitoring: int = 0
    security: int = 0
    time: int = 0

    def ordinals(self) -> tuple[int, ...]:
        return msgspec.structs.astuple(self)


SEVERITY = {None: 0, Outcome.APPROVE: 0, Outcome.RESTRICT: 1, Outcome.DENY: 2}


ALWAYS: dict[ConditionType, Burden] = {
    ConditionType.ORG_ALLOWLIST: Burden(who_may_use=3, identity=2),
    ConditionType.ELIGIBILITY_ATTRIBUTE: Burden(who_may_use=2),
    ConditionType.CAPABILITY_GATE: Burden(what_it_can_do=2),
    ConditionType.RATE_LIMIT: Burden(how_much=2),
    ConditionType.MONITORING: Burden(monitoring=2),
    ConditionType.RED_TEAM: Burden(security=1, time=1),
    ConditionType.REPORTING: Burden(monitoring=1),
}
"""What a kind of condition weighs whatever its parameters are."""

BY_CHOICE: dict[ConditionType, tuple[tuple[str, str, dict[str, int]], ...]] = {
    ConditionType.ACCESS_TIER_MAX: (("who_may_use", "max_tier", {"T0": 3, "T1": 3, "T2": 2, "T3": 1}),),
    ConditionType.ELIGIBILITY_ATTRIBUTE: (
        ("identity", "assurance", {"A1": 1, "A2": 1, "A3": 2, "A4": 3}),
        ("where", "attribute", {"COUNTRY_LOCATION": 2, "RESIDENCE": 2, "ORG_HQ": 2}),
    ),
    ConditionType.GEOGRAPHY: (("where", "rule", {"ALLOW": 3, "DENY": 2}),),
    ConditionType.KYC_LEVEL: (("identity", "level", {"K1": 1, "K2": 1, "K3": 2, "K4": 3, "K5": 3}),),
    ConditionType.WEIGHT_SECURITY: (
        ("security", "level", {"SL1": 1, "SL2": 1, "SL3": 2, "SL4": 3, "SL5": 3}),
    ),
    ConditionType.SUNSET_RENEWAL: (("time", "on_expiry", {OnExpiry.AUTHORIZATION_EXPIRES.value: 2}),),
}
"""What a choice weighs, as (ordinal, parameter, choice -> weight); choices that are not named weigh nothing."""


def burden(condition: Condition) -> Burden:
    """The ordinals of one condition, read from its kind and its choices."""
    chosen = {
        ordinal: weights.get(str(condition.params.get(key)), 0)
        for ordinal, key, weights in BY_CHOICE.get(condition.type, ())
    }
    return msgspec.structs.replace(ALWAYS.get(condition.type, Burden()), **chosen)


def burden_of(conditions: Iterable[Condition]) -> Burden:
    """The heaviest ordinal of all the conditions, each for itself."""
    columns = zip(*(burden(one).ordinals() for one in conditions), strict=True)
    return Burden(**dict(zip(Burden.__struct_fields__, map(max, columns), strict=False)))


def compare_burden(first: Burden, second: Burden) -> Comparison:
    """How `first` stands to `second` in the partial order."""
    pairs = list(zip(first.ordinals(), second.ordinals(), strict=True))
    return _comparison(any(a > b for a, b in pairs), any(a < b for a, b in pairs))


def harsher_than(
    outcome: Outcome,
    conditions: Sequence[Condition],
    notice_outcome: Outcome | None,
    notice_conditions: Sequence[Condition],
    *,
    offered: Collection[ConditionType] = (),
) -> bool | None:
    """Whether a decision is harsher than its notice: by severity, then burden. None where neither is harsher.

    Kinds of condition that the lab itself offered do not count against the decision.
    """
    severity = SEVERITY[outcome] - SEVERITY[notice_outcome]
    if severity or outcome is not Outcome.RESTRICT:
        return severity > 0
    imposed = [one for one in conditions if one.type not in offered]
    noticed = [one for one in notice_conditions if one.type not in offered]
    found = compare_burden(burden_of(imposed), burden_of(noticed))
    if found is Comparison.EQUAL:
        found = _finely(imposed, noticed)
    return {Comparison.HEAVIER: True, Comparison.INCOMPARABLE: None}.get(found, False)


def _comparison(heavier: bool, lighter: bool) -> Comparison:
    if heavier and lighter:
        return Comparison.INCOMPARABLE
    if heavier:
        return Comparison.HEAVIER
    return Comparison.LIGHTER if lighter else Comparison.EQUAL


def _finely(imposed: Sequence[Condition], noticed: Sequence[Condition]) -> Comparison:
    """Two sets of equal ordinals, compared kind by kind and parameter by parameter."""
    signs: set[int] = set()
    for kind in {one.type for one in (*imposed, *noticed)}:
        mine = [one for one in imposed if one.type is kind]
        theirs = [one for one in noticed if one.type is kind]
        for here, there in zip(mine, theirs, strict=False):
            signs |= _signs(here, there)
        relief = 1 if any(_is_relief(one) for one in (*mine, *theirs)) else -1
        signs |= {relief} if len(mine) < len(theirs) else {-relief} if len(mine) > len(theirs) else set()
    return _comparison(1 in signs, -1 in signs)


def _is_relief(condition: Condition) -> bool:
    """A sunset after which use is unrestricted is a benefit: losing it is the harsher thing."""
    kind, left = condition.type, condition.params.get("on_expiry")
    return kind is ConditionType.SUNSET_RENEWAL and left == OnExpiry.UNRESTRICTED.value


def _signs(here: Condition, there: Condition) -> set[int]:
    """1 where `here` is harsher than `there`, -1 where it is softer; both where nobody can say."""
    if here.type is ConditionType.SUNSET_RENEWAL:
        return _sunset_signs(here, there)
    found: set[int] = set()
    for parameter in KINDS[here.type].parameters:
        mine, theirs = here.params.get(parameter.key), there.params.get(parameter.key)
        if mine != theirs:
            found |= _parameter_signs(parameter, mine, theirs)
    return found


def _sunset_signs(here: Condition, there: Condition) -> set[int]:
    if here.params.get("on_expiry") != there.params.get("on_expiry"):
        return {-1} if _is_relief(here) else {1}
    mine, theirs = str(here.params.get("end_date")), str(there.params.get("end_date"))
    if mine == theirs:
        return set()
    return {1} if (mine > theirs) is _is_relief(here) else {-1}


def _parameter_signs(parameter: Parameter, mine: Any, theirs: Any) -> set[int]:
    if parameter.kind is ParameterKind.CHOICES:
        return _scope_signs(set(mine or ()), set(theirs or ()))
    if parameter.harsher is Harsher.UNORDERED:
        return {1, -1}
    if not mine and mine is not False:
        return {-1}
    if not theirs and theirs is not False:
        return {1}
    higher = _rank(parameter, mine) > _rank(parameter, theirs)
    return {1} if higher is (parameter.harsher is Harsher.HIGHER) else {-1}


def _scope_signs(mine: set[str], theirs: set[str]) -> set[int]:
    """A wider scope is harsher; none chosen means all."""
    if not mine or (theirs and mine > theirs):
        return {1}
    return {-1} if not theirs or mine < theirs else {1, -1}


def _rank(parameter: Parameter, value: Any) -> Decimal:
    match parameter.kind:
        case ParameterKind.CHOICE:
            keys = [key for key, _ in parameter.choices]
            return Decimal(keys.index(value) if value in keys else -1)
        case ParameterKind.DATE:
            return Decimal(date.fromisoformat(str(value)).toordinal())
        case ParameterKind.YES_NO:
            return Decimal(int(bool(value)))
    return Decimal(str(value))
