"""The door: the only writer of the record.

One transaction: lock, ask the table, the map and every guard; open the event; let the act's function say what
changes; write records, state, debts and turns; seal the event. A refused act leaves the state untouched, and is
recorded when a signed-in person tried it on a case that the person may see.
"""

import hashlib
from contextlib import suppress
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from review.acts import assessment, decision, documents, filing, indexes, intake, people, signing
from review.acts.door import FUNCTIONS, Door
from review.acts.office import Office
from review.acts.signing import Signing
from review.audit import canonical, ledger
from review.audit.text import kept
from review.casefile import gather
from review.records import store
from review.records.tables import case_index, cases, idempotency
from review.rules import deadlines, guards, permissions
from review.rules.entities import Case, Signature
from review.rules.facts import SYSTEM, Facts
from review.rules.given import Warning as WarningGiven
from review.rules.refusals import Refusal, Refused
from review.rules.vocabulary import Act, State
from review.rules.workflow import ROW, Row, due, refusals

__all__ = [
    "FUNCTIONS",
    "Done",
    "assessment",
    "decision",
    "documents",
    "filing",
    "intake",
    "people",
    "perform",
    "run_due",
]

CHECKS_FILES = frozenset({"files_intact", "G-EVID", "findings_cite", "signatures_valid", "review_ready"})
NOT_HERE = Refusal(code="none", sentence="There is nothing here for you.")


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """What an act did: its event, its case, and a result of its own (a new id, a number)."""

    index: int
    case_id: str | None
    result: str = ""
    repeated: bool = False


class Conflict(Exception):
    """The same key came with another body: both are left to the person."""


def perform(
    office: Office,
    by: str,
    act: Act,
    on: str | None = None,
    given: Any = None,
    *,
    signing_with: Signing | None = None,
    key: str | None = None,
    expects: int | None = None,
) -> Done:
    """Do one act, wholly or not at all.

    `by` is a person's id, `on` a case id or None for acts on people. `key` makes a repeated post one effect.
    `expects` is the newest event that the person's page showed; another one since is refused as stale.
    Raises Refused with every refusal, Conflict for a key that came with another body.
    """
    row, given = ROW[act], kept(given)
    f = _before(office, by, row, on, given)
    if row.signature is not None:
        if signing_with is None:
            raise Refused((Refusal(code="signature", sentence="This act needs your signature."),))
        signing.check_components(office, f.actor, signing_with)
    broken = _broken(office, row, f)
    try:
        with office.database.writing() as conn:
            repeated = _repeated(conn, by, key, act, on, given)
            if repeated is not None:
                return repeated
            done = _in_transaction(office, conn, by, row, on, given, signing_with, broken, expects)
            _remember(conn, by, key, act, on, given, done)
    except Refused as refused:
        _record_refusal(office, by, act, on, refused)
        raise
    checkpoint(office)
    return done


def checkpoint(office: Office) -> None:
    """Sign the head of the ledger; after each act, in a transaction of its own."""
    with office.database.writing() as conn:
        ledger.checkpoint(conn, office.key, office.origin, utc=canonical.moment(office.now()))


def run_due(office: Office) -> int:
    """Do what is due by itself: lapses and warnings, each exactly once, through the same door."""
    count = 0
    with office.database.reading() as conn:
        now = gather.facts(conn, None, SYSTEM, office.now())
        statement = select(case_index.c.case_id).where(
            case_index.c.timer_on.is_not(None), case_index.c.timer_on <= now.today.isoformat()
        )
        waiting = list(conn.execute(statement).scalars())
    for case_id in waiting:
        # Another worker may have been first: then the act is refused here, and nothing is left to do.
        with suppress(Refused):
            count += _run_due_case(office, case_id)
    return count


def _run_due_case(office: Office, case_id: str) -> int:
    """Warnings first, then the lapse that they precede."""
    count = 0
    for _ in range(len(State)):
        with office.database.reading() as conn:
            case = store.case(conn, case_id)
            if case is None:
                return count
            f = gather.facts(conn, case, SYSTEM, office.now())
        warning = deadlines.warning_due(f)
        rows = due(f)
        if warning is not None:
            perform(office, SYSTEM.id, Act.WARN, case_id, WarningGiven(key=warning))
        elif rows:
            perform(office, SYSTEM.id, rows[0].act, case_id)
        else:
            return count
        count += 1
    return count


def _before(office: Office, by: str, row: Row, on: str | None, given: Any) -> Facts:
    """A first look outside the transaction: who acts, and whether the case is there for that person."""
    with office.database.reading() as conn:
        person = gather.actor(conn, by)
        case = store.case(conn, on) if on is not None else None
        if on is not None and case is None:
            raise Refused((NOT_HERE,))
        f = gather.facts(conn, case, person, office.now(), given=given)
    if case is not None and not permissions.may_know(f):
        raise Refused((NOT_HERE,))
    return f


