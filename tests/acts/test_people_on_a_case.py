"""Who works on a case: assignment, declarations before content, recusal, separation of duties for ever."""

import pytest

from review.acts.perform import perform
from review.demo.play import MANAGER, REVIEWERS, TEAM
from review.rules import permissions
from review.rules.given import (
    Assign,
    Declaration,
    Questions,
    Reason,
    ReviewConclusion,
    ReviewOf,
    RoleRequest,
    Target,
)
from review.rules.turns import position
from review.rules.vocabulary import Act, Conclusion, Discipline, Role, State
from tests.acts.conftest import CaseAt
from tests.acts.record import House
from tests.builders import LAB
from tests.guard_changes import QUESTION

A, S = Act, State
INES, LENA = "ines.okafor@agency.example", "lena.haas@agency.example"
LEAD, RUTH, COUNSEL = TEAM[Role.LEAD], TEAM[Role.SIGNATORY], TEAM[Role.COUNSEL]
KOFI, ANNA = "kofi.mensah@agency.example", "anna.kowalska@agency.example"
NOTHING = Declaration(interest=False)


def grant(house: House, user: str, role: Role) -> str:
    """Both administrators give a person a further role in the agency; returns the person's id."""
    people = house.world.people
    asked = perform(
        house.office,
        people[KOFI],
        A.REQUEST_ROLE,
        None,
        RoleRequest(
            person_id=people[user], role=role, disciplines=tuple(Discipline) if role is Role.REVIEWER else ()
        ),
    )
    perform(house.office, people[ANNA], A.GRANT_ROLE, None, Target(target=asked.result))
    return people[user]


