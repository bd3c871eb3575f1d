"""People who try what is not theirs: other labs' things, fields that no form has, forms from elsewhere, old sessions."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from review.acts.perform import perform
from review.demo.play import MANAGER, TEAM
from review.records import jobs, store
from review.records.tables import session
from review.rules.entities import Organization, Person, RoleGrant
from review.rules.given import Declaration, Reason, Target
from review.rules.vocabulary import Act, Role, State
from review.settings import DEMONSTRATION_PASSWORD
from review.web import access, security, sessions
from tests.builders import LAB, OTHER_LAB, World
from tests.web.agency_visits import Person as Visitor
from tests.web.attacking import Place, cookie_of, placed
from tests.web.visiting import Visitor as Stranger
from tests.web.visiting import app_of

ENGINEER, LEADS_LAB = "priya.raman@ostrava.example", "milan.horak@ostrava.example"
ADMINISTRATOR = "kofi.mensah@agency.example"
INES, LEAD = "ines.okafor@agency.example", TEAM[Role.LEAD]
OFFICIAL, COUNSEL = TEAM[Role.SIGNATORY], TEAM[Role.COUNSEL]
At = Callable[[str | State], Place]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[At]:
    """Houses in which one case stands at a stage."""
    with ExitStack() as houses:
        yield lambda stage: houses.enter_context(placed(stage, tmp_path / uuid4().hex))


# What belongs to another lab ---------------------------------------------------------------------


def test_ids_of_another_lab_open_nothing_inside_ones_own_case(at: At) -> None:
    place = at(State.INFORMATION_REQUEST_HOLD)
    theirs = place.play
    item = theirs.facts().evidence[0]
    with place.world.office.database.writing() as conn:
        payload = {"edition": "LAB", "at_index": 1}
        lab = place.world.people[LAB]
        job = jobs.owe(conn, "dossier", payload, theirs.case_id, lab, now=place.world.office.now())
    upload = begin_upload(place, place.visit(LAB), theirs.case_id).json
    assert upload is not None
    own = place.world.draft("tern-2", OTHER_LAB).case_id
    sara = place.visit(OTHER_LAB)
    for page in (
        f"filing/evidence/{item.id}",
        f"filing/evidence/{item.id}/files/{item.files[0].sha256}",
        f"documents/{job}",
        f"uploads/{upload['id']}",
        f"../{theirs.case_id}/uploads/{upload['id']}",
    ):
        assert sara.open(f"/cases/{own}/{page}").status_code == 404, page
    for page, fields in (
        (f"filing/evidence/{item.id}", {}),
        (f"filing/evidence/{item.id}/match", {"is_subject": "yes", "note": "Ours."}),
        (f"filing/evidence/{item.id}/withdraw", {"reason": "Not ours."}),
        (f"uploads/{upload['id']}/0", {}),
        ("filing/evidence/files", {"upload": upload["id"]}),
        (f"documents/{theirs.facts().documents[0].id}/file", {}),
    ):
        answer = sara.post(f"/cases/{own}/{page}", fields, seen="/account")
        assert answer.status_code == 404, page
    assert theirs.facts().evidence[0] == item


def begin_upload(place: Place, visitor: Visitor, case_id: str, **fields: str) -> TestResponse:
    whole = {"name": "log.json", "bytes": "10", **fields}
    return visitor.post(f"/cases/{case_id}/uploads", whole, seen="/account")


def test_an_upload_is_its_senders_alone_even_within_a_lab(at: At) -> None:
    place = at(State.DRAFT)
    own = place.world.draft("tern-2", LEADS_LAB).case_id
    begun = begin_upload(place, place.visit(LEADS_LAB), own).json
    assert begun is not None
    assert place.visit(ENGINEER).open(begun["address"]).status_code == 404
    assert place.visit(LEADS_LAB).open(begun["address"]).status_code == 200


def test_bytes_that_another_lab_holds_are_answered_as_bytes_that_nobody_holds(at: At) -> None:
    place = at(State.DRAFT)
    item = next(item for item in place.play.facts().evidence if item.format)
    held = place.world.office.files.read(place.play.case_id, item.files[0].sha256)
    said = []
    for bytes_ in (held, held + b"\n"):
        own = place.world.play(OTHER_LAB)
        own.case_id = open_draft(place, OTHER_LAB, "Heron 9")
        sara = place.visit(OTHER_LAB)
        data = {"csrf_token": place.csrf(sara), "file": (BytesIO(bytes_), "log.json")}
        answer = sara.client.post(f"/cases/{own.case_id}/filing/evidence/files", data=data)
        said.append((answer.status_code, len(own.facts().evidence), "attached already" in answer.text))
    assert said == [(200, 1, False), (200, 1, False)]


def open_draft(place: Place, user: str, model: str, **more: str) -> str:
    visitor = place.visit(user)
    answer = visitor.post("/filings", {"model_name": model, **more}, seen="/filings")
    found = re.search(r"/cases/(\w+)/filing", answer.headers.get("Location", ""))
    assert found is not None, answer.status_code
    return found.group(1)


# Fields that no form has ------------------------------------------------------------------------


def test_fields_that_a_form_does_not_have_set_nothing(at: At) -> None:
    place = at(State.DRAFT)
    forged = {
        "id": "f" * 32,
        "state": "DECIDED_APPROVED",
        "number": "MR-2026-9999",
        "organization_id": "f" * 32,
        "received_on": "2020-01-01",
        "decided_on": "2020-01-01",
        "given": '{"state": "DECIDED_APPROVED"}',
    }
    case_id = open_draft(place, OTHER_LAB, "Heron 9", **forged)
    case = place.world.play(OTHER_LAB, case_id).case
    with place.world.office.database.reading() as conn:
        sara = store.get(conn, Person, place.world.people[OTHER_LAB])
    assert sara is not None
    assert case.state is State.DRAFT
    assert case.id != forged["id"]
    assert case.organization_id == sara.organization_id
    assert (case.number, case.received_on, case.decided_on) == (None, None, None)


def test_an_assignment_names_its_assigner_and_day_by_itself(at: At) -> None:
    place = at(State.ACCEPTANCE_SCREENING)
    fields = {
        "role": "COUNSEL",
        "person_id": place.world.people[COUNSEL],
        "assigned_by": place.world.people[OFFICIAL],
        "since": "2020-01-01T00:00:00Z",
        "case_id": "f" * 32,
        "attested": "1",
    }
    answer = place.visit(MANAGER).post(place.at("team/assign"), fields, seen=place.at("team"))
    assert answer.status_code == 303
    made = next(a for a in place.play.facts().held if a.role is Role.COUNSEL)
    assert made.since.year == 2026
    assert not place.play.facts(COUNSEL).attested


def test_an_invitation_cannot_bring_a_role_of_the_agency_along(at: At) -> None:
    place = at(State.DRAFT)
    with place.world.office.database.reading() as conn:
        lab = store.all_of(conn, Organization)[0]
    fields = {
        "name": "Mallory",
        "user_id": "mallory@lab.example",
        "lab": lab.id,
        "lab_role": "SYS_ADMIN",
        "roles": "SYS_ADMIN",
        "held": "1",
    }
    refused = place.visit(ADMINISTRATOR).post("/people/invite", fields, seen="/people/invite")
    assert refused.status_code == 422
    done = place.visit(ADMINISTRATOR).post(
        "/people/invite", {**fields, "lab_role": "LAB_RA"}, seen="/people/invite"
    )
    with place.world.office.database.reading() as conn:
        new = done.headers["Location"].rsplit("/", 1)[-1]
        assert not [grant for grant in store.all_of(conn, RoleGrant) if grant.person_id == new]


def test_an_address_of_mail_cannot_begin_another_header(at: At) -> None:
    place = at(State.DRAFT)
    fields = {"name": "Mallory", "user_id": "m@lab.example\nBcc:all@lab.example"}
    answer = place.visit(ADMINISTRATOR).post("/people/invite", fields, seen="/people/invite")
    assert answer.status_code == 422
    mails = place.world.office.settings.mail.glob("*")
    assert not [mail for mail in mails if "Bcc" in mail.read_text()]


# Forms from elsewhere ----------------------------------------------------------------------------


def test_no_unsafe_route_does_anything_without_its_own_sessions_token(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    own, other = place.visit(LEAD), place.visit(INES)
    token, others = place.csrf(own), place.csrf(other)
    wrong: list[dict[str, Any]] = [
        {},
        {"data": {"csrf_token": ""}},
        {"data": {"csrf_token": others}},
        {"headers": {"X-CSRF-Token": others}},
        {"headers": {"X-CSRF-Token": token, "Origin": "https://elsewhere.example"}},
        {"headers": {"X-CSRF-Token": token, "Origin": "null"}},
        {"headers": {"X-CSRF-Token": token, "Origin": "http://localhost.elsewhere.example"}},
        {"headers": {"X-CSRF-Token": token, "Sec-Fetch-Site": "cross-site"}},
    ]
    let_in = []
    for rule, method in access.declared(place.app):
        if method == "GET":
            continue
        address = re.sub(r"<[^>]+>", "0", rule.replace("<case_id>", place.play.case_id))
        for more in wrong:
            answer = own.client.open(address, method=method, **more)
            if answer.status_code != 403 or "Nothing changed" not in answer.text:
                let_in.append(f"{method} {rule} {more}: {answer.status_code}")
    assert not let_in
    assert own.open("/account").status_code == 200


def test_a_method_override_makes_no_form_out_of_a_link(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    jonas = place.visit(LAB)
    for more in ({"headers": {"X-HTTP-Method-Override": "POST"}}, {"query_string": "_method=POST&reason=x"}):
        jonas.client.get(place.at("withdraw"), **more)
    assert place.play.case.state is State.SUBSTANTIVE_REVIEW


# Sessions ----------------------------------------------------------------------------------------


def test_a_session_that_somebody_planted_is_not_the_one_after_sign_in(world: World) -> None:
    visitor = Stranger(app_of(world))
    visitor.client.set_cookie(security.session_cookie(False), "planted", domain="localhost")
    assert visitor.sign_in(LAB).status_code == 303
    mine = cookie_of(visitor.client)
    assert mine != "planted"
    visitor.client.set_cookie(security.session_cookie(False), "planted", domain="localhost")
    assert visitor.get("/account").status_code == 303
    visitor.client.set_cookie(security.session_cookie(False), mine, domain="localhost")
    visitor.post("/sign-in", user_id=MANAGER, password=DEMONSTRATION_PASSWORD)
    assert cookie_of(visitor.client) != mine
    visitor.client.set_cookie(security.session_cookie(False), mine, domain="localhost")
    assert visitor.get("/account").status_code == 303


def signed_out(place: Place, user: str) -> None:
    visitor = place.visit(user)
    kept = cookie_of(visitor.client)
    visitor.client.post("/sign-out", data={"csrf_token": place.csrf(visitor)})
    again = place.app.test_client()
    again.set_cookie(security.session_cookie(False), kept, domain="localhost")
    assert again.get("/account").status_code == 303


def test_a_kept_cookie_opens_nothing_after_sign_out(at: At) -> None:
    signed_out(at(State.DRAFT), LAB)


def test_a_session_ends_when_its_person_is_deactivated(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    lead = place.visit(LEAD)
    assert lead.open(place.at("now")).status_code == 200
    perform(place.world.office, place.world.people[ADMINISTRATOR], Act.DEACTIVATE, None, target(place, LEAD))
    assert lead.open(place.at("now")).headers["Location"].startswith("/sign-in")
    assert lead.open("/account").status_code == 303


def target(place: Place, user: str) -> Target:
    return Target(target=place.world.people[user])


def test_what_a_role_opened_closes_with_the_role(at: At) -> None:
    place = at(State.DRAFT)
    auditor = "helen.whitlock@agency.example"
    helen = place.visit(auditor)
    assert helen.open("/ledger").status_code == 200
    with place.world.office.database.reading() as conn:
        grants = store.all_of(conn, RoleGrant)
    grant = next(g for g in grants if g.person_id == place.world.people[auditor] and g.held)
    perform(
        place.world.office,
        place.world.people[ADMINISTRATOR],
        Act.END_ROLE,
        None,
        Target(target=grant.id),
    )
    assert helen.open("/ledger").status_code == 404
    assert helen.open("/desk").status_code < 400


def test_a_case_closes_to_a_session_that_has_it_open_when_its_person_recuses_or_declares(at: At) -> None:
    place = at(State.SUBSTANTIVE_REVIEW)
    ines, lena = place.visit(INES), place.visit("lena.haas@agency.example")
    assert ines.open(place.at("evidence/EV-01/files/0")).status_code == 200
    place.play.do(INES, Act.RECUSE, Reason(reason="A friend works there."))
    place.play.do(
        "lena.haas@agency.example",
        Act.ATTEST_CONFLICTS,
        Declaration(interest=True, statement="Shares in the lab."),
    )
    for page in ("now", "evidence/EV-01/files/0", "dossier", "record"):
        assert ines.open(place.at(page)).status_code == 404
        assert lena.open(place.at(page)).status_code in {303, 404}


@pytest.mark.parametrize(("user", "minutes"), [(OFFICIAL, 16), (LEAD, 31)])
def test_a_session_that_nobody_uses_ends(at: At, user: str, minutes: int) -> None:
    place = at(State.DRAFT)
    visitor = place.visit(user)
    assert visitor.open("/account").status_code == 200
    place.world.clock.to(place.world.clock.at + timedelta(minutes=minutes))
    assert visitor.open("/account").status_code == 303


def test_a_session_ends_after_twelve_hours_however_busy(at: At) -> None:
    place = at(State.DRAFT)
    visitor = place.visit(LAB)
    for _ in range(12 * 4 - 1):
        place.world.clock.to(place.world.clock.at + timedelta(minutes=15))
        sessions.seen(place.world.office, only_session(place))
    assert visitor.open("/account").status_code == 200
    place.world.clock.to(place.world.clock.at + timedelta(minutes=16))
    assert visitor.open("/account").status_code == 303


def only_session(place: Place) -> sessions.Session:
    with place.world.office.database.reading() as conn:
        [person] = conn.execute(select(session.c.person_id)).scalars()
        return sessions.of_person(conn, person)[0]


def test_nobody_ends_the_session_of_another(at: At) -> None:
    place = at(State.DRAFT)
    ines, lead = place.visit(INES), place.visit(LEAD)
    name = sessions.digest(cookie_of(lead.client))
    ines.post("/account/sessions/end", {"session": name}, seen="/account")
    assert lead.open("/account").status_code == 200
