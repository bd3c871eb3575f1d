"""A condition is typed data: checked, read as a sentence, weighed, never free text."""

from datetime import date
from typing import Any

import msgspec
import pytest

from review.rules.conditions import (
    KINDS,
    Burden,
    Comparison,
    Condition,
    ConditionType,
    Feasibility,
    FeasibilityRow,
    Harsher,
    OnExpiry,
    ParameterKind,
    burden,
    burden_of,
    clean,
    compare_burden,
    contradictions,
    feasibility,
    feasibility_sentence,
    feasible_from,
    harsher_than,
    is_sunset,
    precautionary,
    sentence,
    sentence_parts,
    sunset_of,
    sunset_problems,
    validate,
)
from review.rules.policy import current
from review.rules.vocabulary import Outcome

GIVEN: dict[ConditionType, dict[str, Any]] = {
    ConditionType.ACCESS_TIER_MAX: {"max_tier": "T1"},
    ConditionType.ORG_ALLOWLIST: {
        "list": "PUBLISHED",
        "criteria": "criteria version 2",
        "decision_days": 10,
        "appeal_to": "OUTSIDE_REVIEWER",
        "includes_foreign_staff": True,
        "starts_on": "2026-04-01",
    },
    ConditionType.ELIGIBILITY_ATTRIBUTE: {"attribute": "NATIONALITY", "allowed": ["US"], "assurance": "A3"},
    ConditionType.GEOGRAPHY: {"rule": "ALLOW", "countries": ["US", "CA"], "method": "BILLING"},
    ConditionType.CAPABILITY_GATE: {
        "capability": "Autonomous exploit chaining",
        "period": "MONTH",
        "attempts": 200,
        "suite": "ChainGate 1.4",
        "max_upper_bound": "0.05",
    },
    ConditionType.RATE_LIMIT: {"per": "ACCOUNT", "amount": 20000, "measure": "REQUESTS", "period": "DAY"},
    ConditionType.KYC_LEVEL: {"level": "K2"},
    ConditionType.MONITORING: {"retention_days": 180, "action_hours": 24},
    ConditionType.WEIGHT_SECURITY: {"level": "SL3", "review_by": "2026-09-01"},
    ConditionType.RED_TEAM: {
        "executor": "INDEPENDENT_EXTERNAL",
        "hours": 120,
        "scope": "exploit chaining as deployed",
        "before": "2026-06-01",
    },
    ConditionType.REPORTING: {"events": "every confirmed misuse for intrusion", "deadline_hours": 72},
    ConditionType.SUNSET_RENEWAL: {"end_date": "2026-09-18", "on_expiry": "UNRESTRICTED"},
}

READS = {
    ConditionType.ACCESS_TIER_MAX: "Access stays within tier T1, named vetted organizations, on all channels.",
    ConditionType.ORG_ALLOWLIST: (
        "Northlight admits organizations from its published list that meet criteria version 2, on all channels. "
        "It answers each application within 10 business days, lets a refused one appeal to an outside reviewer, "
        "and includes their foreign staff. It starts on 1 April 2026."
    ),
    ConditionType.ELIGIBILITY_ATTRIBUTE: (
        "Access on all channels is for those whose nationality is US, shown at A3, document."
    ),
    ConditionType.GEOGRAPHY: "Access on all channels is given only in US and CA, by billing address.",
    ConditionType.CAPABILITY_GATE: (
        "Autonomous exploit chaining is off in every tier, on all channels. Each month a test of 200 attempts "
        "with ChainGate 1.4 shows an upper bound of at most 0.05."
    ),
    ConditionType.RATE_LIMIT: "Each account may use at most 20,000 requests a day, on all channels.",
    ConditionType.KYC_LEVEL: "Every account in every tier, on all channels, is verified at K2, business verified.",
    ConditionType.MONITORING: (
        "Northlight keeps misuse signals for 180 days and acts within 24 hours of detection, on all channels."
    ),
    ConditionType.WEIGHT_SECURITY: (
        "The weights are held at security level 3 or higher, with an outside review by 1 September 2026."
    ),
    ConditionType.RED_TEAM: (
        "An independent team spends at least 120 hours on red-teaming exploit chaining as deployed "
        "before 1 June 2026."
    ),
    ConditionType.REPORTING: (
        "Northlight reports every confirmed misuse for intrusion to the agency within 72 hours."
    ),
    ConditionType.SUNSET_RENEWAL: (
        "All conditions end on 18 September 2026 unless renewed with fresh reasons. Then use is unrestricted."
    ),
}


