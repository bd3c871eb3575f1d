"""From the notice to the decision: nothing harsher than announced, two people, seven reasons, open weights with more."""

from review.demo.play import TEAM
from review.rules.given import Assign, NotConcurred, NoticeAnswer, Reason
from review.rules.vocabulary import Act, Conclusion, Discipline, DocumentKind, Outcome, Role, State
from tests.acts.conftest import CaseAt
from tests.acts.record import House
from tests.builders import LAB, condition, decisive_finding, memo, proposal
from tests.guard_changes import with_
from tests.stages import PANEL

A, S = Act, State
LEAD, RUTH = TEAM[Role.LEAD], TEAM[Role.SIGNATORY]
COUNSEL, RATIFIER = TEAM[Role.COUNSEL], TEAM[Role.RATIFIER]
ANSWER = {"P-1": "The gate was tested by the lab alone. An independent test is needed."}


def todos(house: House) -> set[str]:
    with house.office.database.reading() as conn:
        return {row.title for row in conn.exec_driver_sql("SELECT title FROM todo")}


def test_a_decision_harsher_than_its_notice_needs_a_new_notice(case_at: CaseAt) -> None:
    """T24: announced was a restriction; the draft denies. Nothing but a new notice goes on."""
    house = case_at("restriction pending")
    denial = with_(proposal(Outcome.DENY), path_to_approval="Show an upper bound of 0.05.")
    house.play.propose(A.DRAFT_DECISION, denial, ANSWER)
    house.play.counsel("decision")
    assert {"G-NOTICE", "outcome"} <= set(house.refused(RUTH, A.RESTRICT))
    assert "G-NOTICE" in house.refused(RUTH, A.DENY)
    assert set(house.refused(RUTH, A.ISSUE_NEW_NOTICE)) == {"new_notice_needed", "G-REASONS"}

    house.play.propose(A.DRAFT_NOTICE, denial)
    assert "Concur with the notice" in todos(house)
    assert house.refused(RUTH, A.ISSUE_NEW_NOTICE) == ["counsel"]
    house.play.counsel("notice")
    house.do(RUTH, A.ISSUE_NEW_NOTICE)
    assert house.state is S.LAB_RESPONSE_WINDOW
    assert [n.ordinal for n in house.facts.notices] == [1, 2]
    assert house.facts.documents[-1].document is DocumentKind.DOC_NOID_2

    house.do(LAB, A.ANSWER_NOTICE, NoticeAnswer(points=("A denial helps nobody.",)))
    assert "points_answered" in house.refused(RUTH, A.DENY), "the first notice's answers do not count"
    house.play.propose(A.DRAFT_DECISION, denial, {"P-1": "It protects everybody else."}).counsel("decision")
    conclusions = {r.conclusion for r in house.facts.live_reviews}
    assert Conclusion.CONCERN_NOT_MITIGABLE not in conclusions
    assert house.refused(RUTH, A.DENY) == ["G-DENY"], "no discipline finds that conditions cannot meet it"
    house.verify()


def test_what_counsel_does_not_concur_with_goes_back_to_the_lead_until_it_changes(case_at: CaseAt) -> None:
    """K27: the reason is on the record, an earlier concurrence no longer stands, a new version comes back."""
    house = case_at("notice drafted")
    house.do(COUNSEL, A.DECLINE_CONCURRENCE, NotConcurred(target="notice", reason="Part 4 weighs nothing."))
    assert house.facts.notices[-1].counsel_note == "Part 4 weighs nothing."
    assert "Change the notice: counsel does not concur" in todos(house)
    assert "Concur with the notice" not in todos(house)
    assert house.refused(RUTH, A.ISSUE_NOTICE) == ["counsel"]

    house.play.propose(A.DRAFT_NOTICE, proposal(Outcome.RESTRICT))
    assert house.facts.notices[-1].counsel_note == ""
    assert "Concur with the notice" in todos(house)
    house.verify()


def test_counsel_must_say_why(case_at: CaseAt) -> None:
    house = case_at("notice drafted")
    silent = NotConcurred(target="notice", reason=" ")
    assert house.refused(COUNSEL, A.DECLINE_CONCURRENCE, silent) == ["reason"]


def test_more_conditions_than_announced_are_harsher(case_at: CaseAt) -> None:
    house = case_at("restriction pending")
    tighter = with_(condition().condition, params={"max_tier": "T0"})
    harsher = with_(proposal(Outcome.RESTRICT), conditions=(with_(condition(), condition=tighter),))
    house.play.propose(A.DRAFT_DECISION, harsher, ANSWER).counsel("decision")
    assert house.refused(RUTH, A.RESTRICT) == ["G-NOTICE"]


def test_a_milder_decision_than_announced_needs_no_new_notice(case_at: CaseAt) -> None:
    house = case_at("restriction pending")
    milder = with_(
        proposal(Outcome.APPROVE), reasons={"alternatives": "The gate that the lab offers is enough."}
    )
    house.play.propose(A.DRAFT_DECISION, milder, ANSWER).counsel("decision")
    house.do(RUTH, A.APPROVE)
    assert house.state is S.DECIDED_APPROVED


