"""Who may: roles on the case and in the agency, declarations, and the separation of duties over a whole history."""

from datetime import timedelta

import msgspec
import pytest

from review.demo.play import MANAGER, TEAM
from review.rules import permissions
from review.rules.facts import SYSTEM, Facts
from review.rules.vocabulary import CASE_ROLES, Role, State
from review.rules.workflow import ROW, TABLE
from tests.builders import LAB, OTHER_LAB
from tests.stages import standing

with_ = msgspec.structs.replace
USER = {**TEAM, Role.REVIEWER: "ines.okafor@agency.example"}
OWN = {
    Role.INTAKE: "case:screen",
    Role.REVIEWER: "case:review",
    Role.LEAD: "case:lead",
    Role.SIGNATORY: "case:decide",
    Role.COUNSEL: "case:counsel",
    Role.RATIFIER: "case:ratify",
}
"""What each role on a case is for; nobody else may do it."""


def member(role: Role) -> Facts:
    """A case in review as the member of its team has it, who declared that there is nothing to add."""
    return standing(State.SUBSTANTIVE_REVIEW).facts(USER[role])


@pytest.mark.parametrize("role", CASE_ROLES)
def test_what_a_role_is_for_belongs_to_that_role_alone(role: Role) -> None:
    held = {one for one, permission in OWN.items() if permissions.permits(permission, member(role))}
    assert held == {role}


@pytest.mark.parametrize("role", CASE_ROLES)
def test_nothing_is_permitted_before_the_person_declares_save_to_declare(role: Role) -> None:
    f = with_(member(role), attestations=())
    assert permissions.permits("case:declare", f)
    assert not permissions.may_see_content(f)
    refusal = permissions.refusal(OWN[role], f)
    assert refusal is not None and refusal.code == "G-COI" and refusal.place == "declare"


@pytest.mark.parametrize("role", CASE_ROLES)
def test_a_declaration_of_an_interest_permits_nothing(role: Role) -> None:
    f = member(role)
    interested = tuple(with_(a, interest=True) for a in f.attestations)
    refusal = permissions.refusal(OWN[role], with_(f, attestations=interested))
    assert refusal is not None and refusal.code == "G-COI"


@pytest.mark.parametrize(("days", "holds"), [(90, True), (91, False)])
def test_a_declaration_holds_for_ninety_days(days: int, holds: bool) -> None:
    f = member(Role.REVIEWER)
    mine = [a for a in f.attestations if a.person_id == f.actor.id]
    f = with_(f, now=mine[0].at + timedelta(days=days))
    assert permissions.permits("case:review", f) is holds


def test_the_newest_declaration_counts() -> None:
    f = member(Role.REVIEWER)
    newer = with_(f.attestations[0], person_id=f.actor.id, interest=True, at=f.now + timedelta(seconds=1))
    assert not permissions.permits("case:review", with_(f, attestations=(newer, *f.attestations)))


@pytest.mark.parametrize("role", CASE_ROLES)
@pytest.mark.parametrize("other", CASE_ROLES)
def test_a_second_role_on_a_case_takes_away_both_for_ever(role: Role, other: Role) -> None:
    """G-SOD-1: over the whole history; that the first assignment ended does not help."""
    f = member(role)
    mine = next(a for a in f.assignments if a.person_id == f.actor.id)
    earlier = with_(mine, id="earlier", role=other, ended=f.now, ended_reason="Left")
    f = with_(f, assignments=(earlier, *f.assignments))
    refusal = permissions.refusal(OWN[role], f)
    assert (refusal is None) if role is other else (refusal is not None and refusal.code == "G-SOD-1")


@pytest.mark.parametrize("role", CASE_ROLES)
def test_a_role_that_ended_in_the_agency_acts_on_no_case(role: Role) -> None:
    f = member(role)
    f = with_(f, actor=with_(f.actor, roles=frozenset()))
    assert not permissions.permits(OWN[role], f)


@pytest.mark.parametrize("role", CASE_ROLES)
def test_a_role_in_the_agency_alone_opens_no_case(role: Role) -> None:
    f = member(role)
    f = with_(f, assignments=tuple(a for a in f.assignments if a.person_id != f.actor.id))
    assert not permissions.permits(OWN[role], f)
    assert not permissions.may_see_content(f) and not permissions.may_know(f)


def test_a_system_administrator_sees_no_case() -> None:
    f = standing(State.SUBSTANTIVE_REVIEW).facts("kofi.mensah@agency.example")
    assert not permissions.may_know(f) and not permissions.may_see_content(f)


def test_a_docket_manager_knows_cases_and_reads_none() -> None:
    f = standing(State.SUBSTANTIVE_REVIEW).facts(MANAGER)
    assert permissions.may_know(f) and not permissions.may_see_content(f)
    administrator_too = with_(f, actor=with_(f.actor, roles=f.actor.roles | {Role.SYS_ADMIN}))
    assert not permissions.permits("case:assign", administrator_too)


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBSTANTIVE_REVIEW])
def test_a_lab_knows_its_own_cases_and_no_other_labs(state: State) -> None:
    assert permissions.may_see_content(standing(state).facts(LAB))
    stranger = standing(state).facts(OTHER_LAB)
    assert not permissions.may_know(stranger) and not permissions.may_see_content(stranger)


@pytest.mark.parametrize("user", [MANAGER, "helen.whitlock@agency.example", USER[Role.LEAD]])
def test_a_draft_is_known_to_its_lab_alone(user: str) -> None:
    assert not permissions.may_know(standing(State.DRAFT).facts(user))


def test_the_regulatory_lead_files_and_every_member_prepares() -> None:
    f = standing(State.DRAFT).facts(LAB)
    engineer = with_(f, actor=with_(f.actor, id="engineer", lab_role=Role.LAB_ENG))
    assert permissions.permits("case:file", f) and permissions.permits("case:draft", f)
    assert not permissions.permits("case:file", engineer) and permissions.permits("case:draft", engineer)


def test_acts_of_the_system_belong_to_the_system() -> None:
    f = standing(State.SUBSTANTIVE_REVIEW).facts()
    assert permissions.permits("system:act", with_(f, actor=SYSTEM))
    for user in (LAB, MANAGER, USER[Role.LEAD], "kofi.mensah@agency.example"):
        assert not permissions.permits("system:act", standing(State.SUBSTANTIVE_REVIEW).facts(user))


def test_every_permission_of_the_map_is_asked_for_by_a_row() -> None:
    assert {row.permission for row in TABLE} == set(permissions.PERMISSIONS) == set(permissions.WHO)
    assert all(ROW[row.act] is row for row in TABLE)