def condition(kind: ConditionType, **changed: Any) -> Condition:
    return Condition(type=kind, params={**GIVEN[kind], **changed})


# The schemas


def test_every_kind_has_a_schema_and_an_example() -> None:
    assert set(KINDS) == set(ConditionType) == set(GIVEN) == set(READS)


@pytest.mark.parametrize("kind", ConditionType)
def test_the_sentence_of_a_kind_names_each_of_its_parameters_once(kind: ConditionType) -> None:
    draft = Condition(type=kind, params={})
    named = [part.parameter.key for part in sentence_parts(draft, every_field=True) if part.parameter]
    assert sorted(named) == sorted(parameter.key for parameter in KINDS[kind].parameters)


@pytest.mark.parametrize("kind", ConditionType)
def test_an_example_of_each_kind_is_valid_and_reads_as_a_sentence(kind: ConditionType) -> None:
    assert validate(kind, GIVEN[kind]) == ()
    assert sentence(condition(kind), "Northlight") == READS[kind]


@pytest.mark.parametrize("kind", ConditionType)
def test_an_unknown_parameter_is_rejected(kind: ConditionType) -> None:
    (problem,) = validate(kind, {**GIVEN[kind], "mood": "strict"})
    assert (problem.key, problem.sentence) == ("mood", f"{KINDS[kind].label} has no parameter mood.")


@pytest.mark.parametrize("kind", ConditionType)
def test_each_required_parameter_is_asked_for_by_its_key(kind: ConditionType) -> None:
    required = {parameter.key for parameter in KINDS[kind].parameters if parameter.required}
    assert {problem.key for problem in validate(kind, {})} == required


def test_a_sunset_has_no_default_for_what_remains() -> None:
    (problem,) = validate(ConditionType.SUNSET_RENEWAL, {"end_date": "2026-09-18"})
    assert (problem.key, problem.sentence) == ("on_expiry", "Choose: what remains then.")


@pytest.mark.parametrize(
    ("kind", "key", "value", "says"),
    [
        (ConditionType.MONITORING, "retention_days", "180", "Give a whole number. You gave 180."),
        (ConditionType.MONITORING, "retention_days", True, "Give a whole number. You gave True."),
        (ConditionType.MONITORING, "retention_days", 0, "Give 1 or more. You gave 0."),
        (ConditionType.CAPABILITY_GATE, "max_upper_bound", "1.5", "Give 1 or less. You gave 1.5."),
        (
            ConditionType.CAPABILITY_GATE,
            "max_upper_bound",
            0.05,
            "Give the number as text, such as 0.05.",
        ),
        (
            ConditionType.CAPABILITY_GATE,
            "max_upper_bound",
            "NaN",
            "Give a number such as 0.05. You gave NaN.",
        ),
        (
            ConditionType.SUNSET_RENEWAL,
            "end_date",
            "18/9/2026",
            "Give a day as year-month-day. You gave 18/9/2026.",
        ),
        (ConditionType.ORG_ALLOWLIST, "includes_foreign_staff", "yes", "Choose one of the two."),
        (ConditionType.GEOGRAPHY, "countries", "US", "Give one entry a line."),
    ],
)
def test_a_value_of_the_wrong_kind_is_answered_with_what_to_give(
    kind: ConditionType, key: str, value: object, says: str
) -> None:
    (problem,) = validate(kind, {**GIVEN[kind], key: value})
    assert (problem.key, problem.sentence) == (key, says)


