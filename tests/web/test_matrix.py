"""Each step of the table through its form: once by whom it belongs to, once by everybody else who can try."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from review.demo.play import MANAGER
from review.records import store
from review.rules.entities import Organization, RoleGrant
from review.rules.vocabulary import Act, Role, State
from review.rules.workflow import ROW
from tests.acts.record import House
from tests.builders import LAB, OTHER_LAB
from tests.web.attacking import Place, placed
from tests.web.matrix_steps import (
    ANNA,
    EVERYBODY,
    INES,
    KOFI,
    LEAD,
    MAY,
    STEPS,
    Fields,
    Step,
)
from tests.web.visiting import text_of

LAST = {
    Act.SUBMIT: Act.BEGIN_SCREENING,
    Act.RESUBMIT_AFTER_REFUSAL: Act.BEGIN_SCREENING,
    Act.ISSUE_NOTICE: Act.OPEN_RESPONSE_WINDOW,
    Act.ISSUE_NEW_NOTICE: Act.OPEN_RESPONSE_WINDOW,
}
"""The act that follows in the same transaction, and whose row says where the case stands then."""
MADE_BY_THE_WORKER = {Act.ISSUE_DOCUMENT}
At = Callable[[str | State], Place]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[At]:
    """Houses in which one case stands at a stage."""
    with ExitStack() as houses:
        yield lambda stage: houses.enter_context(placed(stage, tmp_path / uuid4().hex))


def test_every_step_of_people_is_tried() -> None:
    of_people = {row.act for row in ROW.values() if not row.by_system and None not in row.start}
    assert {step.act for step in STEPS} == of_people - MADE_BY_THE_WORKER
    house = {row.act for row in ROW.values() if not row.by_system and None in row.start}
    assert {step.act for step in HOUSE_STEPS} == house


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.act.value)
def test_the_form_does_the_act_and_the_case_moves_as_the_table_says(at: At, step: Step) -> None:
    place = at(step.stage)
    step.before(place.play)
    house = House(place.world, place.play)
    before, was, row = len(house.entries()), house.state, ROW[step.act]
    answer = step.do(place, step.user, step.form(place.play))
    assert answer.status_code in {200, 303}, text_of(answer)[:2000]
    acts = [entry.act for entry in house.entries()[before:]]
    assert acts == [step.act.value, *(follow.value for follow in row.then)]
    assert house.state is (ROW[LAST.get(step.act, step.act)].to or was)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.act.value)
def test_everybody_else_is_refused_and_nothing_moves(at: At, step: Step) -> None:
    place = at(step.stage)
    step.before(place.play)
    house = House(place.world, place.play)
    form = step.form(place.play)
    was, rows, row = house.state, house.rows(), ROW[step.act]
    others = [user for user in EVERYBODY if user not in MAY[row.permission]]
    assert others
    for user in others:
        seen = len(house.entries())
        answer = step.do(place, user, fresh(form))
        told(answer, user, row.act)
        assert house.state is was and house.rows() == rows, user
        tried = house.entries()[seen:]
        assert all(entry.refused for entry in tried), user


def fresh(form: Fields) -> Fields:
    """The same form once more; an upload has bytes of its own."""
    again = dict(form)
    if "file" in form:
        again["file"] = type(form["file"][0])(b"A letter."), form["file"][1]
    return again


def told(answer: Any, user: str, act: Act) -> None:
    """Refused with what, why and a way out; or as if nothing were there."""
    text = text_of(answer)
    assert answer.status_code in {404, 409, 422}, (user, act, answer.status_code, text[:300])
    if answer.status_code == 404:
        assert "There is nothing here for you" in text, user
        return
    assert "Not done" in text, (user, act)
    assert re.search(r"Only .* may do this\.|You have |Your declaration|step does not exist", text), (
        user,
        act,
    )
    assert '<a class="' in answer.text, (user, act)


def test_an_evaluation_engineer_writes_and_does_not_file(at: At) -> None:
    place = at(State.DRAFT)
    own = place.world.draft("tern-2", "milan.horak@ostrava.example")
    there = Place(place.world, own)
    engineer = there.visit("priya.raman@ostrava.example")
    for page, fields in (
        ("filing/submit", {}),
        ("withdraw", {"reason": "Put off."}),
        ("filing/protest", {"reason": "It is there.", "conference": "HELD"}),
        ("decision/answer", {"action": "waive"}),
    ):
        answer = engineer.post(there.at(page), fields, seen="/account")
        assert answer.status_code in {409, 422}, page
        assert "Not done" in text_of(answer), page
    engineer.post(
        there.at("filing/evidence/EV-01/match"), {"is_subject": "yes", "note": "Ours."}, seen="/account"
    )
    assert own.case.state is State.DRAFT
    assert House(place.world, own).entries()[-1].act == Act.MATCH_SUBJECT.value


# Acts on people and labs ---------------------------------------------------------------------------


def lab_id(place: Place, *, verified: bool) -> str:
    with place.world.office.database.reading() as conn:
        labs = store.all_of(conn, Organization)
    return next(lab.id for lab in labs if (lab.verified_by is not None) is verified)


def grant(place: Place, user: str, *, held: bool) -> str:
    with place.world.office.database.reading() as conn:
        grants = store.all_of(conn, RoleGrant)
    mine = [g for g in grants if g.person_id == place.world.people[user]]
    return next(g.id for g in mine if (g.granted_by is not None) is held and g.ended_by is None)


def send(place: Place, user: str, address: str, **fields: str) -> Any:
    visitor = place.visit(user)
    return visitor.client.post(address, data={"csrf_token": place.csrf(visitor), **fields})


def marten(place: Place) -> str:
    send(place, MANAGER, "/labs", lab_name="Marten Labs")
    return f"/labs/{lab_id(place, verified=False)}/verify"


def role_asked(place: Place) -> str:
    send(place, ANNA, f"/people/{place.world.people[INES]}/role", role="INTAKE")
    return f"/people/grants/{grant(place, INES, held=False)}/confirm"


class HouseStep(msgspec.Struct, frozen=True):
    """An act on no case: who may, at which address, with what typed."""

    act: Act
    may: set[str]
    address: Callable[[Place], str]
    fields: Fields = {}


HOUSE_STEPS = [
    HouseStep(Act.OPEN_DRAFT, {LAB, OTHER_LAB}, lambda _: "/filings", {"model_name": "Heron 9"}),
    HouseStep(Act.REGISTER_ORGANIZATION, {MANAGER}, lambda _: "/labs", {"lab_name": "Marten Labs"}),
    HouseStep(Act.VERIFY_ORGANIZATION, {MANAGER}, marten),
    HouseStep(
        Act.INVITE, {KOFI}, lambda _: "/people/invite", {"name": "Nora", "user_id": "nora@agency.example"}
    ),
    HouseStep(Act.REQUEST_ROLE, {KOFI}, lambda p: f"/people/{p.world.people[INES]}/role", {"role": "INTAKE"}),
    HouseStep(Act.GRANT_ROLE, {KOFI}, role_asked),
    HouseStep(Act.END_ROLE, {KOFI}, lambda p: f"/people/grants/{grant(p, INES, held=True)}/end"),
    HouseStep(Act.DEACTIVATE, {KOFI}, lambda p: f"/people/{p.world.people[LEAD]}/deactivate"),
]


@pytest.mark.parametrize("step", HOUSE_STEPS, ids=lambda step: step.act.value)
def test_an_act_on_people_is_done_by_whom_it_belongs_to_and_by_nobody_else(at: At, step: HouseStep) -> None:
    place = at(State.DRAFT)
    house, address = House(place.world, place.play), step.address(place)
    before, rows = place.entries(step.act), house.rows()
    for user in (*EVERYBODY, ""):
        if user in step.may:
            continue
        answer = send(place, user, address, **step.fields) if user else nobody(place, address, step.fields)
        assert answer.status_code == (404 if user else 303), user
        assert user or answer.headers["Location"].startswith("/sign-in")
        assert house.rows() == rows, user
    assert place.entries(step.act) == before
    who = min(step.may)
    assert send(place, who, address, **step.fields).status_code == 303
    assert place.entries(step.act) == before + 1


def nobody(place: Place, address: str, fields: Fields) -> Any:
    """A visitor with the token of the sign-in page."""
    client = place.app.test_client()
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert found is not None
    return client.post(address, data={"csrf_token": found.group(1), **fields})


def test_nobody_confirms_a_role_that_he_asked_for_or_that_is_his(at: At) -> None:
    place = at(State.DRAFT)
    confirm = role_asked(place)
    answer = send(place, ANNA, confirm)
    assert answer.status_code == 422
    assert "Not done" in text_of(answer)
    assert Role.INTAKE not in held(place, INES)
    assert send(place, KOFI, confirm).status_code == 303
    send(place, ANNA, f"/people/{place.world.people[KOFI]}/role", role="SIGNATORY")
    assert Role.SIGNATORY not in held(place, KOFI)


def held(place: Place, user: str) -> set[Role]:
    with place.world.office.database.reading() as conn:
        grants = store.all_of(conn, RoleGrant)
    return {g.role for g in grants if g.person_id == place.world.people[user] and g.held}
