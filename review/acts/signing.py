"""Preparing to sign, and checking the two components of a signature (21 CFR 11.50, 11.70, 11.200).

What is signed is shown first: `prepare` builds the signed record, keeps its bytes, and the act consumes it. If
anything that it covers has changed meanwhile, the signature is refused and the signer reads again.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

import msgspec
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, delete, select, update

from review.acts.office import Office
from review.audit import canonical
from review.audit.text import kept
from review.casefile import gather
from review.records import store
from review.records.tables import credential, prepared
from review.rules import permissions, signature
from review.rules.entities import DisciplineReview
from review.rules.facts import Actor, Facts
from review.rules.given import Filing, ReviewOf, Target
from review.rules.refusals import Refusal, Refused
from review.rules.signature import RecordKind
from review.rules.vocabulary import Act, Meaning, Role
from review.rules.workflow import ROW, refusals

MAX_FAILURES = 5
LOCK_MINUTES = 15


class Signing(msgspec.Struct, frozen=True, kw_only=True):
    """What a signer gives: the prepared record, and both components, user id and password."""

    nonce: str
    user_id: str
    password: str


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A record ready to sign, as shown to its signer."""

    nonce: str
    meaning: Meaning
    role: Role
    kind: str
    content: dict[str, Any]
    content_sha256: str
    record: bytes
    record_sha256: str


SIGNED_AS: dict[Act, Role] = {
    Act.SUBMIT: Role.LAB_RA,
    Act.RESUBMIT_AFTER_REFUSAL: Role.LAB_RA,
    Act.SIGN_REVIEW: Role.REVIEWER,
    Act.RECOMMEND: Role.LEAD,
    Act.ISSUE_NOTICE: Role.SIGNATORY,
    Act.ISSUE_NEW_NOTICE: Role.SIGNATORY,
    Act.CONCUR_LEGAL_SUFFICIENCY: Role.COUNSEL,
    Act.RECORD_PANEL_ADVICE: Role.SIGNATORY,
    Act.RATIFY: Role.RATIFIER,
    Act.APPROVE: Role.SIGNATORY,
    Act.RESTRICT: Role.SIGNATORY,
    Act.DENY: Role.SIGNATORY,
}


def content(act: Act, f: Facts, given: Any) -> tuple[RecordKind, str | None, dict[str, Any]]:
    """What a signature of this act covers now: kind of record, its id if it exists, and the content."""
    if act in {Act.SUBMIT, Act.RESUBMIT_AFTER_REFUSAL}:
        assert isinstance(given, Filing)
        items = [item for item in f.evidence if item.withdrawn is None]
        return RecordKind.FILING, None, signature.filing_content(given.answers, given.instruments, items)
    if act is Act.SIGN_REVIEW:
        review = review_to_sign(f, given)
        return RecordKind.REVIEW, review.id, signature.of_review(review, f.findings)
    if act is Act.RECOMMEND:
        assert f.memo is not None
        return RecordKind.MEMO, f.memo.id, signature.of_memo(f.memo)
    if act is Act.RECORD_PANEL_ADVICE:
        return RecordKind.PANEL, f.panel.id if f.panel else None, dict(msgspec.to_builtins(given))
    if act in {Act.ISSUE_NOTICE, Act.ISSUE_NEW_NOTICE} or (
        isinstance(given, Target) and given.target == "notice"
    ):
        assert f.draft_notice is not None
        return RecordKind.NOTICE, f.draft_notice.id, signature.of_notice(f.draft_notice)
    assert f.decision is not None
    return RecordKind.DECISION, f.decision.id, signature.of_decision(f.decision)


def review_to_sign(f: Facts, given: Any) -> DisciplineReview:
    """The reviewer's own review of the discipline named."""
    wanted = given.discipline if isinstance(given, ReviewOf) else None
    for review in f.live_reviews:
        if review.person_id == f.actor.id and (wanted is None or review.discipline is wanted):
            return review
    raise Refused((Refusal(code="review_ready", sentence="You have no review here yet.", place="review"),))