def test_a_choice_outside_the_list_is_named() -> None:
    (problem,) = validate(ConditionType.ACCESS_TIER_MAX, {"max_tier": "T9", "channels": ["FIRST_PARTY_API"]})
    assert problem.sentence == "Choose one of T0, T1, T2, T3, T4, T5. You gave T9."
    (problem,) = validate(ConditionType.ACCESS_TIER_MAX, {"max_tier": "T1", "channels": ["FAX"]})
    assert problem.key == "channels"
    assert problem.sentence.endswith("You gave FAX.")


def test_what_a_form_sends_becomes_canonical() -> None:
    params, problems = clean(
        ConditionType.ORG_ALLOWLIST,
        {
            "list": "PUBLISHED",
            "criteria": "  criteria version 2 ",
            "decision_days": "10",
            "appeal_to": "AGENCY",
            "includes_foreign_staff": "false",
            "max_organizations": "1,200",
            "channels": [],
            "starts_on": "",
        },
    )
    assert problems == ()
    assert params == {
        "list": "PUBLISHED",
        "criteria": "criteria version 2",
        "decision_days": 10,
        "appeal_to": "AGENCY",
        "includes_foreign_staff": False,
        "max_organizations": 1200,
    }
    assert "leaves out their foreign staff. It admits at most 1,200 organizations." in sentence(
        Condition(type=ConditionType.ORG_ALLOWLIST, params=params)
    )


def test_what_cannot_be_read_stays_to_be_shown_with_its_problem() -> None:
    params, problems = clean(ConditionType.MONITORING, {"retention_days": "long", "action_hours": "24"})
    assert params["retention_days"] == "long"
    assert [problem.key for problem in problems] == ["retention_days"]


def test_a_condition_survives_the_ledger_unchanged() -> None:
    for kind in ConditionType:
        kept = condition(kind)
        assert msgspec.json.decode(msgspec.json.encode(kept), type=Condition) == kept
        assert not any(isinstance(value, float) for value in kept.params.values())


# The sentence


def test_the_parts_of_a_sentence_are_text_and_fields_with_the_printed_unit() -> None:
    parts = sentence_parts(condition(ConditionType.MONITORING, retention_days=1), "Northlight")
    assert [(part.text, part.parameter.key if part.parameter else None) for part in parts] == [
        ("Northlight keeps misuse signals for ", None),
        ("1 day", "retention_days"),
        (" and acts within ", None),
        ("24 hours", "action_hours"),
        (" of detection, on ", None),
        ("all channels", "channels"),
        (".", None),
    ]


def test_a_draft_shows_what_is_still_to_be_filled() -> None:
    draft = Condition(type=ConditionType.SUNSET_RENEWAL, params={"end_date": "2026-09-18"})
    assert sentence(draft).endswith("Then [what remains then].")
    assert [part.filled for part in sentence_parts(draft) if part.parameter] == [True, False]


def test_optional_stretches_appear_only_with_their_value() -> None:
    gate = condition(ConditionType.CAPABILITY_GATE, max_over_block="0.02", tiers=["T2", "T3"])
    assert "At most 0.02 of harmless requests are refused." in sentence(gate)
    assert "off in T2, verified businesses and T3, signed-in public" in sentence(gate)
    assert "harmless" not in sentence(condition(ConditionType.CAPABILITY_GATE))


