"""The statement of reasons: seven parts, each sentence with its source, none left empty."""

from datetime import date
from typing import Any

import msgspec
import pytest

from review.rules.reasons import (
    KEYS,
    NO_NOTICE_ANSWERED,
    NOTHING_RESTRICTED,
    PARTS,
    draft,
    pieces,
    problems,
    restoration_problems,
    tags,
    unknown_sources,
    vagueness,
)
from review.rules.vocabulary import BenefitRiskDimension, Discipline, Outcome, Severity


class Citation(msgspec.Struct):
    number: str
    locator: str = ""
    value: str = ""


class Finding(msgspec.Struct):
    number: str
    statement: str
    severity: Severity
    discipline: Discipline = Discipline.CYBER
    uncertainty: str = ""
    citations: tuple[Citation, ...] = ()


class Row(msgspec.Struct):
    dimension: BenefitRiskDimension
    evidence_uncertainties: str
    conclusions_reasons: str


class Memo(msgspec.Struct):
    summary: str
    recommendation: Outcome
    benefit_risk: tuple[Row, ...] = ()


class Alternative(msgspec.Struct):
    description: str
    residual_tier: str = ""
    why_insufficient: str = ""
    citations: tuple[Citation, ...] = ()


class Comparable(msgspec.Struct):
    name: str
    outcome: str
    comparison: str
    distinguishing_factor: str = ""


class Point(msgspec.Struct):
    text: str
    answer: str


FINDINGS = (
    Finding(
        number="F-SS-03", statement="Monitoring sees organizations, not persons", severity=Severity.MAJOR
    ),
    Finding(
        number="F-CY-01",
        statement="With safeguards off, Heron 4 carries out end-to-end operations.",
        severity=Severity.DECISIVE,
        uncertainty="no run above 64 attempts per task",
        citations=(
            Citation(number="EV-04", locator="/results/scores/0", value="0.310 (0.228 to 0.406)"),
            Citation(number="EV-07"),
        ),
    ),
)
MEMO = Memo(
    summary="Restrict to vetted organizations",
    recommendation=Outcome.RESTRICT,
    benefit_risk=(
        Row(
            dimension=BenefitRiskDimension.CAPABILITY,
            evidence_uncertainties="Measured on hardened targets.",
            conclusions_reasons="Tier 3 is reached",
        ),
    ),
)
OPTIONS = (
    Alternative(
        description="Rate limits alone",
        residual_tier="3",
        why_insufficient="one account is enough",
        citations=(Citation(number="EV-17"),),
    ),
)
PRECEDENTS = (
    Comparable(
        name="Precedent 3",
        outcome="Restricted",
        comparison="Equal tier in cyber",
        distinguishing_factor="safeguards lifted",
    ),
)


def drafted(**changed: Any) -> dict[str, str]:
    given: dict[str, Any] = {
        "findings": FINDINGS,
        "memo": MEMO,
        "legal_basis": "Agreement of 12 January 2026, article 4.",
        "alternatives": OPTIONS,
        "comparables": PRECEDENTS,
        "response_answers": (),
    }
    return draft(**{**given, **changed})


def test_there_are_seven_parts_in_the_order_of_the_rule() -> None:
    assert [part.number for part in PARTS] == [1, 2, 3, 4, 5, 6, 7]
    assert KEYS == ("authority", "facts", "evidence", "risk", "alternatives", "precedents", "response")
    assert PARTS[6].short == "Answer to the lab"


# The draft


def test_the_draft_puts_decisive_findings_first_and_tags_each_with_its_number() -> None:
    assert drafted()["facts"] == (
        "With safeguards off, Heron 4 carries out end-to-end operations. [F-CY-01]\n\n"
        "Monitoring sees organizations, not persons. [F-SS-03]"
    )


def test_the_draft_names_the_evidence_of_each_finding_and_what_is_not_known() -> None:
    assert drafted()["evidence"] == (
        "[F-CY-01] rests on [EV-04], 0.310 (0.228 to 0.406), at /results/scores/0; and [EV-07]. "
        "What is not known: no run above 64 attempts per task.\n\n"
        "[F-SS-03] cites no evidence item."
    )


def test_the_draft_takes_the_risk_from_the_memo_and_compares() -> None:
    made = drafted()
    assert made["risk"] == (
        "Capability: Measured on hardened targets. Tier 3 is reached. [memo]\n\n"
        "Restrict to vetted organizations. [memo]"
    )
    assert made["alternatives"] == (
        "1. Rate limits alone. What would remain: 3. Not enough, because: one account is enough. [EV-17]"
    )
    assert made["precedents"] == (
        "Precedent 3 (Restricted): Equal tier in cyber. What distinguishes this case: safeguards lifted."
    )
    assert made["response"] == NO_NOTICE_ANSWERED