def _broken(office: Office, row: Row, f: Facts) -> frozenset[str]:
    """Re-hash what a decisive act relies on, before the transaction: it is slow."""
    if f.case is None or not CHECKS_FILES & set(row.guards):
        return frozenset()
    return gather.broken_files(office.files, f)


def _in_transaction(
    office: Office,
    conn: Connection,
    by: str,
    row: Row,
    on: str | None,
    given: Any,
    signing_with: Signing | None,
    broken: frozenset[str],
    expects: int | None,
) -> Done:
    case = _locked(conn, on)
    f = _facts(office, conn, case, by, row, given, broken)
    found = refusals(row, f)
    if found:
        raise Refused(found)
    if expects is not None and on is not None and (newest := newest_event(conn, on)) != expects:
        raise Refused((_stale(newest),))
    signature = _signature(office, conn, f, row, given, signing_with) if row.signature else None
    done = _write(office, conn, f, row, given, signature)
    for follow in row.then:
        next_case = _locked(conn, done.case_id)
        next_facts = _facts(office, conn, next_case, SYSTEM.id, ROW[follow], None, frozenset())
        barred = refusals(ROW[follow], next_facts)
        if barred:
            raise Refused(barred)
        later = _write(office, conn, next_facts, ROW[follow], None, None, on_behalf_of=by)
        done = msgspec.structs.replace(done, index=later.index)
    if done.case_id is not None:
        indexes.refresh(conn, done.case_id, office.now())
    return done


def _locked(conn: Connection, on: str | None) -> Case | None:
    if on is None:
        return None
    row = conn.execute(select(cases).where(cases.c.id == on).with_for_update()).mappings().one_or_none()
    if row is None:
        raise Refused((NOT_HERE,))
    return store.case_from_row(row)


def _facts(
    office: Office, conn: Connection, case: Case | None, by: str, row: Row, given: Any, broken: frozenset[str]
) -> Facts:
    person = gather.actor(conn, by)
    lacking = gather.missing if "complete" in row.guards else None
    f = gather.facts(conn, case, person, office.now(), given=given, lacking=lacking)
    if row.act is Act.ASSIGN_ROLE or case is None:
        f = gather.house_facts(conn, f)
    return msgspec.structs.replace(f, broken_files=broken) if broken else f


def _write(
    office: Office,
    conn: Connection,
    f: Facts,
    row: Row,
    given: Any,
    signature: Signature | None,
    on_behalf_of: str | None = None,
) -> Done:
    """Open the event, let the act say what changes, write it all, seal the event."""
    door = Door(office, conn, f, row, signature)
    door.reason = guards.reason_text(f)
    if signature is not None:
        door.put(signature)
        door.relied_on.append(signature.record_sha256)
    FUNCTIONS[row.act](door, given)
    for document in door.documents:
        door.owe(document)
    case = door.case
    if case is not None and row.to is not None:
        case = msgspec.structs.replace(case, state=row.to)
    from_state = f.case.state.value if f.case else None
    index = ledger.open_event(
        conn,
        utc=canonical.moment(f.now),
        act=row.act.value,
        case_id=case.id if case else None,
        case_tag=case.tag if case else "",
        from_state=from_state,
        to_state=case.state.value if case else None,
    )
    parts = [ledger.Part("actor", _who(door, on_behalf_of))]
    if door.reason:
        parts.append(ledger.Part("reason", {"text": door.reason}))
    if door.relied_on:
        parts.append(ledger.Part("relied_on", sorted(door.relied_on)))
    if case is not None:
        parts += _write_case(conn, index, f.case, case)
    for before, after in door.pending():
        store.write(conn, index, after, before)
        old = store.encode(before) if before is not None else None
        parts.append(ledger.change(after.kind, after.id, after.schema, old, store.encode(after)))
    ledger.seal(conn, index, parts, salts=office.salts)
    indexes.tell(conn, door, case, index)
    return Done(index=index, case_id=case.id if case else None, result=door.result)


def _who(door: Door, on_behalf_of: str | None) -> dict[str, Any]:
    actor = door.f.actor
    role = door.my_role()
    who: dict[str, Any] = {"id": actor.id, "name": actor.name, "role": role.value if role else ""}
    if on_behalf_of is not None:
        who["on_behalf_of"] = on_behalf_of
    return who