# Contradictions


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (
            condition(ConditionType.ORG_ALLOWLIST),
            condition(ConditionType.ACCESS_TIER_MAX, max_tier="T3"),
            "An organization list cannot stand beside access up to T3, the public.",
        ),
        (
            condition(ConditionType.GEOGRAPHY, countries=["US"]),
            condition(ConditionType.GEOGRAPHY, countries=["CA"]),
            "The two lists of countries have none in common, so access is given nowhere.",
        ),
        (
            condition(ConditionType.GEOGRAPHY, countries=["US"]),
            condition(ConditionType.GEOGRAPHY, rule="DENY", countries=["US", "CA"]),
            "Every country that one condition allows is denied by the other.",
        ),
        (
            condition(ConditionType.KYC_LEVEL, level="K3"),
            condition(ConditionType.ELIGIBILITY_ATTRIBUTE),
            "Assurance A3 needs customer identity K4 or higher. The other condition asks K3.",
        ),
        (
            condition(ConditionType.ELIGIBILITY_ATTRIBUTE, attribute="RESIDENCE"),
            condition(ConditionType.KYC_LEVEL, level="K2"),
            "Assurance A3 needs customer identity K3 or higher. The other condition asks K2.",
        ),
        (
            condition(ConditionType.ACCESS_TIER_MAX),
            condition(ConditionType.ACCESS_TIER_MAX, max_tier="T2"),
            "The highest tier is both T1 and T2.",
        ),
        (
            condition(ConditionType.SUNSET_RENEWAL),
            condition(ConditionType.SUNSET_RENEWAL, on_expiry="AUTHORIZATION_EXPIRES"),
            "Two sunsets differ. One decision has one.",
        ),
        (
            condition(ConditionType.ORG_ALLOWLIST, starts_on="2026-09-18"),
            condition(ConditionType.SUNSET_RENEWAL),
            "A condition starts on or after the day on which all end.",
        ),
        (
            condition(ConditionType.REPORTING),
            condition(ConditionType.REPORTING),
            "The same condition stands here twice.",
        ),
    ],
)
def test_contradicting_conditions_are_found_in_either_order(
    first: Condition, second: Condition, says: str
) -> None:
    for pair in ([first, second], [second, first]):
        (found,) = contradictions(pair)
        assert (found.sentence, found.places) == (says, (0, 1))


def test_conditions_on_different_channels_do_not_contradict() -> None:
    listed = condition(ConditionType.ORG_ALLOWLIST, channels=["FIRST_PARTY_API"])
    public = condition(ConditionType.ACCESS_TIER_MAX, max_tier="T3", channels=["FIRST_PARTY_APP"])
    assert contradictions([listed, public]) == ()


def test_a_coherent_restriction_has_no_contradiction() -> None:
    kinds = (ConditionType.ACCESS_TIER_MAX, ConditionType.ORG_ALLOWLIST, ConditionType.CAPABILITY_GATE)
    rest = (ConditionType.MONITORING, ConditionType.REPORTING, ConditionType.SUNSET_RENEWAL)
    assert contradictions([condition(kind) for kind in (*kinds, *rest)]) == ()


# Burden


def test_burden_is_an_ordinal_vector_and_a_set_weighs_its_heaviest() -> None:
    both = [condition(ConditionType.ACCESS_TIER_MAX, max_tier="T2"), condition(ConditionType.MONITORING)]
    assert burden_of(both) == Burden(who_may_use=2, monitoring=2)
    assert burden_of([]) == Burden()
    assert all(0 <= ordinal <= 3 for kind in ConditionType for ordinal in burden(condition(kind)).ordinals())


def test_burdens_that_point_both_ways_are_incomparable() -> None:
    cap, watch = burden(condition(ConditionType.ACCESS_TIER_MAX)), burden(condition(ConditionType.MONITORING))
    assert compare_burden(cap, watch) is Comparison.INCOMPARABLE
    assert compare_burden(cap, Burden()) is Comparison.HEAVIER
    assert compare_burden(Burden(), cap) is Comparison.LIGHTER
    assert compare_burden(cap, cap) is Comparison.EQUAL


