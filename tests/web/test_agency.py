"""Every act of the agency in the browser: once as it should be, and once refused."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from review.acts.packages import filing_of
from review.casefile import gather
from review.demo.play import MANAGER, TEAM, Play
from review.records import store
from review.rules.entities import EvidenceItem
from review.rules.given import Assign, Declaration, Reason
from review.rules.vocabulary import Act, Discipline, Outcome, Role, State
from review.web import create_app
from tests.builders import World, ask, first_graded, memo, proposal
from tests.web.agency_visits import Forms, Person, filled

INES = "ines.okafor@agency.example"
LENA = "lena.haas@agency.example"
INTAKE, LEAD = TEAM[Role.INTAKE], TEAM[Role.LEAD]
OFFICIAL, COUNSEL = TEAM[Role.SIGNATORY], TEAM[Role.COUNSEL]
As = Callable[[str], Person]


@pytest.fixture
def app(world: World) -> Flask:
    return create_app(world.office)


@pytest.fixture
def as_(world: World, app: Flask) -> As:
    """Somebody with a browser."""
    return lambda user: Person(world, app, user)


def at(play: Play, tab: str) -> str:
    return f"/cases/{play.case_id}/{tab}"


def state(play: Play) -> State:
    return play.case.state


def refused_acts(play: Play) -> int:
    with play.office.database.reading() as conn:
        return sum(entry.refused for entry in gather.entries(conn, play.case_id))


# People ------------------------------------------------------------------------------------------


def test_the_docket_manager_assigns_and_the_person_declares_before_seeing_anything(
    world: World, as_: As
) -> None:
    play = world.draft().submit()
    team = as_(MANAGER).press(
        at(play, "team"), "Assign", {"person_id": world.people[INTAKE]}, at="/team/assign"
    )
    assert team.status_code == 303
    intake = as_(INTAKE)
    closed = intake.client.get(at(play, "now"), follow_redirects=True)
    assert "Declare conflicts of interest" in closed.text
    assert play.case.configuration not in closed.text
    assert intake.press(at(play, "declare"), "Declare", {"interest": "no"}).status_code == 303
    assert play.case.configuration in intake.open(at(play, "now")).text


def test_a_declared_interest_ends_the_part_at_once(world: World, as_: As) -> None:
    play = world.screening()
    play.do(LEAD, Act.RECUSE, given=Reason(reason="Former employer."))
    play.do(MANAGER, Act.ASSIGN_ROLE, given=Assign(person_id=world.people[LEAD], role=Role.LEAD))
    gone = as_(LEAD).press(
        at(play, "declare"), "Declare", {"interest": "yes", "statement": "My spouse works there."}
    )
    assert gone.headers["Location"].endswith("/desk")
    assert as_(LEAD).open(at(play, "now")).status_code == 404


def test_a_person_with_another_role_is_not_offered_and_not_accepted(world: World, as_: As) -> None:
    play = world.screening()
    manager = as_(MANAGER)
    assert (
        f'value="{world.people[INTAKE]}"' not in manager.open(at(play, "team")).text.split("Review lead")[-1]
    )
    answer = manager.post(
        at(play, "team/assign"),
        {"role": "LEAD", "person_id": world.people[INTAKE]},
        seen=at(play, "team"),
    )
    assert answer.status_code == 422
    assert "has been intake officer on this case" in answer.text


def test_the_lead_assigns_reviewers_and_a_reviewer_recuses(world: World, as_: As) -> None:
    play = world.screening().answer_checklist().accept()
    fields = {"person_id": world.people[INES], "disciplines": ["CYBER"]}
    assert as_(LEAD).press(at(play, "team"), "Assign", fields, at="assign").status_code == 303
    play.do(INES, Act.ATTEST_CONFLICTS, given=Declaration(interest=False))
    left = as_(INES).press(at(play, "team"), "Recuse yourself", {"reason": "A friend works there."})
    assert left.status_code == 303
    assert as_(INES).open(at(play, "now")).status_code == 404
    assert Discipline.CYBER not in {d for a in play.facts().held for d in a.disciplines}


# Screening ---------------------------------------------------------------------------------------


def test_intake_answers_as_the_rules_found_and_accepts(world: World, as_: As) -> None:
    play, intake = world.screening(), as_(INTAKE)
    assert intake.press(at(play, "screening"), "as the rules found").status_code == 303
    page = intake.open(at(play, "screening")).text
    assert "All questions are answered" in page
    assert intake.press(at(play, "screening"), "Accept the filing").status_code == 303
    assert state(play) is State.SUBSTANTIVE_REVIEW


def test_a_failed_item_needs_a_cure_then_concurrence_then_goes_back(world: World, as_: As) -> None:
    play, intake = world.screening(), as_(INTAKE)
    intake.press(at(play, "screening"), "as the rules found")
    wrong = intake.press(
        at(play, "screening"), "Save the answers", {"answer-comparators": "NO", "cure-comparators": ""}
    )
    assert wrong.status_code == 422
    assert "say what would cure it" in wrong.text
    intake.press(
        at(play, "screening"),
        "Save the answers",
        {"answer-comparators": "NO", "cure-comparators": "Name one comparator."},
    )
    assert "has not concurred" in intake.open(at(play, "screening")).text
    assert as_(LEAD).press(at(play, "screening"), "Concur with the refusal").status_code == 303
    assert intake.press(at(play, "screening"), "Refuse to accept").status_code == 303
    assert state(play) is State.REFUSED_TO_ACCEPT


def test_accepting_before_the_questions_are_answered_is_refused_and_recorded(world: World, as_: As) -> None:
    play = world.screening()
    answer = as_(INTAKE).post(at(play, "screening/accept"), {"key": "k1"}, seen=at(play, "screening"))
    assert answer.status_code == 422
    assert "questions have no answer yet" in answer.text
    assert state(play) is State.ACCEPTANCE_SCREENING
    assert refused_acts(play) == 1


# Reviews -----------------------------------------------------------------------------------------


def finding(play: Play, **change: str) -> dict[str, str]:
    return {
        "statement": "With safeguards off the model completes operations.",
        "cite": f"{first_graded(play)}-m1",
        "severity": "MAJOR",
        "uncertainty": "One suite.",
        "alternative_reading": "The targets may be easy.",
        **change,
    }


def test_a_reviewer_writes_revises_and_withdraws_a_finding(world: World, as_: As) -> None:
    play, ines = world.review(), as_(INES)
    page = at(play, "review/CYBER")
    assert ines.press(page, "Save finding", finding(play)).status_code == 303
    [written] = play.facts().live_findings
    assert written.number == "F-CY-01"
    assert written.citations[0].locator
    revised = ines.press(
        f"{page}?revise={written.id}", "Save finding", {"statement": "It completes some operations."}
    )
    assert revised.status_code == 303
    assert play.facts().live_findings[0].statement == "It completes some operations."
    ines.press(page, "Withdraw F-CY-01", {"reason": "Superseded by a better run."})
    assert not play.facts().live_findings
    assert "Superseded by a better run." in ines.open(page).text


def test_a_finding_without_evidence_keeps_what_was_typed(world: World, as_: As) -> None:
    play = world.review()
    data = finding(play)
    del data["cite"]
    answer = as_(INES).press(at(play, "review/CYBER"), "Save finding", data)
    assert answer.status_code == 422
    assert "Cite at least one evidence item." in answer.text
    assert "With safeguards off the model completes operations." in answer.text
    assert not play.facts().findings


def test_a_reviewer_cannot_write_in_another_discipline(world: World, as_: As) -> None:
    play = world.review()
    page = at(play, "review/CYBER")
    answer = as_(LENA).post(at(play, "review/CYBER/finding"), finding(play), seen=at(play, "team"))
    assert answer.status_code == 422
    assert "not one of your disciplines here" in answer.text
    assert "Save finding" not in as_(LENA).open(page).text


def test_a_review_without_concern_is_one_page_and_one_signature(world: World, as_: As) -> None:
    play, ines = world.review(), as_(INES)
    page = at(play, "review/CYBER")
    said = {"conclusion": "NO_CONCERN", "scope": "All cyber items and sections."}
    answer = ines.press(page, "Save, then read and sign", said)
    assert answer.headers["Location"].endswith("/review/CYBER/sign")
    assert ines.sign(answer.headers["Location"]).status_code == 303
    f = play.facts()
    [review] = [r for r in f.live_reviews if r.discipline is Discipline.CYBER]
    assert f.signed(review.signature_id)
    assert "1 of 6" in as_(LEAD).open(at(play, "review")).text


def test_a_concern_without_a_finding_cannot_be_signed(world: World, as_: As) -> None:
    play, ines = world.review(), as_(INES)
    said = {"conclusion": "CONCERN_MITIGABLE", "scope": "All.", "summary": "Something."}
    ines.press(at(play, "review/CYBER"), "Save the conclusion", said)
    assert "a concern needs at least one finding" in ines.open(at(play, "review/CYBER")).text
    assert ines.open(at(play, "review/CYBER/sign")).status_code == 422


# Questions ---------------------------------------------------------------------------------------

ITEM = {
    "provided-1": "One run of 64 attempts.",
    "missing-1": "The rate at 256 attempts.",
    "basis-1": "Tier 2 turns on it.",
    "cure-1": "A run with 256 attempts.",
}


def test_a_reviewer_drafts_and_the_lead_issues_which_stops_the_clock(world: World, as_: As) -> None:
    play = world.review()
    assert as_(INES).press(at(play, "questions"), "Save the draft", ITEM).status_code == 303
    assert as_(LEAD).press(at(play, "questions"), "Issue IR-01").status_code == 303
    assert state(play) is State.INFORMATION_REQUEST_HOLD


def test_rows_are_added_and_removed_without_script_and_nothing_is_lost(world: World, as_: As) -> None:
    play, ines = world.review(), as_(INES)
    more = ines.press(at(play, "questions"), "Add an item", ITEM)
    assert more.status_code == 200
    assert "The rate at 256 attempts." in more.text
    assert 'name="missing-2"' in more.text
    assert play.facts().draft_request is None


def test_what_the_lead_drafts_the_official_concurs_with(world: World, as_: As) -> None:
    play, lead = world.review(), as_(LEAD)
    lead.press(at(play, "questions"), "Save the draft", ITEM)
    assert "The deciding official must concur first." in lead.open(at(play, "questions")).text
    refused = lead.post(at(play, "questions/issue"), {}, seen=at(play, "team"))
    assert refused.status_code == 422
    assert as_(OFFICIAL).press(at(play, "questions"), "Concur with IR-01").status_code == 303
    assert lead.press(at(play, "questions"), "Issue IR-01").status_code == 303
    assert state(play) is State.INFORMATION_REQUEST_HOLD


def test_a_stale_page_overwrites_nothing_and_says_what_happened(world: World, as_: As) -> None:
    play, lead = world.review(), as_(LEAD)
    as_(INES).press(at(play, "questions"), "Save the draft", ITEM)
    form = next(f for f in lead.forms(at(play, "questions")) if f["action"].endswith("/issue"))
    as_(INES).press(
        at(play, "questions?edit=1"), "Save the draft", {"missing-1": "The rate at 512 attempts."}
    )
    answer = lead.client.post(form["action"], data=dict(form["fields"]))
    assert answer.status_code == 409
    assert "What happened meanwhile" in answer.text
    assert "Information request drafted" in answer.text
    assert state(play) is State.SUBSTANTIVE_REVIEW


def test_a_form_sent_twice_has_one_effect(world: World, as_: As) -> None:
    play, ines = world.review(), as_(INES)
    form = next(f for f in ines.forms(at(play, "review/CYBER")) if f["action"].endswith("/finding"))
    data = {**dict(form["fields"]), **finding(play), "action": "save"}
    assert ines.client.post(form["action"], data=data).status_code == 303
    assert ines.client.post(form["action"], data=data).status_code == 303
    assert len(play.facts().findings) == 1


# Recommendation, notice, decision ----------------------------------------------------------------


def grid() -> dict[str, str]:
    rows = {}
    for row in memo(Outcome.RESTRICT).benefit_risk:
        rows[f"grid-{row.dimension.value}-evidence"] = row.evidence_uncertainties
        rows[f"grid-{row.dimension.value}-so"] = row.conclusions_reasons
    return rows


def test_the_lead_recommends_and_forwards_a_clean_approval(world: World, as_: As) -> None:
    play, lead = world.review().conclude_rest(), as_(LEAD)
    said = {"recommendation": "APPROVE", "summary": "No discipline has a concern.", **grid()}
    answer = lead.press(at(play, "decision/memo"), "Save, then read and recommend", said)
    assert lead.sign(answer.headers["Location"]).status_code == 303
    assert state(play) is State.RECOMMENDATION
    assert lead.press(at(play, "decision"), "Forward for approval").status_code == 303
    assert state(play) is State.DECISION_PENDING


def test_recommending_before_all_have_signed_is_refused(world: World, as_: As) -> None:
    play, lead = world.review(), as_(LEAD)
    lead.press(
        at(play, "decision/memo"), "Save the memo", {"recommendation": "APPROVE", "summary": "So far none."}
    )
    assert "disciplines have not signed" in lead.open(at(play, "decision/memo")).text
    assert lead.open(at(play, "decision/memo/sign")).status_code == 422
    assert state(play) is State.SUBSTANTIVE_REVIEW


def test_the_official_returns_a_recommendation_once(world: World, as_: As) -> None:
    play = world.recommended()
    empty = as_(OFFICIAL).press(at(play, "decision"), "Return to review", {"reason": ""})
    assert empty.status_code == 422
    assert (
        as_(OFFICIAL)
        .press(at(play, "decision"), "Return to review", {"reason": "Weigh the benefit."})
        .status_code
        == 303
    )
    assert state(play) is State.SUBSTANTIVE_REVIEW


RESTRICTION = {
    "outcome": "RESTRICT",
    "c-1-p-max_tier": "T1",
    "c-1-findings": ["F-CY-01"],
    "c-1-verification": "A probe account each month.",
    "c-1-restoration": "An upper bound of at most 0.05 over 200 attempts.",
    "option-1-description": "Monitoring alone",
    "option-1-why": "It acts after the harm.",
    "option-2-description": "A rate limit",
    "option-2-why": "Few attempts are enough.",
    "comparables_note": "No comparable case has been decided.",
    "transition": "Nobody uses it yet.",
}


def test_the_notice_is_written_concurred_with_and_issued(world: World, as_: As) -> None:
    play, lead = world.recommended(Outcome.RESTRICT), as_(LEAD)
    page = at(play, "decision/notice")
    added = lead.press(page, "Add a condition", {"outcome": "RESTRICT", "new_condition": "ACCESS_TIER_MAX"})
    assert 'id="C-01"' in added.text
    assert "Feasibility by channel, prefilled from the filing" in added.text
    drafted = _press_again(lead, added.text, "Draft the reasons from findings and memo", RESTRICTION)
    assert "[F-CY-01]" in drafted.text
    kept = _press_again(lead, drafted.text, "Save the draft", {})
    assert kept.status_code == 303
    notice = play.facts().draft_notice
    assert notice is not None and notice.proposal.conditions[0].feasibility
    assert "Counsel has not concurred with the notice." in as_(OFFICIAL).open(at(play, "decision")).text
    assert as_(COUNSEL).sign(at(play, "decision/concurrence/sign")).status_code == 303
    assert as_(OFFICIAL).sign(at(play, "decision/sign")).status_code == 303
    assert state(play) is State.LAB_RESPONSE_WINDOW


def test_counsel_says_why_the_text_is_not_sufficient_and_the_lead_reads_it(world: World, as_: As) -> None:
    play = world.recommended(Outcome.RESTRICT).propose(Act.DRAFT_NOTICE, proposal(Outcome.RESTRICT))
    page, why = at(play, "decision/concurrence"), "Part 4 does not weigh a rate limit."
    silent = as_(COUNSEL).press(page, "Send to the lead", {"reason": ""})
    assert silent.status_code == 422 and "Give the reason." in silent.text
    assert as_(COUNSEL).press(page, "Send to the lead", {"reason": why}).status_code == 303
    assert why in as_(LEAD).open("/desk").text
    lead = as_(LEAD).open(at(play, "decision")).text
    assert "Counsel does not concur with version 1" in lead and why in lead
    assert as_(OFFICIAL).open(at(play, "decision/sign")).status_code == 422


def test_issuing_a_notice_without_counsel_is_refused(world: World, as_: As) -> None:
    play = world.recommended(Outcome.RESTRICT).propose(Act.DRAFT_NOTICE, proposal(Outcome.RESTRICT))
    assert as_(OFFICIAL).open(at(play, "decision/sign")).status_code == 422
    assert state(play) is State.RECOMMENDATION


def test_a_changed_decision_goes_back_to_counsel_with_its_difference_and_is_signed(
    world: World, as_: As
) -> None:
    play, lead = world.pending(Outcome.RESTRICT), as_(LEAD)
    saved = lead.press(
        at(play, "decision/decision"), "Save the draft", {"transition": "Test users move by May."}
    )
    assert saved.status_code == 303
    assert as_(OFFICIAL).open(at(play, "decision/sign")).status_code == 422
    difference = as_(COUNSEL).open(at(play, "decision/concurrence")).text
    assert "Test users move by May." in difference
    assert "The model is not released; nobody uses it yet." in difference
    assert "Test users move by May." in as_(COUNSEL).open("/desk").text
    assert as_(COUNSEL).sign(at(play, "decision/concurrence/sign")).status_code == 303
    assert as_(OFFICIAL).sign(at(play, "decision/sign")).status_code == 303
    assert state(play) is State.DECIDED_RESTRICTED


def test_the_lead_cannot_sign_the_decision(world: World, as_: As) -> None:
    play = world.pending()
    assert as_(LEAD).open(at(play, "decision/sign")).status_code == 422
    assert state(play) is State.DECISION_PENDING


def open_weights(world: World) -> Play:
    """A decision to approve a release of weights, drafted."""
    play = world.draft()
    filing = filing_of(play.office, play.case_id)
    answers = msgspec.json.decode(
        re.sub(rb'"tier":"T[0-4]"', b'"tier":"T5"', msgspec.json.encode(filing.answers))
    )
    play.do(play.lab, Act.SUBMIT, given=msgspec.structs.replace(filing, answers=answers))
    play.assign(Role.INTAKE, Role.LEAD).answer_checklist().accept()
    play.assign(Role.SIGNATORY, Role.COUNSEL, Role.RATIFIER).assign_reviewers().conclude_rest()
    play.recommend(memo(Outcome.APPROVE)).do(LEAD, Act.FORWARD_CLEAN)
    return play.propose(Act.DRAFT_DECISION, proposal(Outcome.APPROVE)).counsel("decision")


def test_a_release_of_weights_needs_the_panel_and_a_ratifier(world: World, as_: As) -> None:
    play, official = open_weights(world), as_(OFFICIAL)
    page = official.open(at(play, "decision")).text
    assert "needs the panel" in page
    assert "needs a ratifier" in page
    advice = {"members": "Five.", "question": "Release?", "advice": "Yes.", "votes": "5 for."}
    missing = official.press(at(play, "decision/panel"), "Read and sign", {**advice, "votes": ""})
    assert missing.status_code == 422
    shown = official.press(at(play, "decision/panel"), "Read and sign", advice)
    assert official.sign_page(shown.text).status_code == 303
    assert as_(LEAD).open(at(play, "decision/ratify")).status_code == 422
    assert as_(TEAM[Role.RATIFIER]).sign(at(play, "decision/ratify")).status_code == 303
    assert official.sign(at(play, "decision/sign")).status_code == 303
    assert state(play) is State.DECIDED_APPROVED


def test_each_page_of_a_case_opens_in_each_state(world: World, as_: As) -> None:
    tabs = ("now", "filing", "evidence", "review", "questions", "decision", "record", "team", "screening")
    for play in (world.screening(), ask(world.review()), world.decided(Outcome.DENY)):
        for tab in tabs:
            assert as_(LEAD).open(at(play, tab)).status_code == 200, tab


def test_a_stranger_learns_nothing(world: World, as_: As) -> None:
    play = world.screening()
    ines = as_(INES)
    there, nowhere = ines.open(at(play, "now")), ines.open("/cases/0123/now")
    assert there.status_code == nowhere.status_code == 404
    assert there.text == nowhere.text


def test_evidence_downloads_are_attachments(world: World, as_: As) -> None:
    play = world.review()
    answer = as_(INES).open(at(play, "evidence/EV-01/files/0"))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    with play.office.database.reading() as conn:
        item = store.of_case(conn, play.case_id).all(EvidenceItem)[0]
    assert len(answer.data) == item.files[0].bytes


def _press_again(person: Person, page: str, label: str, fields: dict[str, Any]) -> TestResponse:
    """Press a button on a page that came back from the one before."""
    reader = Forms()
    reader.feed(page)
    for form in reader.forms:
        for button in form["buttons"]:
            if label in button["label"]:
                return person.client.post(form["action"], data=filled(form, button, fields))
    raise AssertionError(label)
