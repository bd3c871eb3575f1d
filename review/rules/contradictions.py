"""Conditions that cannot both hold, or of which one makes the other empty."""

from collections.abc import Callable, Sequence
from itertools import combinations

import msgspec

from review.rules.condition_types import ConditionType
from review.rules.shapes import Condition


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """Which conditions (by their place in the list, from 0) contradict each other, and how."""

    places: tuple[int, int]
    sentence: str


def contradictions(conditions: Sequence[Condition]) -> tuple[Contradiction, ...]:
    """Every pair of conditions that contradicts itself on a channel that both cover."""
    found: list[Contradiction] = []
    for (here, first), (there, second) in combinations(enumerate(conditions), 2):
        if not _share_a_channel(first, second):
            continue
        for rule in RULES:
            said = rule(first, second) or rule(second, first)
            if said:
                found.append(Contradiction(places=(here, there), sentence=said))
                break
    return tuple(found)


def _share_a_channel(first: Condition, second: Condition) -> bool:
    mine, theirs = set(first.params.get("channels") or ()), set(second.params.get("channels") or ())
    return not mine or not theirs or bool(mine & theirs)


def _list_and_public_tier(first: Condition, second: Condition) -> str | None:
    both = (first.type, second.type) == (ConditionType.ORG_ALLOWLIST, ConditionType.ACCESS_TIER_MAX)
    if both and second.params.get("max_tier") in ("T3", "T4", "T5"):
        return (
            f"An organization list cannot stand beside access up to {second.params['max_tier']}, the public."
        )
    return None


def _two_tiers(first: Condition, second: Condition) -> str | None:
    if first.type is not ConditionType.ACCESS_TIER_MAX or second.type is not first.type:
        return None
    tiers = sorted((str(first.params.get("max_tier")), str(second.params.get("max_tier"))))
    return f"The highest tier is both {tiers[0]} and {tiers[1]}." if tiers[0] != tiers[1] else None


def _places_without_overlap(first: Condition, second: Condition) -> str | None:
    if first.type is not ConditionType.GEOGRAPHY or second.type is not first.type:
        return None
    here, there = set(first.params.get("countries") or ()), set(second.params.get("countries") or ())
    match first.params.get("rule"), second.params.get("rule"):
        case "ALLOW", "ALLOW" if not here & there:
            return "The two lists of countries have none in common, so access is given nowhere."
        case "ALLOW", "DENY" if here <= there:
            return "Every country that one condition allows is denied by the other."
    return None


def _too_little_identity(first: Condition, second: Condition) -> str | None:
    if (first.type, second.type) != (ConditionType.ELIGIBILITY_ATTRIBUTE, ConditionType.KYC_LEVEL):
        return None
    assurance, level = first.params.get("assurance"), str(second.params.get("level", ""))
    if assurance not in ("A3", "A4"):
        return None
    needed = "K4" if first.params.get("attribute") == "NATIONALITY" else "K3"
    if level and level < needed:
        return f"Assurance {assurance} needs customer identity {needed} or higher. The other condition asks {level}."
    return None


def _two_sunsets(first: Condition, second: Condition) -> str | None:
    if first.type is not ConditionType.SUNSET_RENEWAL or second.type is not first.type:
        return None
    return None if first.params == second.params else "Two sunsets differ. One decision has one."


def _starts_after_its_end(first: Condition, second: Condition) -> str | None:
    if first.type is not ConditionType.SUNSET_RENEWAL:
        return None
    end, start = first.params.get("end_date"), second.params.get("starts_on")
    return (
        "A condition starts on or after the day on which all end." if end and start and start >= end else None
    )


def _same_twice(first: Condition, second: Condition) -> str | None:
    return "The same condition stands here twice." if first == second else None


RULES: tuple[Callable[[Condition, Condition], str | None], ...] = (
    _same_twice,
    _list_and_public_tier,
    _two_tiers,
    _places_without_overlap,
    _too_little_identity,
    _two_sunsets,
    _starts_after_its_end,
)
