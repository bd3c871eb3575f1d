"""People come in by a link, roles take two administrators, labs are verified; no case shows anywhere here."""

import re

import pytest

from review.casefile import gather
from review.records import store
from review.rules.entities import Organization, Person
from review.rules.vocabulary import Discipline, Role
from tests.builders import World
from tests.web.visiting import Visitor, app_of, text_of

ONE = "kofi.mensah@agency.example"
OTHER = "anna.kowalska@agency.example"
DOCKET_MANAGER = "amara.diallo@agency.example"
NEW = "eva.moss@agency.example"


@pytest.fixture
def administrators(world: World) -> tuple[Visitor, Visitor]:
    app = app_of(world)
    one, other = Visitor(app), Visitor(app)
    one.sign_in(ONE)
    other.sign_in(OTHER)
    return one, other


def invited(visitor: Visitor) -> str:
    answer = visitor.post("/people/invite", name="Eva Moss", user_id=NEW, key="once")
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def newest_mail(world: World) -> str:
    mails = sorted(world.office.settings.mail.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return mails[-1].read_text()


def test_an_invitation_makes_an_account_and_puts_a_working_link_in_the_mail(
    world: World, administrators: tuple[Visitor, Visitor]
) -> None:
    invited(administrators[0])
    mail = newest_mail(world)
    link = re.search(r"http://[^/]+(/account/\S+)", mail)
    assert link is not None
    assert NEW in mail
    assert "Eva Moss" in text_of(Visitor(administrators[0].client.application).get(link.group(1)))


def test_an_invitation_sent_twice_is_one_account_and_one_mail(
    world: World, administrators: tuple[Visitor, Visitor]
) -> None:
    assert invited(administrators[0]) == invited(administrators[0])
    assert len(list(world.office.settings.mail.iterdir())) == 1


def test_a_user_id_is_never_given_twice(administrators: tuple[Visitor, Visitor]) -> None:
    answer = administrators[0].post("/people/invite", name="Another", user_id=OTHER.upper())
    assert answer.status_code == 422
    assert "belongs to somebody already" in text_of(answer)
    assert 'value="Another"' in answer.text


def test_a_role_is_held_once_the_other_administrator_confirms_it(
    world: World, administrators: tuple[Visitor, Visitor]
) -> None:
    one, other = administrators
    page = invited(one)
    person = page.rsplit("/", 1)[1]
    one.post(f"{page}/role", role="REVIEWER", disciplines="CYBER")
    grant = re.search(r"/people/grants/(\w+)/end", one.get(page).text)
    assert grant is not None
    confirm = f"/people/grants/{grant.group(1)}/confirm"
    refused = one.post(confirm)
    assert refused.status_code == 422
    assert "Another administrator must confirm this." in text_of(refused)
    assert roles(world, person) == frozenset()
    assert "one thing needs you" in text_of(other.get("/people"))
    assert other.post(confirm).status_code == 303
    assert roles(world, person) == {Role.REVIEWER}
    with world.office.database.reading() as conn:
        assert gather.actor(conn, person).disciplines == {Discipline.CYBER}


def test_a_reviewer_needs_a_discipline(administrators: tuple[Visitor, Visitor]) -> None:
    page = invited(administrators[0])
    answer = administrators[0].post(f"{page}/role", role="REVIEWER")
    assert answer.status_code == 422
    assert "Choose the disciplines" in text_of(answer)


def test_an_ended_role_is_gone_at_once_and_stays_on_the_page(
    world: World, administrators: tuple[Visitor, Visitor]
) -> None:
    lead = world.people["daniel.reyes@agency.example"]
    page = f"/people/{lead}"
    grant = re.search(r"/people/grants/(\w+)/end", administrators[0].get(page).text)
    assert grant is not None
    assert administrators[0].post(f"/people/grants/{grant.group(1)}/end").status_code == 303
    assert roles(world, lead) == frozenset()
    assert "ended by Kofi Mensah" in text_of(administrators[0].get(page))


def test_nobody_closes_ones_own_account(world: World, administrators: tuple[Visitor, Visitor]) -> None:
    mine, theirs = world.people[ONE], world.people[OTHER]
    assert administrators[0].post(f"/people/{mine}/deactivate").status_code == 422
    assert administrators[0].post(f"/people/{theirs}/deactivate").status_code == 303
    assert administrators[1].get("/people").status_code == 303
    with world.office.database.reading() as conn:
        found = store.get(conn, Person, theirs)
    assert found is not None
    assert not found.active


def test_administrators_see_nothing_of_a_case(world: World, administrators: tuple[Visitor, Visitor]) -> None:
    world.decided()
    for address in ("/people", "/people?show=labs", "/people/invite", f"/people/{world.people[ONE]}"):
        text = text_of(administrators[0].get(address))
        assert "Tern" not in text
        assert "FMR-" not in text


def test_a_docket_manager_registers_and_verifies_a_lab(world: World) -> None:
    visitor = Visitor(app_of(world))
    visitor.sign_in(DOCKET_MANAGER)
    assert visitor.post("/labs", lab_name="").status_code == 422
    assert visitor.post("/labs", lab_name="Marten Labs").status_code == 303
    verify = re.search(r"/labs/\w+/verify", visitor.get("/labs").text)
    assert verify is not None
    assert visitor.post(verify.group(0)).status_code == 303
    with world.office.database.reading() as conn:
        lab = next(one for one in store.all_of(conn, Organization) if one.name == "Marten Labs")
    assert lab.verified_by == world.people[DOCKET_MANAGER]


def roles(world: World, person: str) -> frozenset[Role]:
    with world.office.database.reading() as conn:
        return gather.actor(conn, person).roles
