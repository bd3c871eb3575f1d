"""Acts on people: two administrators, verified labs, roles that end, accounts that close."""

from typing import Any

import pytest

from review.acts.people import make_link, set_password
from review.acts.perform import perform
from review.demo.play import MANAGER
from review.records import store
from review.rules.entities import RoleGrant
from review.rules.facts import SYSTEM
from review.rules.given import (
    Declaration,
    Founders,
    Invitation,
    NewOrganization,
    OpenDraft,
    ReviewConclusion,
    RoleRequest,
    Target,
)
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, Conclusion, Discipline, Role, State
from tests.acts.conftest import CaseAt
from tests.builders import World

A, S = Act, State
INES, KOFI = "ines.okafor@agency.example", "kofi.mensah@agency.example"
NO_CONCERN = ReviewConclusion(discipline=Discipline.CYBER, conclusion=Conclusion.NO_CONCERN)
DECLARED = Declaration(interest=False)


def test_acts_on_people_are_done_by_the_two_administrators_and_the_docket_manager(world: World) -> None:
    office, people = world.office, world.people
    kofi, anna, manager = people[KOFI], people["anna.kowalska@agency.example"], people[MANAGER]

    def do(by: str, act: Act, given: Any) -> str:
        return perform(office, by, act, None, given).result

    lab = do(kofi, A.REGISTER_ORGANIZATION, NewOrganization(name="Fourth"))
    member = do(
        kofi,
        A.INVITE,
        Invitation(user_id="a@fourth.example", name="A", organization_id=lab, lab_role=Role.LAB_RA),
    )
    assert refuses(world, member, A.OPEN_DRAFT, OpenDraft(model_name="X")) == ["lab_verified"]
    assert refuses(world, kofi, A.VERIFY_ORGANIZATION, Target(target=lab)) == ["agency:verify_lab"]
    do(manager, A.VERIFY_ORGANIZATION, Target(target=lab))
    assert do(member, A.OPEN_DRAFT, OpenDraft(model_name="X"))

    person = do(kofi, A.INVITE, Invitation(user_id="b@agency.example", name="B"))
    assert refuses(world, kofi, A.INVITE, Invitation(user_id="B@agency.example ", name="B")) == ["user_id"]
    assert refuses(world, kofi, A.REQUEST_ROLE, RoleRequest(person_id=kofi, role=Role.LEAD)) == [
        "role_for_agency"
    ]
    grant = do(kofi, A.REQUEST_ROLE, RoleRequest(person_id=person, role=Role.LEAD))
    assert refuses(world, kofi, A.GRANT_ROLE, Target(target=grant)) == ["other_administrator"]
    assert refuses(world, member, A.GRANT_ROLE, Target(target=grant)) == ["agency:grant_role"]
    do(anna, A.GRANT_ROLE, Target(target=grant))
    assert refuses(world, anna, A.GRANT_ROLE, Target(target=grant)) == ["other_administrator"]
    do(anna, A.END_ROLE, Target(target=grant))
    do(anna, A.DEACTIVATE, Target(target=member))
    assert refuses(world, member, A.OPEN_DRAFT, OpenDraft(model_name="Y")) == ["case:open"]
    founders = Founders(people=(("C", "c@agency.example"), ("D", "d@agency.example")))
    assert refuses(world, SYSTEM.id, A.FOUND_HOUSE, founders) == ["founded"]


def refuses(world: World, by: str, act: Act, given: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        perform(world.office, by, act, None, given)
    return [refusal.code for refusal in caught.value.refusals]


def test_a_role_that_ends_ends_its_work_on_cases_at_once(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    with house.office.database.reading() as conn:
        grant = next(g for g in store.all_of(conn, RoleGrant) if g.person_id == house.world.people[INES])
    perform(house.office, house.world.people[KOFI], A.END_ROLE, None, Target(target=grant.id))
    assert house.refused(INES, A.CONCLUDE_REVIEW, NO_CONCERN) == ["none"]


def test_a_deactivated_person_does_nothing_more(case_at: CaseAt) -> None:
    house = case_at(S.SUBSTANTIVE_REVIEW)
    perform(
        house.office, house.world.people[KOFI], A.DEACTIVATE, None, Target(target=house.world.people[INES])
    )
    assert house.refused(INES, A.ATTEST_CONFLICTS, DECLARED) == ["none"]


def test_a_link_sets_a_password_once_and_for_a_day(world: World) -> None:
    person = world.people[INES]
    token = make_link(world.office, person).rsplit("/", 1)[1]
    with pytest.raises(Refused, match="at least 12 characters"):
        set_password(world.office, token, "short")
    assert set_password(world.office, token, "a long enough password") == person
    with pytest.raises(Refused, match="used already"):
        set_password(world.office, token, "another long password")
    late = make_link(world.office, person).rsplit("/", 1)[1]
    world.days_later(1.01)
    with pytest.raises(Refused, match="expired"):
        set_password(world.office, late, "another long password")
