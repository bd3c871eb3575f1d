"""The instruments and how their answers are judged (program rules 3.2 to 3.6, 10.3, 10.6, 10.8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.rules.instruments import (
    EvidenceSummary,
    all_current,
    checklist,
    difference,
    json_schema,
    lint,
    load,
    missing,
    parse,
    read,
    summarize,
)
from review.rules.vocabulary import ChecklistAnswer

SMALL = """
name: small
version: 1
title: A small form
sections:
  - key: only
    title: Only
    fields:
      - {key: name, label: Name, type: text, required: true, must_have_value: true, source: Rule 1}
      - {key: low, label: Lower bound, type: number, unit: hours, required: true, source: Rule 1}
      - {key: high, label: Upper bound, type: number, not_below: low, maximum: "1", source: Rule 1}
      - {key: count, label: Count, type: integer, minimum: "5", source: Rule 1}
      - {key: day, label: Day, type: date, source: Rule 1}
      - {key: month, label: Month, type: month, source: Rule 1}
      - {key: sure, label: Sure, type: boolean, source: Rule 1}
      - {key: tier, label: Tier, type: choice, choices: {"0": Zero, "1": One, "2": Two}, source: Rule 1}
      - {key: kinds, label: Kinds, type: multi_choice, choices: {A: Ay, B: Bee}, source: Rule 1}
      - {key: summary, label: Summary, type: long_text, max_words: 3, source: Rule 1}
      - {key: digest, label: Digest, type: text, pattern: "[0-9a-f]{4}", pattern_words: four digits, source: Rule 1}
      - {key: other, label: Other name, type: text, differs_from: name, source: Rule 1}
      - key: why
        label: Why
        type: text
        required: true
        visible_when: {field: tier, at_least: 2}
        because: Because the tier is 2
        source: Rule 1
      - key: rows
        label: Rows
        type: rows
        row_name: thing
        none_label: None known
        required: true
        source: Rule 1
        fields:
          - {key: kind, label: Kind, type: choice, choices: {X: Ex, Y: Why}, required: true, source: Rule 1}
          - key: detail
            label: Detail
            type: text
            required: true
            visible_when: {field: kind, equals: X}
            because: Because it is an X
            source: Rule 1