def test_nobody_holds_two_roles_on_a_case_even_after_leaving_the_first(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    ines = grant(house, INES, Role.COUNSEL)
    wanted = Assign(person_id=ines, role=Role.COUNSEL)
    assert house.refused(MANAGER, A.ASSIGN_ROLE, wanted) == ["G-SOD-1"]
    house.do(INES, A.RECUSE, Reason(reason="A friend works there."))
    assert house.refused(MANAGER, A.ASSIGN_ROLE, wanted) == ["G-SOD-1"]
    last = house.entries()[-1]
    assert last.refused and "reviewer" in last.detail


def test_a_role_taken_over_from_somebody_stays_barred_to_that_person(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    ratifier = grant(house, TEAM[Role.RATIFIER], Role.LEAD)
    assert house.refused(MANAGER, A.ASSIGN_ROLE, Assign(person_id=ratifier, role=Role.LEAD)) == ["G-SOD-1"]
    auditor = grant(house, "helen.whitlock@agency.example", Role.LEAD)
    house.do(MANAGER, A.ASSIGN_ROLE, Assign(person_id=auditor, role=Role.LEAD))
    before = Assign(person_id=grant(house, LEAD, Role.COUNSEL), role=Role.COUNSEL)
    assert house.refused(MANAGER, A.ASSIGN_ROLE, before) == ["G-SOD-1"]


def test_the_docket_manager_assigns_all_but_reviewers_and_the_lead_reviewers_only(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    lena = Assign(person_id=house.world.people[LENA], role=Role.REVIEWER, disciplines=(Discipline.CBRN,))
    assert house.refused(MANAGER, A.ASSIGN_ROLE, lena) == ["assignable"]
    helen = house.world.people["helen.whitlock@agency.example"]
    assert house.refused(LEAD, A.ASSIGN_ROLE, Assign(person_id=helen, role=Role.COUNSEL)) == ["assignable"]
    assert house.refused(MANAGER, A.ASSIGN_ROLE, Assign(person_id=helen, role=Role.COUNSEL)) == ["assignable"]
    cyber = Assign(person_id=house.world.people[LENA], role=Role.REVIEWER, disciplines=(Discipline.CYBER,))
    assert house.refused(LEAD, A.ASSIGN_ROLE, cyber) == ["assignable"]


def test_content_opens_with_the_declaration_and_not_before(case_at: CaseAt) -> None:
    house = case_at(S.ACCEPTANCE_SCREENING)
    house.do(MANAGER, A.ASSIGN_ROLE, Assign(person_id=house.world.people[RUTH], role=Role.SIGNATORY))
    before = house.play.facts(RUTH)
    assert permissions.may_know(before) and not permissions.may_see_content(before)
    house.do(RUTH, A.ATTEST_CONFLICTS, NOTHING)
    assert permissions.may_see_content(house.play.facts(RUTH))
    declared = house.facts.attestations[-1]
    assert declared.named[0] == "Calder" and len(declared.named) > 1, "comparators are named too"


def test_declaring_an_interest_ends_the_persons_part_at_once(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    house.do(INES, A.ATTEST_CONFLICTS, Declaration(interest=True, statement="Shares of the lab."))
    assert not permissions.may_know(house.play.facts(INES))
    assert {r.discipline for r in house.facts.live_reviews} == set(REVIEWERS[LENA])
    assert house.refused(INES, A.ATTEST_CONFLICTS, NOTHING) == ["none"]


def test_a_recusal_supersedes_the_reviews_and_opens_the_quorum_again(case_at: CaseAt) -> None:
    house = case_at("ready to recommend")
    signed = [r for r in house.facts.live_reviews if r.person_name == "Ines Okafor"]
    house.do(INES, A.RECUSE, Reason(reason="A friend works there."))
    f = house.facts
    for review in signed:
        kept = next(r for r in f.reviews if r.id == review.id)
        signature = next(s for s in f.signatures if s.id == review.signature_id)
        assert kept.superseded and signature.superseded, "both stay readable"
    assert house.refused(LEAD, A.RECOMMEND) == ["quorum"]
    assert house.told(A.RECUSE) == {LEAD, MANAGER}
    assert any("Cyber" in todo.detail for todo in _todos(house))
    house.verify()


def test_another_reviewer_takes_over_and_the_quorum_closes(case_at: CaseAt) -> None:
    house = case_at("ready to recommend")
    house.do(INES, A.RECUSE, Reason(reason="A friend works there."))
    helen = grant(house, "helen.whitlock@agency.example", Role.REVIEWER)
    given = Assign(person_id=helen, role=Role.REVIEWER, disciplines=REVIEWERS[INES])
    house.do(LEAD, A.ASSIGN_ROLE, given)
    user = "helen.whitlock@agency.example"
    house.do(user, A.ATTEST_CONFLICTS, NOTHING)
    for discipline in REVIEWERS[INES]:
        _conclude(house, user, discipline)
    house.do(LEAD, A.RECOMMEND)
    assert house.state is S.RECOMMENDATION
    house.verify()


def test_a_discipline_handed_over_supersedes_the_review_of_the_one_before(case_at: CaseAt) -> None:
    house = case_at("ready to recommend")
    helen = grant(house, "helen.whitlock@agency.example", Role.REVIEWER)
    given = Assign(person_id=helen, role=Role.REVIEWER, disciplines=(Discipline.CYBER,))
    house.do(LEAD, A.ASSIGN_ROLE, given)
    f = house.facts
    ines = next(a for a in f.held if a.person_name == "Ines Okafor")
    assert ines.disciplines == (Discipline.SAFEGUARDS_SECURITY,)
    assert [r.person_name for r in f.live_reviews if r.discipline is Discipline.CYBER] == ["Helen Whitlock"]
    assert house.refused(LEAD, A.RECOMMEND) == ["quorum"]


@pytest.mark.parametrize("user", [LAB, KOFI, "helen.whitlock@agency.example"])
def test_people_outside_the_team_neither_declare_nor_recuse(case_at: CaseAt, user: str) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    assert house.refused(user, A.ATTEST_CONFLICTS, NOTHING)[0] in {"case:declare", "none"}


def test_nobody_concurs_with_ones_own_question(case_at: CaseAt) -> None:
    """G-SOD-2, and T10: what the lead drafted, the deciding official concurs with."""
    house = case_at(S.SUBSTANTIVE_REVIEW)
    house.do(LEAD, A.DRAFT_INFORMATION_REQUEST, Questions(items=(QUESTION,)))
    assert house.refused(LEAD, A.ISSUE_INFORMATION_REQUEST) == ["request_concurred"]
    assert house.refused(LEAD, A.CONCUR_INFORMATION_REQUEST) == ["G-SOD-2"]
    house.do(RUTH, A.CONCUR_INFORMATION_REQUEST)
    house.do(LEAD, A.ISSUE_INFORMATION_REQUEST)
    assert house.state is S.INFORMATION_REQUEST_HOLD


def _todos(house: House) -> tuple:
    return position(house.facts).todos


def _conclude(house: House, user: str, discipline: Discipline) -> None:
    given = ReviewConclusion(discipline=discipline, conclusion=Conclusion.NO_CONCERN)
    house.do(user, A.CONCLUDE_REVIEW, given)
    house.do(user, A.SIGN_REVIEW, ReviewOf(discipline=discipline))