RESTRICT, DENY, APPROVE = Outcome.RESTRICT, Outcome.DENY, Outcome.APPROVE
CAP = condition(ConditionType.ACCESS_TIER_MAX, max_tier="T2")


@pytest.mark.parametrize(
    ("outcome", "conditions", "noticed", "notice", "harsher"),
    [
        (DENY, [], RESTRICT, [CAP], True),
        (RESTRICT, [CAP], DENY, [], False),
        (APPROVE, [], RESTRICT, [CAP], False),
        (DENY, [], DENY, [], False),
        (RESTRICT, [CAP], None, [], True),
        (RESTRICT, [CAP], RESTRICT, [CAP], False),
        (RESTRICT, [condition(ConditionType.ACCESS_TIER_MAX)], RESTRICT, [CAP], True),
        (RESTRICT, [condition(ConditionType.ACCESS_TIER_MAX, max_tier="T3")], RESTRICT, [CAP], False),
        (RESTRICT, [condition(ConditionType.MONITORING)], RESTRICT, [CAP], None),
        (RESTRICT, [CAP, condition(ConditionType.MONITORING)], RESTRICT, [CAP], True),
    ],
)
def test_harsher_goes_by_severity_then_by_burden(
    outcome: Outcome,
    conditions: list[Condition],
    noticed: Outcome | None,
    notice: list[Condition],
    harsher: bool | None,
) -> None:
    assert harsher_than(outcome, conditions, noticed, notice) is harsher


@pytest.mark.parametrize(
    ("kind", "changed", "harsher"),
    [
        (ConditionType.MONITORING, {"retention_days": 365}, True),
        (ConditionType.MONITORING, {"retention_days": 90}, False),
        (ConditionType.MONITORING, {"retention_days": 365, "action_hours": 48}, None),
        (ConditionType.MONITORING, {"channels": ["FIRST_PARTY_API"]}, False),
        (ConditionType.REPORTING, {"deadline_hours": 24}, True),
        (ConditionType.CAPABILITY_GATE, {"max_upper_bound": "0.01"}, True),
        (ConditionType.CAPABILITY_GATE, {"max_upper_bound": "0.10"}, False),
        (ConditionType.CAPABILITY_GATE, {"tiers": ["T3"]}, False),
        (ConditionType.ORG_ALLOWLIST, {"includes_foreign_staff": False}, True),
        (ConditionType.ORG_ALLOWLIST, {"max_organizations": 20}, True),
        (ConditionType.ORG_ALLOWLIST, {"starts_on": "2026-04-06"}, False),
        (ConditionType.ORG_ALLOWLIST, {"criteria": "criteria version 3"}, None),
        (ConditionType.SUNSET_RENEWAL, {"end_date": "2026-12-18"}, True),
        (ConditionType.SUNSET_RENEWAL, {"end_date": "2026-06-18"}, False),
        (ConditionType.SUNSET_RENEWAL, {"on_expiry": "AUTHORIZATION_EXPIRES"}, True),
    ],
)
def test_at_equal_burden_the_parameters_are_compared(
    kind: ConditionType, changed: dict[str, Any], harsher: bool | None
) -> None:
    decided, noticed = [condition(kind, **changed)], [condition(kind)]
    assert harsher_than(RESTRICT, decided, RESTRICT, noticed) is harsher


def test_losing_the_sunset_that_frees_the_lab_is_harsher() -> None:
    watch, sunset = condition(ConditionType.MONITORING), condition(ConditionType.SUNSET_RENEWAL)
    assert harsher_than(RESTRICT, [watch], RESTRICT, [watch, sunset]) is True
    assert harsher_than(RESTRICT, [watch, sunset], RESTRICT, [watch]) is False


def test_what_the_lab_offered_does_not_make_a_decision_harsher() -> None:
    gate = condition(ConditionType.CAPABILITY_GATE)
    assert harsher_than(RESTRICT, [gate], RESTRICT, [CAP]) is None
    assert harsher_than(RESTRICT, [gate], RESTRICT, [CAP], offered={ConditionType.CAPABILITY_GATE}) is False