def prepare(office: Office, by: str, act: Act, case_id: str, given: Any = None) -> Prepared:
    """Build what will be signed, keep its exact bytes, and return it to be shown.

    Raises Refused when the act is not open. Nothing enters the record: preparing is not an act.
    """
    row, given = ROW[act], kept(given)
    assert row.signature is not None
    with office.database.writing() as conn:
        case = store.case(conn, case_id)
        person = gather.actor(conn, by)
        if case is None:
            raise Refused((Refusal(code="none", sentence="There is nothing here for you."),))
        f = gather.facts(conn, case, person, office.now(), given=given, lacking=gather.missing)
        if not permissions.may_know(f):
            raise Refused((Refusal(code="none", sentence="There is nothing here for you."),))
        found = refusals(row, f)
        if found:
            raise Refused(found)
        kind, _, covered = content(act, f, given)
        made = build(f, act, kind, covered)
        conn.execute(
            delete(prepared).where(
                prepared.c.person_id == by, prepared.c.case_id == case_id, prepared.c.act == act.value
            )
        )
        conn.execute(
            prepared.insert().values(
                nonce=made.nonce,
                person_id=by,
                case_id=case_id,
                act=act.value,
                record_kind=kind.value,
                content_sha256=made.content_sha256,
                record=made.record,
                given=msgspec.json.encode(given),
                opened_at=canonical.moment(office.now()),
            )
        )
    return made


def build(f: Facts, act: Act, kind: RecordKind, covered: dict[str, Any], nonce: str = "") -> Prepared:
    """The signed record's bytes, with a nonce of its own."""
    meaning = ROW[act].signature
    assert meaning is not None and f.case is not None
    role, chance = SIGNED_AS[act], nonce or secrets.token_hex(16)
    where = {"id": f.case.id, "number": f.case.number or ""}
    record = canonical.encode(
        signature.signed_record(
            signer=f.actor,
            role=role,
            meaning=meaning,
            case=where,
            kind=kind.value,
            content=covered,
            nonce=chance,
        )
    )
    return Prepared(
        nonce=chance,
        meaning=meaning,
        role=role,
        kind=kind.value,
        content=covered,
        content_sha256=canonical.digest(covered),
        record=record,
        record_sha256=hashlib.sha256(record).hexdigest(),
    )


def stored(conn: Connection, by: str, case_id: str, act: Act, nonce: str) -> Any:
    """The prepared row that a signing names, or None when it is not this person's, case's and act's."""
    statement = select(prepared).where(
        prepared.c.nonce == nonce,
        prepared.c.person_id == by,
        prepared.c.case_id == case_id,
        prepared.c.act == act.value,
    )
    return conn.execute(statement).mappings().one_or_none()


def consume(conn: Connection, nonce: str) -> None:
    conn.execute(delete(prepared).where(prepared.c.nonce == nonce))


def check_components(office: Office, person: Actor, signing: Signing) -> None:
    """Verify user id and password, outside any transaction; the fifth failure locks (21 CFR 11.300(d))."""
    with office.database.reading() as conn:
        row = (
            conn.execute(select(credential).where(credential.c.person_id == person.id))
            .mappings()
            .one_or_none()
        )
    now = canonical.moment(office.now())
    if row is not None and row["locked_until"] and row["locked_until"] > now:
        raise Refused(
            (_wrong("This account is locked for a quarter of an hour after five wrong passwords."),)
        )
    matches = row is not None and signing.user_id.strip().casefold() == row["user_id"]
    try:
        office.hasher.verify(row["password_hash"] if row is not None else DUMMY_HASH, signing.password)
    except VerifyMismatchError:
        matches = False
    if row is None or not matches:
        count_failure(office, person.id, row)
        raise Refused((_wrong("User id or password is not right. Nothing was signed."),))
    if row["failures"]:
        with office.database.writing() as conn:
            conn.execute(
                update(credential)
                .where(credential.c.person_id == person.id)
                .values(failures=0, locked_until=None)
            )


def count_failure(office: Office, person_id: str, row: Any) -> None:
    """Remember a failed attempt; the fifth locks the account for a while."""
    if row is None:
        return
    until = canonical.moment(office.now() + timedelta(minutes=LOCK_MINUTES))
    mine = select(credential.c.failures).where(credential.c.person_id == person_id).with_for_update()
    with office.database.writing() as conn:
        # Counted here and not from `row`: attempts sent at once would all count as the same one.
        failures = int(conn.execute(mine).scalar_one()) + 1
        closes = failures >= MAX_FAILURES
        changed = {"failures": 0, "locked_until": until} if closes else {"failures": failures}
        conn.execute(update(credential).where(credential.c.person_id == person_id).values(**changed))


DUMMY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$fxbTAHS03VQsRkGbzMBpxOgTWyhT2kXWCTZZDZYqIVI"
)
"""Verified when there is no such account, so that both answers take as long."""


def _wrong(sentence: str) -> Refusal:
    return Refusal(code="signature", sentence=sentence, citation="21 CFR 11.200(a)")
