"""What an installation's administrators do from the command line: found the house, add people, list."""

import secrets
from pathlib import Path
from typing import Any

from sqlalchemy import select

from review.acts.office import Office
from review.acts.people import make_link
from review.acts.perform import perform
from review.audit import checkpoint as notes
from review.records import schema, store
from review.records.tables import cases, credential
from review.rules.entities import Organization, Person, RoleGrant
from review.rules.facts import SYSTEM
from review.rules.given import Founders, Invitation, NewOrganization, RoleRequest, Target
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, Discipline, Role
from review.settings import ORIGIN_FILE, Settings


def found_house(settings: Settings, people: tuple[tuple[str, str], ...]) -> tuple[Path, ...]:
    """Schema, ledger key (0600), and a link for each of the two first administrators, in the mail folder."""
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.ledger_key.exists():
        notes.create_key(settings.ledger_key)
    (settings.data / ORIGIN_FILE).write_text(f"{settings.origin}\n", "utf-8")
    office = Office(settings)
    schema.upgrade(office.database)
    ids = perform(office, SYSTEM.id, Act.FOUND_HOUSE, None, Founders(people=people)).result.split()
    return tuple(mail_link(office, person_id, user) for person_id, (_, user) in zip(ids, people, strict=True))


def mail_link(office: Office, person_id: str, user_id: str) -> Path:
    """Write a one-time link to the mail folder, readable by the owner of the installation only."""
    link = make_link(office, person_id)
    office.settings.mail.mkdir(parents=True, exist_ok=True)
    path = office.settings.mail / f"{secrets.token_hex(8)}.eml"
    to = "".join(user_id.split())  # a line end would begin another header
    text = (
        f"To: {to}\nSubject: Set up your account\n\nOpen this link within 24 hours. It works once.\n{link}\n"
    )
    path.touch(mode=0o600)
    path.write_text(text, "utf-8")
    return path


def person_id(office: Office, user_id: str) -> str:
    """The id behind a mail address. Raises Refused."""
    with office.database.reading() as conn:
        found = conn.execute(
            select(credential.c.person_id).where(credential.c.user_id == user_id.strip().casefold())
        ).scalar_one_or_none()
    if found is None:
        raise Refused((Refusal(code="none", sentence=f"There is nobody with the address {user_id}."),))
    return str(found)


def case_id(office: Office, number: str) -> str:
    """The id behind a docket number. Raises Refused."""
    with office.database.reading() as conn:
        found = conn.execute(select(cases.c.id).where(cases.c.number == number)).scalar_one_or_none()
    if found is None:
        raise Refused((Refusal(code="none", sentence=f"There is no docket {number}."),))
    return str(found)


def add_person(office: Office, by: str, name: str, mail: str, lab: str | None, lab_role: Role | None) -> Path:
    """Invite a person, of the agency or of a lab."""
    administrator = person_id(office, by)
    lab_id = _lab(office, administrator, lab) if lab else None
    given = Invitation(user_id=mail, name=name, organization_id=lab_id, lab_role=lab_role)
    made = perform(office, administrator, Act.INVITE, None, given).result
    return mail_link(office, made, mail)


def _lab(office: Office, by: str, name: str) -> str:
    with office.database.reading() as conn:
        found = next((lab.id for lab in store.all_of(conn, Organization) if lab.name == name), None)
    return found or perform(office, by, Act.REGISTER_ORGANIZATION, None, NewOrganization(name=name)).result


def invite_again(office: Office, mail: str) -> Path:
    """A new one-time link for somebody who is there."""
    return mail_link(office, person_id(office, mail), mail)


def role(
    office: Office, by: str, mail: str, wanted: Role, disciplines: tuple[Discipline, ...], *, grant: bool
) -> str:
    """Ask for a role, or confirm the one that the other administrator asked for."""
    administrator, person = person_id(office, by), person_id(office, mail)
    if not grant:
        request = RoleRequest(person_id=person, role=wanted, disciplines=disciplines)
        perform(office, administrator, Act.REQUEST_ROLE, None, request)
        return f"Asked for {wanted.label.lower()}. The other administrator confirms it with --grant."
    with office.database.reading() as conn:
        grants = store.of_person(conn, RoleGrant, person)
    waiting = next(
        (g for g in grants if g.role is wanted and g.granted_by is None and g.ended_by is None), None
    )
    if waiting is None:
        raise Refused((Refusal(code="none", sentence="Nobody asked for this role."),))
    perform(office, administrator, Act.GRANT_ROLE, None, Target(target=waiting.id))
    return f"Granted: {wanted.label.lower()}."


def everybody(office: Office) -> list[dict[str, Any]]:
    """Every person with roles, as plain rows."""
    with office.database.reading() as conn:
        people = store.all_of(conn, Person)
        grants = store.all_of(conn, RoleGrant)
        labs = {lab.id: lab.name for lab in store.all_of(conn, Organization)}
    return [
        {
            "user_id": person.user_id,
            "name": person.name,
            "lab": labs.get(person.organization_id or ""),
            "active": person.active,
            "roles": [person.lab_role.value]
            if person.lab_role
            else sorted(g.role.value for g in grants if g.person_id == person.id and g.held),
        }
        for person in sorted(people, key=lambda p: p.user_id)
    ]


def docket(office: Office) -> list[dict[str, Any]]:
    """Every case, newest first: docket, state, lab, model."""
    with office.database.reading() as conn:
        rows = conn.execute(select(cases).order_by(cases.c.number.desc(), cases.c.id)).mappings().all()
    return [
        {
            "docket": row["number"],
            "state": row["state"],
            "lab": row["organization_name"],
            "model": row["model_name"],
            "configuration": row["configuration"],
        }
        for row in rows
    ]
