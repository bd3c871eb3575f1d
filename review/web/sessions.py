"""Sessions are rows, not promises: a cookie names one, the table holds it, and ending it works at once."""

import hashlib
import secrets
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select, update

from review.acts.office import Office
from review.audit import canonical
from review.casefile import gather
from review.records.tables import session
from review.rules import policy
from review.rules.facts import Actor
from review.rules.vocabulary import Role

OFFICIALS = frozenset({Role.SIGNATORY, Role.RATIFIER})
"""They decide, so an unattended screen of theirs closes sooner (NIST SP 800-63B-4, AAL3)."""

SEEN_EVERY = timedelta(minutes=1)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """One signed-in browser. `token_sha256` names the row; the token itself is in the cookie only."""

    token_sha256: str
    person_id: str
    csrf: str
    created_at: datetime
    seen_at: datetime
    signed_at: datetime | None


def begin(office: Office, person_id: str) -> str:
    """A new session for a person who has just proved who it is; returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    now = canonical.moment(office.now())
    limit = timedelta(minutes=policy.current().sessions.absolute_minutes)
    with office.database.writing() as conn:
        conn.execute(delete(session).where(session.c.created_at < canonical.moment(office.now() - limit)))
        conn.execute(
            session.insert().values(
                token_sha256=digest(token),
                person_id=person_id,
                csrf=secrets.token_urlsafe(24),
                created_at=now,
                seen_at=now,
            )
        )
    return token


def find(conn: Connection, token: str, now: datetime) -> tuple[Session, Actor] | None:
    """The session that a cookie names and its person, unless it is over; rights are read anew each time."""
    row = (
        conn.execute(select(session).where(session.c.token_sha256 == digest(token))).mappings().one_or_none()
    )
    if row is None or row["person_id"] is None:
        return None
    found = _session(row)
    person = gather.actor(conn, found.person_id)
    if not person.id or over(found, person, now):
        return None
    return found, person


def over(found: Session, person: Actor, now: datetime) -> bool:
    """Whether a session has lasted too long, or nobody has used it for too long."""
    limits = policy.current().sessions
    idle = limits.idle_minutes_official if person.roles & OFFICIALS else limits.idle_minutes
    return now - found.seen_at > timedelta(minutes=idle) or now - found.created_at > timedelta(
        minutes=limits.absolute_minutes
    )


def seen(office: Office, found: Session) -> None:
    """Note the use of a session, at most once a minute."""
    now = office.now()
    if now - found.seen_at < SEEN_EVERY:
        return
    with office.database.writing() as conn:
        conn.execute(
            update(session)
            .where(session.c.token_sha256 == found.token_sha256)
            .values(seen_at=canonical.moment(now))
        )


def signed(office: Office, found: Session) -> None:
    """Note the first signing of a session, which asked for both components (21 CFR 11.200(a)(1))."""
    if found.signed_at is not None:
        return
    with office.database.writing() as conn:
        conn.execute(
            update(session)
            .where(session.c.token_sha256 == found.token_sha256)
            .values(signed_at=canonical.moment(office.now()))
        )


def end(office: Office, token_sha256: str, person_id: str) -> None:
    """End one session of a person."""
    with office.database.writing() as conn:
        conn.execute(
            delete(session).where(session.c.token_sha256 == token_sha256, session.c.person_id == person_id)
        )


def of_person(conn: Connection, person_id: str) -> tuple[Session, ...]:
    """A person's sessions, newest first."""
    statement = select(session).where(session.c.person_id == person_id).order_by(session.c.created_at.desc())
    return tuple(_session(row) for row in conn.execute(statement).mappings())


def _session(row: RowMapping) -> Session:
    return msgspec.convert({name: row[name] for name in Session.__struct_fields__}, Session)


def digest(token: str) -> str:
    """What the table keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