def test_an_adverse_decision_without_any_notice_is_refused(case_at: CaseAt) -> None:
    house = case_at(S.DECISION_PENDING)
    house.play.propose(A.DRAFT_DECISION, proposal(Outcome.DENY)).counsel("decision")
    assert "G-NOTICE" in house.refused(RUTH, A.DENY)


def test_a_restriction_authorizes_with_its_conditions_and_owes_its_documents(case_at: CaseAt) -> None:
    house = case_at("restriction pending")
    house.do(RUTH, A.RESTRICT)
    f = house.facts
    assert f.authorization is not None and f.authorization.status == "ACTIVE_WITH_CONDITIONS"
    assert f.authorization.conditions == f.decision.proposal.conditions if f.decision else False
    assert f.authorization.number == "AUTH-2026-0001"
    owed = [document.document for document in f.documents[-3:]]
    assert set(owed) == {DocumentKind.DOC_DL, DocumentKind.DOC_SOR, DocumentKind.DOC_COND}
    house.verify()


def test_a_denial_authorizes_nothing(case_at: CaseAt) -> None:
    house = case_at("denial pending")
    house.do(RUTH, A.DENY)
    assert house.facts.authorization is None and house.play.case.outcome is Outcome.DENY


def test_a_decided_case_takes_no_further_step(case_at: CaseAt) -> None:
    house = case_at(S.DECIDED_RESTRICTED)
    for act, user in (
        (A.APPROVE, RUTH),
        (A.DRAFT_DECISION, LEAD),
        (A.WITHDRAW, LAB),
        (A.ATTACH_EVIDENCE, LAB),
    ):
        assert house.refused(user, act, Reason(reason="Again.")) == ["sequence"]


def test_a_returned_recommendation_comes_back_once_and_may_change_its_outcome(case_at: CaseAt) -> None:
    house = case_at(S.RECOMMENDATION)
    house.do(RUTH, A.RETURN_RECOMMENDATION, Reason(reason="The cyber finding is missing."))
    decisive_finding(house.play)
    house.play.conclude(Discipline.CYBER, Conclusion.CONCERN_MITIGABLE, "Tier 2 holds with safeguards off.")
    house.play.recommend(memo(Outcome.RESTRICT))
    assert house.refused(LEAD, A.FORWARD_CLEAN) == ["clean_approval"]
    house.play.propose(A.DRAFT_NOTICE, proposal(Outcome.RESTRICT)).counsel("notice")
    house.do(RUTH, A.ISSUE_NOTICE)
    assert house.state is S.LAB_RESPONSE_WINDOW


# Open weights -----------------------------------------------------------------------------------


def test_open_weights_need_the_panel_and_a_ratifier(case_at: CaseAt) -> None:
    """A release that cannot be taken back asks for the panel's advice and a third signature."""
    house = case_at("open weights, decision drafted")
    assert house.play.case.open_weights
    assert set(house.refused(RUTH, A.APPROVE)) == {"open_weights_panel", "open_weights_ratified"}
    house.do(RUTH, A.RECORD_PANEL_ADVICE, PANEL)
    assert house.refused(RUTH, A.APPROVE) == ["open_weights_ratified"]
    house.do(RATIFIER, A.RATIFY)
    house.do(RUTH, A.APPROVE)
    f = house.facts
    assert house.state is S.DECIDED_APPROVED and f.decision is not None and f.panel is not None
    signed = {f.decision.signature_id, f.decision.counsel_signature_id, f.decision.ratifier_signature_id}
    signers = {s.person_id for s in f.signatures if s.id in signed}
    assert len(signers) == 3 and f.signed(f.panel.signature_id)
    house.verify()


def test_a_ratification_of_an_earlier_text_does_not_count(case_at: CaseAt) -> None:
    house = case_at("open weights, decision drafted")
    house.do(RUTH, A.RECORD_PANEL_ADVICE, PANEL)
    house.do(RATIFIER, A.RATIFY)
    house.play.propose(A.DRAFT_DECISION, with_(proposal(Outcome.APPROVE), comparables_note="Looked again."))
    house.play.counsel("decision")
    assert house.refused(RUTH, A.APPROVE) == ["open_weights_ratified"]


def test_the_ratifier_took_no_part_before(case_at: CaseAt) -> None:
    house = case_at("open weights, in review")
    people = house.world.people
    for user in (LEAD, RUTH, COUNSEL):
        codes = house.refused(
            "amara.diallo@agency.example", A.ASSIGN_ROLE, Assign(person_id=people[user], role=Role.RATIFIER)
        )
        assert "G-SOD-1" in codes


def test_an_ordinary_release_asks_for_neither_panel_nor_ratifier(case_at: CaseAt) -> None:
    house = case_at(S.DECISION_PENDING)
    assert house.refused(RATIFIER, A.RATIFY) == ["is_open_weights"]
    assert house.refused(RUTH, A.RECORD_PANEL_ADVICE, PANEL) == ["is_open_weights"]
    house.do(RUTH, A.APPROVE)