"""
WHOLE: dict[str, Any] = {"name": "Tern", "low": "0.150", "rows": []}


def problems(**answers: Any) -> dict[str, tuple[str, str]]:
    """Place and code with cure of every problem of the small form, given these besides a whole answer."""
    found = parse(SMALL).judge({"only": {**WHOLE, **answers}})
    return {problem.field: (problem.code, problem.cure) for problem in found}


def test_a_whole_answer_has_no_problem() -> None:
    assert problems() == {}


@pytest.mark.parametrize(
    ("key", "typed", "code", "cure"),
    [
        ("high", "0.071", "below_other", "Give 0.150 or more. You gave 0.071."),
        ("high", "1.01", "too_large", "Give 1 or less. You gave 1.01."),
        ("low", "lots", "not_a_number", "Give a number such as 12, 0.5 or 6.3e24. You gave lots."),
        ("low", "1,286", "not_a_number", "Write 1286, without separators. You gave 1,286."),
        ("low", "NaN", "not_a_number", "Give a number such as 12, 0.5 or 6.3e24. You gave NaN."),
        ("count", "4", "too_small", "Give 5 or more. You gave 4."),
        ("count", "5.5", "not_a_whole_number", "Give a whole number. You gave 5.5."),
        ("day", "25/03/2026", "not_a_date", "Give a date as 2026-03-25. You gave 25/03/2026."),
        ("day", "2026-02-30", "not_a_date", "Give a date as 2026-03-25. You gave 2026-02-30."),
        ("month", "2023-13", "not_a_month", "Give year and month as 2026-03. You gave 2023-13."),
        ("sure", "perhaps", "not_yes_or_no", "Choose yes or no. You gave perhaps."),
        ("tier", "7", "not_a_choice", "Choose from the list. You gave 7."),
        ("kinds", ["A", "C"], "not_a_choice", "Choose from the list. You gave C."),
        ("kinds", "A", "not_a_list", "Choose from the list. You gave A."),
        ("summary", "one two three four", "too_long", "Use 3 words or fewer. You used 4."),
        ("digest", "12g4", "pattern", "Give four digits. You gave 12g4."),
        ("other", "tern", "same_as_other", "Name another. You gave tern twice."),
        ("name", 7, "not_text", "Give text. You gave 7."),
        ("rows", "none", "not_rows", "Give rows, each with an id."),
    ],
)
def test_a_wrong_answer_is_told_with_its_cure(key: str, typed: Any, code: str, cure: str) -> None:
    found = problems(**{key: typed})
    assert found[key] == (code, cure)


def test_wrong_differs_from_missing() -> None:
    found = parse(SMALL).judge({"only": {"low": "many"}})
    assert {(each.field, each.missing) for each in found} == {("name", True), ("low", False), ("rows", True)}


@pytest.mark.parametrize("typed", ["6.3e24", "0.29", ".5", "-3", "1E+25", "007"])
def test_numbers_may_be_typed_as_people_write_them(typed: str) -> None:
    assert "low" not in problems(low=typed)


def test_an_answer_state_with_a_reason_satisfies_a_required_question() -> None:
    assert problems(low={"state": "UNKNOWN", "reason": "It was never measured."}) == {}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"state": "UNKNOWN", "reason": " "}, "reason_missing"),
        ({"state": "", "reason": "We do not know."}, "state_unknown"),
        ({"state": "SECRET", "reason": "We do not say."}, "state_unknown"),
    ],
)
def test_an_answer_state_needs_a_known_word_and_a_reason(answer: dict[str, str], code: str) -> None:
    assert problems(low=answer)["low"][0] == code


def test_a_few_questions_must_have_a_value() -> None:
    state = {"state": "NOT_DISCLOSED", "reason": "We do not say."}
    assert problems(name=state)["name"] == ("state_not_allowed", "Answer this. It cannot be left out.")


def test_none_known_is_an_answer_and_nothing_is_not() -> None:
    assert "rows" not in problems(rows=[])
    assert problems(rows=None)["rows"] == ("missing", "Add at least one thing, or choose “None known”.")


def test_the_questions_of_each_row_are_judged_at_their_own_place() -> None:
    rows = [{"id": "r1", "answers": {"kind": "X"}}, {"id": "r2", "answers": {"kind": "Y"}}]
    assert set(problems(rows=rows)) == {"rows-r1-detail"}


def test_two_rows_do_not_share_an_id() -> None:
    rows = [{"id": "r1", "answers": {"kind": "Y"}}, {"id": "r1", "answers": {"kind": "Y"}}]
    assert problems(rows=rows)["rows"][0] == "row_id"


def test_a_question_that_the_form_does_not_ask_is_told() -> None:
    assert problems(color="red")["color"][0] == "unknown_answer"


def test_a_conditional_question_is_asked_only_under_its_condition() -> None:
    assert "why" not in problems(tier="1")
    assert problems(tier="2")["why"][0] == "missing"


def test_a_hidden_answer_stays_in_the_draft_and_is_never_filed() -> None:
    draft = {"only": {**WHOLE, "tier": "1", "why": "An old answer"}}
    assert parse(SMALL).filed(draft)["only"] == {**WHOLE, "tier": "1"}
    assert draft["only"]["why"] == "An old answer"


def test_what_was_set_aside_is_not_filed() -> None:
    draft = {"only": {**WHOLE, "low": {"state": "UNKNOWN", "reason": " Not measured. ", "kept": "0.2"}}}
    assert parse(SMALL).filed(draft)["only"]["low"] == {"state": "UNKNOWN", "reason": "Not measured."}


def test_progress_counts_the_required_questions_that_apply() -> None:
    form = parse(SMALL)
    before = form.progress({"only": {"tier": "2"}})[0]
    after = form.progress({"only": {**WHOLE, "tier": "2", "why": "It is so"}})[0]
    assert (before.answered, before.required, before.done) == (0, 4, False)
    assert (after.answered, after.required, after.minutes, after.done) == (4, 4, 0, True)
    assert before.minutes > 0


def test_gaps_are_answer_states_and_optional_questions_left_empty() -> None:
    gaps = parse(SMALL).gaps({"only": {**WHOLE, "low": {"state": "UNKNOWN", "reason": "Never measured."}}})
    told = {gap.field: (gap.kind, gap.sentence) for gap in gaps}
    assert told["low"] == ("UNKNOWN", "Unknown: Never measured.")
    assert told["count"] == ("EMPTY", "Left empty. It was optional.")
    assert "why" not in told


def test_differences_are_told_in_words_and_by_row() -> None:
    old = {"only": {**WHOLE, "rows": [{"id": "r1", "answers": {"kind": "X", "detail": "old"}}]}}
    new = {
        "only": {
            **WHOLE,
            "low": "0.2",
            "sure": True,
            "rows": [
                {"id": "r1", "answers": {"kind": "X", "detail": "new"}},
                {"id": "r2", "answers": {"kind": "Y"}},
            ],
        }
    }
    found = {each.field: (each.kind, each.before, each.after) for each in difference(parse(SMALL), old, new)}
    assert found == {
        "low": ("CHANGED", "0.150 hours", "0.2 hours"),
        "sure": ("ADDED", "Not answered", "Yes"),
        "rows-r1-detail": ("CHANGED", "old", "new"),
        "rows-r2": ("ADDED", "", "Why"),
    }


def test_every_instrument_hangs_together() -> None:
    assert lint() == []


def test_lint_finds_a_condition_that_reads_nothing() -> None:
    broken = parse(SMALL.replace("{field: tier, at_least: 2}", "{field: tear, at_least: 2}"))
    assert any("tear" in fault for fault in lint([broken]))


def test_lint_finds_a_condition_on_a_word_that_nobody_can_choose() -> None:
    broken = parse(SMALL.replace("{field: kind, equals: X}", "{field: kind, equals: Z}"))
    assert any("nobody can choose" in fault for fault in lint([broken]))


def test_five_instruments_in_the_order_of_filling() -> None:
    names = [(instrument.name, instrument.version) for instrument in all_current()]
    assert names == [
        ("cover_sheet", 1),
        ("capability_disclosure", 1),
        ("evaluation_evidence", 1),
        ("safeguards", 1),
        ("deployment_plan", 1),
    ]


def test_the_questions_that_must_have_a_value_are_those_of_the_decision() -> None:
    found = {
        field.key
        for instrument in all_current()
        for section in instrument.sections
        for field in section.fields
        if field.must_have_value
    }
    assert found == {
        "applicant",
        "officer_name",
        "officer_title",
        "model_name",
        "model_version",
        "configuration_name",
        "track",
        "incident_contact",
    }


@pytest.mark.parametrize("domain", ["CYBER", "CBRN", "AUTONOMY", "MANIPULATION"])
def test_tier_two_brings_the_questions_c2_to_c6(domain: str) -> None:
    disclosure = load("capability_disclosure", 1)
    key = f"C_{domain}"
    low = {"tier_elicited_claim": "1", "tier_residual_claim": "1", "status": "REACHED"}
    assert disclosure.judge_section(key, low) == []
    asked = {problem.field for problem in disclosure.judge_section(key, {**low, "tier_elicited_claim": "2"})}
    assert {"threat_scenarios", "counterfactual_availability", "safety_margin", "benefit_statement"} <= asked
    assert {"framework_name", "acceptance_justification", "invalidating_conditions"} <= asked


def test_the_tier_as_deployed_is_not_above_the_tier_with_safeguards_off() -> None:
    claim = {"tier_elicited_claim": "1", "tier_residual_claim": "2", "status": "REACHED"}
    found = load("capability_disclosure", 1).judge_section("C_CYBER", claim)
    assert ("tier_residual_claim", "above_other") in {(each.field, each.code) for each in found}


def test_the_priority_track_asks_for_the_benefits() -> None:
    claim = {"tier_elicited_claim": "0", "tier_residual_claim": "0", "status": "REACHED"}
    filing = {"cover_sheet": {"track": {"track": "PRIORITY"}}}
    found = load("capability_disclosure", 1).judge_section("C_CYBER", claim, filing=filing)
    assert [problem.field for problem in found] == ["benefit_statement"]


def test_l3_elicitation_needs_expert_hours() -> None:
    found = load("evaluation_evidence", 1).judge_section("item", {"elicitation_level": "L3"})
    hours = next(problem for problem in found if problem.field == "expert_hours")
    assert hours.cure == "Give the hours, or say that you cannot."


def test_p5_asks_about_a_method_only_where_there_is_one() -> None:
    row = {"channel": "ON_PREM", "attribute": "ORG_HQ", "legal_obstacles": "NONE", "lead_time": "30"}
    plan = load("deployment_plan", 1)

    def asked(assurance: str) -> set[str]:
        table = [{"id": "r1", "answers": {**row, "assurance": assurance}}]
        found = plan.judge_section("P5", {"offered": ["ORG_HQ"], "feasibility": table})
        return {problem.field.removeprefix("feasibility-r1-") for problem in found}

    assert asked("NONE") == set()
    assert asked("A2") == {"method", "coverage", "false_accept", "false_reject", "tested_n"}


# Across the forms ---------------------------------------------------------------------------------


def claims(elicited: str, residual: str, **overview: Any) -> dict[str, Any]:
    section = {"tier_elicited_claim": elicited, "tier_residual_claim": residual, "status": "REACHED"}
    return {
        "capability_disclosure": {"C_CYBER": section},
        "evaluation_evidence": {"overview": overview},
    }


def item(**given: Any) -> EvidenceSummary:
    return EvidenceSummary(**{"id": "EV-01", "domain": "CYBER", "samples": 5, "status": "complete", **given})


HELPFUL = {"safeguards_state": "OFF_HELPFUL_ONLY", "elicitation": "L2"}
ATTACKED = {"id": "EV-02", "domain": "SAFEGUARDS", "safeguards_state": "AS_DEPLOYED_UNDER_ATTACK"}


def evidence_codes(filing: dict[str, Any], *items: EvidenceSummary) -> set[str]:
    place = "evaluation_evidence/overview/absent_evidence"
    return {entry.code for entry in missing(filing, items) if entry.place == place}


@pytest.mark.parametrize(
    ("elicited", "residual", "items", "codes"),
    [
        ("1", "1", [item()], set()),
        ("2", "2", [], {"no_evidence", "tier_without_evidence"}),
        ("2", "2", [item(domain="CBRN")], {"tier_without_evidence"}),
        ("2", "2", [item()], {"tier_without_elicitation"}),
        (
            "2",
            "2",
            [item(safeguards_state="OFF_HELPFUL_ONLY", elicitation="L1")],
            {"tier_without_elicitation"},
        ),
        ("2", "2", [item(**HELPFUL)], set()),
        ("2", "2", [item(domain="GENERAL", claim="CYBER", **HELPFUL)], set()),
        ("2", "2", [item(status="cancelled", **HELPFUL)], {"tier_without_evidence"}),
        ("2", "1", [item(**HELPFUL)], {"residual_without_attack"}),
        ("2", "1", [item(**HELPFUL), item(**ATTACKED)], set()),
        ("1", "0", [item()], {"residual_without_attack"}),
        ("1", "0", [item(safeguards_state="AS_DEPLOYED_UNDER_ATTACK")], set()),
    ],
)
def test_claims_need_their_evidence(
    elicited: str, residual: str, items: list[EvidenceSummary], codes: set[str]
) -> None:
    assert evidence_codes(claims(elicited, residual), *items) == codes


def test_evidence_that_nobody_has_never_blocks_filing() -> None:
    absent = [
        {"id": "r1", "answers": {"domain": "CYBER", "lacking": "ANY_EVIDENCE", "reason": "Run in May."}}
    ]
    assert evidence_codes(claims("3", "2", absent_evidence=absent)) == set()


def test_every_channel_needs_a_row_of_the_feasibility_table() -> None:
    def channel(word: str, row: str) -> dict[str, Any]:
        return {"id": row, "answers": {"channel": word}}

    plan = {
        "P1": {"channels": [channel("FIRST_PARTY_API", "r1"), channel("ON_PREM", "r2")]},
        "P5": {"feasibility": [channel("FIRST_PARTY_API", "r1")]},
    }
    found = [
        each
        for each in missing({"deployment_plan": plan}, [])
        if each.place == "deployment_plan/P5/feasibility"
    ]
    assert [each.sentence for each in found] == ["P5: no method given for On-prem"]


def test_five_transcripts_or_a_reason() -> None:
    def codes(answer: Any) -> set[str]:
        found = missing({}, [summarize("EV-01", {"samples_count": answer})])
        return {each.code for each in found if each.field == "samples_count"}

    assert codes(None) == {"missing"}
    assert codes("4") == {"too_few_transcripts"}
    assert codes("5") == set()
    assert codes({"state": "NOT_DISCLOSED", "reason": "They are not ours."}) == set()


def test_a_claimed_wilson_bound_is_recomputed() -> None:
    answers = {
        "metric_type": "PROPORTION",
        "successes": "71",
        "n_items": "200",
        "value": "0.355",
        "ci_low": "0.292",
        "ci_high": "0.523",
        "ci_level": "0.95",
        "ci_method": "WILSON",
    }
    found = [each for each in missing({}, [summarize("EV-01", answers)]) if each.code == "wilson_mismatch"]
    assert [(each.field, each.cure) for each in found] == [
        ("ci_high", "Give 0.4235, or name another method. You gave 0.523.")
    ]


def test_an_early_checkpoint_contradicts_all_final() -> None:
    filing = claims("0", "0", final_checkpoint="ALL_FINAL")
    found = missing(filing, [summarize("EV-07", {"final_checkpoint": False})])
    assert "All evidence is said to be final, but EV-07 is not" in {each.sentence for each in found}


def test_the_checklist_asks_what_10_3_asks_and_groups_the_same_list() -> None:
    items = {each.key: each for each in checklist({}, [])}
    assert len(items) == 21
    assert items["identity"].by_rule is ChecklistAnswer.NO
    assert items["predicate"].by_rule is ChecklistAnswer.NOT_APPLICABLE
    listed = {entry.place for entry in missing({}, [])}
    grouped = {
        place for each in items.values() if each.by_rule is ChecklistAnswer.NO for place in each.places
    }
    assert grouped == listed


def test_a_comparable_filing_needs_its_predicate() -> None:
    items = {each.key: each for each in checklist({"cover_sheet": {"track": {"track": "COMPARABLE"}}}, [])}
    assert items["predicate"].by_rule is ChecklistAnswer.NO
    assert set(items["predicate"].places) == {"cover_sheet/track/predicate", "cover_sheet/track/comparison"}


def test_the_schema_admits_a_value_or_a_state() -> None:
    schema = json_schema(load("cover_sheet", 1))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    model = schema["properties"]["model"]["properties"]
    assert model["weights_fingerprint"]["anyOf"][1] == {"$ref": "#/$defs/answer_state"}
    assert "anyOf" not in model["model_name"]


def test_a_reader_sees_states_as_gaps_and_only_the_marks_allowed() -> None:
    answers = {"only": {**WHOLE, "low": {"state": "UNKNOWN", "reason": "Never measured."}}}
    section = read(parse(SMALL), answers)[0]
    low = next(each for each in section.answers if each.key == "low")
    assert (low.kind, low.text, low.reason, low.gap) == ("state", "Unknown", "Never measured.", True)
    confidential = {"applicant": {"applicant": "Calder", "incident_contact": "a secret number"}}
    shown = read(load("cover_sheet", 1), confidential, show=("P",))
    assert "a secret number" not in repr(shown)
    assert "Calder" in repr(shown)


SCALAR = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["r1", "2", "ON_PREM"])
)
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "answers", "state", "reason", "kept", "channel"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_answers_are_judged_and_never_stop_the_program(data: st.DataObject) -> None:
    instrument = data.draw(st.sampled_from(all_current()))
    section = data.draw(st.sampled_from(instrument.sections))
    keys = st.sampled_from([field.key for field in section.fields])
    answers = {section.key: data.draw(st.dictionaries(keys, ANYTHING, max_size=6))}
    filing = {instrument.name: answers}
    instrument.judge_section(section.key, answers[section.key], answers, filing)
    for listed in (instrument.gaps(answers), instrument.progress(answers), read(instrument, answers)):
        assert listed is not None
    missing(filing, [summarize("EV-01", answers[section.key])])
    difference(instrument, answers, instrument.filed(answers))