def test_the_draft_answers_the_lab_point_by_point() -> None:
    points = (Point(text="The distributor cannot see staff lists.", answer="The date is moved to 6 April"),)
    assert drafted(response_answers=points)["response"] == (
        "Point 1. “The distributor cannot see staff lists.” The date is moved to 6 April."
    )


def test_a_complete_draft_can_be_signed() -> None:
    assert set(drafted()) == set(KEYS)
    assert problems(drafted(), has_answered_notice=False) == ()


def test_an_approval_needs_no_alternatives() -> None:
    approving = Memo(summary="Approve.", recommendation=Outcome.APPROVE)
    made = drafted(
        memo=approving, alternatives=(), comparables=(), comparables_note="No comparable case is decided."
    )
    assert made["alternatives"] == NOTHING_RESTRICTED
    assert made["precedents"] == "No comparable case is decided."


def test_a_draft_without_material_leaves_the_part_empty_and_the_check_names_it() -> None:
    bare = drafted(findings=(), memo=None, alternatives=(), comparables=())
    assert [problem.sentence for problem in problems(bare, has_answered_notice=False)] == [
        "Part 2, facts found, is empty.",
        "Part 3, evidence, is empty.",
        "Part 4, risk reasoning, is empty.",
        "Part 5, alternatives, is empty.",
        "Part 6, precedents, is empty.",
    ]


# The check


@pytest.mark.parametrize("key", KEYS[:6])
def test_parts_one_to_six_are_never_empty(key: str) -> None:
    (problem,) = problems({**drafted(), key: "  "}, has_answered_notice=False)
    assert problem.key == key


def test_part_seven_is_the_fixed_sentence_unless_a_notice_was_answered() -> None:
    (problem,) = problems({**drafted(), "response": "The lab agreed."}, has_answered_notice=False)
    assert problem.sentence == "Part 7 reads: No notice has been answered."
    (problem,) = problems(drafted(), has_answered_notice=True)
    assert problem.sentence == "Part 7 does not answer the lab's response."
    assert problems({**drafted(), "response": "Point 1. Yes."}, has_answered_notice=True) == ()


def test_a_part_that_does_not_exist_is_named() -> None:
    (problem,) = problems({**drafted(), "mood": "x"}, has_answered_notice=False)
    assert problem.sentence == "There is no part mood."


# Sources


def test_tags_are_read_from_the_text_in_order_and_once() -> None:
    text = "A [F-CY-01] [EV-04]. B [F-CY-01], C [memo 4.2], not [a tag]."
    assert tags(text) == ("F-CY-01", "EV-04", "memo 4.2")
    assert [piece for piece, is_tag in pieces(text) if is_tag] == ["F-CY-01", "EV-04", "F-CY-01", "memo 4.2"]
    assert pieces("A [EV-04].") == (("A ", False), ("EV-04", True), (".", False))


def test_a_tag_that_names_no_source_of_the_case_is_found() -> None:
    (problem,) = unknown_sources({"facts": "A [F-CY-01] [EV-99] [memo]"}, {"F-CY-01", "EV-04"})
    assert (problem.key, problem.sentence) == ("facts", "EV-99 is no source in this case.")


# Lints


@pytest.mark.parametrize(
    "text",
    [
        "Access raises national security concerns.",
        "The lab limits access as appropriate.",
        "All foreign nationals lose access.",
        "The lab takes adequate measures.",
        "The lab reports promptly.",
    ],
)
def test_vague_phrases_are_quoted_with_what_to_say_instead(text: str) -> None:
    (warning,) = vagueness(text)
    assert "is vague." in warning


def test_a_specific_text_is_not_vague() -> None:
    assert vagueness("Access at tier T3 on the API lets an actor chain exploits against hospitals.") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Until we strengthen our systems.",
        "Until further notice.",
        "When the agency is satisfied with 3 tests.",
        "At the agency's discretion after 90 days.",
    ],
)
def test_a_way_back_that_hangs_on_the_agency_alone_needs_an_end_date(text: str) -> None:
    (problem,) = restoration_problems(text)
    assert "depends on the agency alone" in problem
    assert restoration_problems(text, date(2026, 9, 18)) == ()


def test_a_way_back_names_a_measure_and_a_threshold() -> None:
    good = (
        "Reproducibility of J-12 has an upper bound of at most 0.05 over 200 attempts, tested independently."
    )
    assert restoration_problems(good) == ()
    assert restoration_problems("The classifier works well.") == ("Give the threshold as a number.",)
    assert restoration_problems(" ") == ("Name a measure and a threshold, or give an end date.",)
