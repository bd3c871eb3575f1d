"""People: labs, invitations, roles that two administrators grant, accounts that are never given to another."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select

from review.acts.door import Door, act
from review.acts.office import Office
from review.audit import canonical
from review.records import store
from review.records.tables import credential, invitation, session
from review.rules.entities import Organization, Person, RoleGrant
from review.rules.facts import SYSTEM
from review.rules.given import Founders, Invitation, NewOrganization, RoleRequest, Target
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, Role

LINK_HOURS = 24
LEAST_ADMINISTRATORS = 2
"""With fewer, nobody could grant a role (two-person rule)."""

PASSWORD_LENGTH = 12


@act(Act.FOUND_HOUSE)
def found_house(door: Door, given: Founders) -> None:
    """H00: the first two administrators, once, when nobody is there yet."""
    if store.all_of(door.conn, Person):
        raise Refused((Refusal(code="founded", sentence="This house has its administrators already."),))
    if len({user_id.casefold() for _, user_id in given.people}) != 2:
        raise Refused((Refusal(code="founded", sentence="Name two different administrators."),))
    made = [_new_person(door, Invitation(user_id=user_id, name=name)) for name, user_id in given.people]
    for person, other in zip(made, reversed(made), strict=True):
        grant = RoleGrant(
            id=door.new_id(),
            person_id=person.id,
            role=Role.SYS_ADMIN,
            requested_by=SYSTEM.id,
            granted_by=other.id,
        )
        door.put(grant)
    door.result = " ".join(person.id for person in made)


@act(Act.REGISTER_ORGANIZATION)
def register_organization(door: Door, given: NewOrganization) -> None:
    """H01: a lab, not yet verified."""
    made = door.put(Organization(id=door.new_id(), name=given.name.strip()))
    door.result = made.id


@act(Act.VERIFY_ORGANIZATION)
def verify_organization(door: Door, given: Target) -> None:
    """H02: an agency person verifies a lab before it can file."""
    lab = store.get(door.conn, Organization, given.target)
    if lab is None:
        raise Refused((Refusal(code="none", sentence="There is no such lab."),))
    door.change(lab, verified_by=door.f.actor.id)


@act(Act.INVITE)
def invite(door: Door, given: Invitation) -> None:
    """H03: a person, who sets up the account by a one-time link."""
    door.result = _new_person(door, given).id


def _new_person(door: Door, given: Invitation) -> Person:
    user_id = given.user_id.strip().casefold()
    taken = door.conn.execute(select(credential.c.person_id).where(credential.c.user_id == user_id)).first()
    if taken is not None:
        raise Refused(
            (
                Refusal(
                    code="user_id",
                    sentence="This user id belongs to somebody already.",
                    citation="21 CFR 11.100(a)",
                ),
            )
        )
    person = door.put(
        Person(
            id=door.new_id(),
            user_id=user_id,
            name=given.name.strip(),
            title=given.title.strip(),
            organization_id=given.organization_id,
            lab_role=given.lab_role,
        )
    )
    door.conn.execute(
        credential.insert().values(
            person_id=person.id, user_id=user_id, password_hash="", set_at=canonical.moment(door.now)
        )
    )
    return person


@act(Act.REQUEST_ROLE)
def request_role(door: Door, given: RoleRequest) -> None:
    """H04: one administrator asks."""
    made = door.put(
        RoleGrant(
            id=door.new_id(),
            person_id=given.person_id,
            role=given.role,
            disciplines=given.disciplines,
            requested_by=door.f.actor.id,
        )
    )
    door.result = made.id


@act(Act.GRANT_ROLE)
def grant_role(door: Door, given: Target) -> None:
    """H05: the other administrator grants."""
    if door.f.grant is None:
        raise Refused((Refusal(code="none", sentence="Nobody asked for this role."),))
    door.change(door.f.grant, granted_by=door.f.actor.id)


@act(Act.END_ROLE)
def end_role(door: Door, given: Target) -> None:
    """H06: a role ends; what was done under it stays."""
    if door.f.grant is None:
        raise Refused((Refusal(code="none", sentence="There is no such role."),))
    if door.f.grant.role is Role.SYS_ADMIN and _administrators(door) <= LEAST_ADMINISTRATORS:
        raise Refused(
            (Refusal(code="two_persons", sentence="Two administrators must stay. Add a third first."),)
        )
    door.change(door.f.grant, ended_by=door.f.actor.id)


def _administrators(door: Door) -> int:
    return sum(grant.held and grant.role is Role.SYS_ADMIN for grant in store.all_of(door.conn, RoleGrant))


@act(Act.DEACTIVATE)
def deactivate(door: Door, given: Target) -> None:
    """H07: the account is closed, never deleted; its sessions end at once."""
    person = store.get(door.conn, Person, given.target)
    if person is None:
        raise Refused((Refusal(code="none", sentence="There is no such person."),))
    door.change(person, active=False)
    door.conn.execute(session.delete().where(session.c.person_id == person.id))


# Accounts: not acts, because they hold secrets --------------------------------------------------


def make_link(office: Office, person_id: str) -> str:
    """A one-time link to set up an account; it lasts 24 hours and works once. Only its hash is kept."""
    token = secrets.token_urlsafe(32)
    until = canonical.moment(office.now() + timedelta(hours=LINK_HOURS))
    with office.database.writing() as conn:
        conn.execute(
            invitation.insert().values(
                token_sha256=hashlib.sha256(token.encode()).hexdigest(), person_id=person_id, expires_at=until
            )
        )
    return f"{office.settings.address}/account/{token}"


def set_password(office: Office, token: str, password: str) -> str:
    """Use a one-time link to set a password; return the person's id. Raises Refused."""
    if len(password) < PASSWORD_LENGTH:
        sentence = f"Give at least {PASSWORD_LENGTH} characters. You gave {len(password)}."
        raise Refused((Refusal(code="password", sentence=sentence),))
    hashed = office.hasher.hash(password)
    now = canonical.moment(office.now())
    key = hashlib.sha256(token.encode()).hexdigest()
    with office.database.writing() as conn:
        row = (
            conn.execute(select(invitation).where(invitation.c.token_sha256 == key)).mappings().one_or_none()
        )
        if row is None or row["used_at"] is not None or row["expires_at"] < now:
            raise Refused((Refusal(code="link", sentence="This link was used already or has expired."),))
        conn.execute(invitation.update().where(invitation.c.token_sha256 == key).values(used_at=now))
        conn.execute(
            credential.update()
            .where(credential.c.person_id == row["person_id"])
            .values(password_hash=hashed, failures=0, locked_until=None, set_at=now)
        )
        conn.execute(session.delete().where(session.c.person_id == row["person_id"]))
    return str(row["person_id"])