def _write_case(conn: Connection, index: int, before: Case | None, after: Case) -> list[ledger.Part]:
    """The case's own row; a move of its state names the event that moves it."""
    if before == after:
        return []
    values = store.case_to_row(after)
    if before is None:
        conn.execute(cases.insert().values(**values, moved_by=index))
    else:
        moved = {"moved_by": index} if before.state != after.state else {}
        old = store.case_to_row(before)
        changed = {key: value for key, value in values.items() if old[key] != value}
        conn.execute(cases.update().where(cases.c.id == after.id).values(**changed, **moved))
    old_body = store.encode(before) if before is not None else None
    return [ledger.change("case", after.id, Case.schema, old_body, store.encode(after))]


def _signature(
    office: Office, conn: Connection, f: Facts, row: Row, given: Any, signing_with: Signing | None
) -> Signature:
    """Turn a prepared record into a signature, if what it covers is unchanged since it was opened (G-VERSION)."""
    assert signing_with is not None and f.case is not None and row.signature is not None
    opened = signing.stored(conn, f.actor.id, f.case.id, row.act, signing_with.nonce)
    kind, record_id, covered = signing.content(row.act, f, given)
    if opened is None or opened["content_sha256"] != canonical.digest(covered):
        raise Refused(
            (
                Refusal(
                    code="G-VERSION",
                    sentence="The text changed after you opened it. Read the new version, then sign.",
                    citation="21 CFR 11.70",
                ),
            )
        )
    signing.consume(conn, signing_with.nonce)
    record_sha256 = office.files.put_bytes(f.case.id, opened["record"])
    return Signature(
        id=office.ids(),
        case_id=f.case.id,
        person_id=f.actor.id,
        printed_name=f.actor.name,
        user_id=f.actor.user_id,
        role=signing.SIGNED_AS[row.act],
        meaning=row.signature,
        record_kind=kind.value,
        record_id=record_id or office.ids(),
        content_sha256=opened["content_sha256"],
        record_sha256=record_sha256,
        at=f.now,
    )


# Repeats, refusals ------------------------------------------------------------------------------


def _body(act: Act, on: str | None, given: Any) -> str:
    return hashlib.sha256(msgspec.json.encode([act.value, on, given], order="sorted")).hexdigest()


def _repeated(
    conn: Connection, by: str, key: str | None, act: Act, on: str | None, given: Any
) -> Done | None:
    """Same key and body: the same answer, one effect."""
    if key is None:
        return None
    statement = select(idempotency).where(idempotency.c.person_id == by, idempotency.c.key == key)
    row = conn.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    if row["body_sha256"] != _body(act, on, given):
        raise Conflict("This form was sent before with other content.")
    return Done(index=row["event"], case_id=row["case_id"], result=row["result"], repeated=True)


def _remember(
    conn: Connection, by: str, key: str | None, act: Act, on: str | None, given: Any, done: Done
) -> None:
    if key is None:
        return
    values = {"person_id": by, "key": key, "body_sha256": _body(act, on, given), "event": done.index}
    conn.execute(idempotency.insert().values(**values, case_id=done.case_id, result=done.result))


def newest_event(conn: Connection, case_id: str) -> int:
    """The index of the newest event of a case."""
    statement = 'SELECT max("index") FROM event WHERE case_id = '
    mark = "?" if conn.dialect.name == "sqlite" else "%s"
    return int(conn.exec_driver_sql(statement + mark, (case_id,)).scalar_one())


def _stale(newest: int) -> Refusal:
    return Refusal(
        code="stale",
        sentence=f"Somebody acted on this case after you opened the page: entry {newest:,}. Nothing was changed.",
        place="now",
    )


def _record_refusal(office: Office, by: str, act: Act, on: str | None, refused: Refused) -> None:
    """Keep a refused act of a signed-in person on a case that the person may see; others cannot grow the ledger."""
    if on is None or any(r.code in {"none", "signature"} for r in refused.refusals):
        return
    with office.database.writing() as conn:
        case = store.case(conn, on)
        if case is None:
            return
        f = gather.facts(conn, case, gather.actor(conn, by), office.now())
        if not permissions.may_know(f):
            return
        index = ledger.open_event(
            conn,
            utc=canonical.moment(f.now),
            act=Act.REFUSED.value,
            case_id=case.id,
            case_tag=case.tag,
            from_state=case.state.value,
            to_state=case.state.value,
        )
        parts = [
            ledger.Part("actor", {"id": f.actor.id, "name": f.actor.name, "role": ""}),
            ledger.Part(
                "refused", {"act": act.value, "because": [[r.code, r.sentence] for r in refused.refusals]}
            ),
        ]
        ledger.seal(conn, index, parts, salts=office.salts)
    checkpoint(office)