def test_every_ordered_parameter_can_be_ranked() -> None:
    for kind in ConditionType:
        for parameter in KINDS[kind].parameters:
            if parameter.harsher is not Harsher.UNORDERED:
                assert parameter.kind not in (ParameterKind.TEXT, ParameterKind.LIST), (kind, parameter.key)


# Sunset


def test_the_sunset_of_a_decision_says_when_and_what_remains() -> None:
    decided = [CAP, condition(ConditionType.SUNSET_RENEWAL)]
    assert sunset_of(decided) == (date(2026, 9, 18), OnExpiry.UNRESTRICTED)
    assert sunset_of([CAP]) is None


@pytest.mark.parametrize(
    ("end", "precautionary", "says"),
    [
        ("2027-03-18", False, None),
        ("2027-03-19", False, "Give 18 March 2027 or earlier. You gave 19 March 2027."),
        ("2026-03-18", False, "Give a day after 18 March 2026."),
        ("2026-06-16", True, None),
        ("2026-06-17", True, "Give 16 June 2026 or earlier. You gave 17 June 2026."),
    ],
)
def test_a_sunset_lies_within_twelve_months_or_ninety_days_if_precautionary(
    end: str, precautionary: bool, says: str | None
) -> None:
    conditions = [condition(ConditionType.SUNSET_RENEWAL, end_date=end)]
    found = sunset_problems(conditions, date(2026, 3, 18), current(), precautionary=precautionary)
    assert [problem.sentence for problem in found] == ([says] if says else [])


def test_a_precautionary_decision_needs_a_sunset() -> None:
    (problem,) = sunset_problems([CAP], date(2026, 3, 18), current(), precautionary=True)
    assert problem.sentence == "A precautionary decision needs a sunset within 90 days."
    assert sunset_problems([CAP], date(2026, 3, 18), current(), precautionary=False) == ()


def test_a_decision_is_precautionary_if_it_ends_within_the_days() -> None:
    sunset = condition(ConditionType.SUNSET_RENEWAL, end_date="2026-06-16")
    assert is_sunset(sunset)
    assert not is_sunset(CAP)
    assert precautionary([CAP, sunset], date(2026, 3, 18), 90)
    assert not precautionary([CAP, sunset], date(2026, 3, 17), 90)
    assert not precautionary([CAP], date(2026, 3, 18), 90)


# Feasibility


def row(channel: str, days: int | None, result: Feasibility) -> FeasibilityRow:
    return FeasibilityRow(channel=channel, coverage="1", ready_in_days=days, result=result)


def test_feasibility_is_that_of_all_channels_together() -> None:
    api = row("FIRST_PARTY_API", 5, Feasibility.FEASIBLE)
    cloud = row("CLOUD_DISTRIBUTOR", 21, Feasibility.INFEASIBLE)
    assert feasibility([api, api]) is Feasibility.FEASIBLE
    assert feasibility([api, cloud]) is Feasibility.PARTIAL
    assert feasibility([cloud]) is Feasibility.INFEASIBLE
    assert feasibility([]) is None
    assert feasibility_sentence([api, cloud]) == "Feasible on 1 of 2 channels. Not on: cloud distributors."
    assert feasibility_sentence([api]) == "Feasible on 1 of 1 channel."


def test_the_first_day_on_which_all_channels_are_ready_is_offered() -> None:
    rows = [
        row("FIRST_PARTY_API", 5, Feasibility.FEASIBLE),
        row("CLOUD_DISTRIBUTOR", 21, Feasibility.INFEASIBLE),
    ]
    assert feasible_from(rows, date(2026, 3, 16)) == date(2026, 4, 6)
    assert feasible_from([*rows, row("ON_PREM", None, Feasibility.INFEASIBLE)], date(2026, 3, 16)) is None
