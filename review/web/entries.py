"""Entries of the ledger as an auditor reads them: the list by keyset, one entry with what it changed, its proof."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, select

from review.audit import ledger, merkle, receipt
from review.audit.tables import event, event_part
from review.casefile import gather
from review.records.tables import cases
from review.rules.entities import Case
from review.rules.vocabulary import Act, Role, State
from review.web import difference
from review.web.difference import Changed

PAGE = 50
LAST = 2**62

LAB_OWN_ACTS = frozenset(
    act.value
    for act in (
        Act.SUBMIT,
        Act.RESUBMIT_AFTER_REFUSAL,
        Act.FILE_OVER_PROTEST,
        Act.RESPOND_TO_INFORMATION_REQUEST,
        Act.ANSWER_NOTICE,
        Act.WITHDRAW,
    )
)
"""Acts of the lab itself, whose receipts it gets; the names in them are its own people's."""

DISCLOSED_KINDS = frozenset({"filing_version", "case", "signature"})
DISCLOSED_PARTS = frozenset({"actor", "reason"})


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an auditor filters by."""

    act: str = ""
    case: str = ""
    person: str = ""
    before: int = LAST


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One entry in a list."""

    index: int
    at: datetime
    act: str
    title: str
    why: str
    who: str
    number: str
    case_id: str | None
    refused: bool


class ChangedRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record that an entry changed; `rows` are empty when its text was erased by order or is not shown."""

    kind: str
    record_id: str
    new: bool
    rows: list[Changed]
    same: int
    note: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ledger, read."""

    index: int
    at: datetime
    act: str
    title: str
    who: str
    role: str
    reason: str
    because: list[str]
    from_state: str
    to_state: str
    case_id: str | None
    number: str
    changes: list[ChangedRecord]
    others: list[tuple[str, str]]
    parts: int
    erased: int


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """Where an entry stands in the tree, and under which signed checkpoint."""

    leaf: str
    size: int
    root: str
    path: list[str]
    origin: str
    signed_at: datetime | None
    covered: bool


def lines(conn: Connection, asked: Asked, limit: int = PAGE) -> tuple[list[Line], int | None]:
    """A page of entries, newest first, and where the next page begins; one statement."""
    actor, refused = event_part.alias(), event_part.alias()
    query = (
        select(
            event.c.index,
            event.c.utc,
            event.c.act,
            event.c.case_id,
            cases.c.number,
            actor.c.body.label("actor"),
            refused.c.body.label("refused"),
        )
        .join(actor, and_(actor.c.event == event.c.index, actor.c.name == "actor"), isouter=True)
        .join(refused, and_(refused.c.event == event.c.index, refused.c.name == "refused"), isouter=True)
        .join(cases, cases.c.id == event.c.case_id, isouter=True)
        .where(event.c.index < asked.before)
    )
    if asked.act:
        query = query.where(event.c.act == asked.act)
    if asked.case:
        query = query.where((cases.c.number == asked.case.upper()) | (event.c.case_id == asked.case))
    if asked.person:
        query = query.where(actor.c.body.icontains(asked.person, autoescape=True))
    found = conn.execute(query.order_by(event.c.index.desc()).limit(limit + 1)).mappings().all()
    made = [_line(dict(row)) for row in found[:limit]]
    return made, made[-1].index if len(found) > limit else None


def _line(row: dict[str, Any]) -> Line:
    who = msgspec.json.decode(row["actor"]) if row["actor"] else {}
    refused = msgspec.json.decode(row["refused"]) if row["refused"] else {}
    return Line(
        index=row["index"],
        at=datetime.fromisoformat(row["utc"]),
        act=row["act"],
        title=not_done(refused) if refused else title_of(row["act"]),
        why=" ".join(sentence for _, sentence in refused.get("because", [])),
        who=who.get("name", ""),
        number=row["number"] or "",
        case_id=row["case_id"],
        refused=row["act"] == Act.REFUSED.value,
    )


def title_of(act: str) -> str:
    """What happened, in words; an act that this version does not know keeps its name."""
    known = {one.value: one for one in Act}.get(act)
    return gather.DONE.get(known, known.label) if known is not None else act


def not_done(refused: dict[str, Any]) -> str:
    """A refused act, by the act that was tried."""
    tried = next((act.label for act in Act if act.value == refused.get("act")), "an act")
    return f"Not done: {tried[:1].lower()}{tried[1:]}"


def case_of(conn: Connection, index: int) -> tuple[str | None, str, str | None]:
    """The case that an entry concerns: id, docket number, state now."""
    query = (
        select(event.c.case_id, cases.c.number, cases.c.state)
        .join(cases, cases.c.id == event.c.case_id, isouter=True)
        .where(event.c.index == index)
    )
    row = conn.execute(query).one_or_none()
    return (None, "", None) if row is None else (row.case_id, row.number or "", row.state)


def read(conn: Connection, index: int) -> Entry:
    """One entry with its changes. Raises LedgerFault when there is none."""
    sealed = ledger.read_event(conn, index)
    case_id, number, state = case_of(conn, index)
    hidden = state == State.DRAFT.value
    bodies = {part.name: msgspec.json.decode(part.body) for part in sealed.parts if part.body is not None}
    refused = bodies.get("refused", {})
    who = bodies.get("actor", {})
    return Entry(
        index=index,
        at=datetime.fromisoformat(sealed.utc),
        act=sealed.act,
        title=not_done(refused) if refused else title_of(sealed.act),
        who=who.get("name", ""),
        role=_role(who.get("role", "")),
        reason=bodies.get("reason", {}).get("text", ""),
        because=[sentence for _, sentence in refused.get("because", [])],
        from_state=_state(sealed.from_state),
        to_state=_state(sealed.to_state),
        case_id=case_id,
        number=number,
        changes=[_changed(part, hidden) for part in sealed.parts if part.name == "change"],
        others=[
            (part.name.replace("_", " "), part.body or "erased by order")
            for part in sealed.parts
            if part.name not in {"change", "actor", "reason", "refused"}
        ],
        parts=len(sealed.parts),
        erased=sum(part.body is None for part in sealed.parts),
    )


def _role(value: str) -> str:
    """The role's label; an actor's own name says it already where the system acts."""
    return Role(value).label.lower() if value in Role.__members__ and value != Role.SYS.value else ""


def _state(value: str | None) -> str:
    return State(value).label if value is not None and value in State.__members__ else value or ""


def _changed(part: ledger.SealedPart, hidden: bool) -> ChangedRecord:
    kind, record_id = (part.kind or "").replace("_", " "), part.record_id or ""
    if part.body is None or hidden:
        note = (
            "Erased by order; its digest remains."
            if part.body is None
            else "A draft. Its text opens once filed."
        )
        return ChangedRecord(kind=kind, record_id=record_id, new=False, rows=[], same=0, note=note)
    body = msgspec.json.decode(part.body)
    rows, same = difference.rows(body["before"] or {}, body["after"] or {})
    return ChangedRecord(kind=kind, record_id=record_id, new=body["before"] is None, rows=rows, same=same)


def proof(conn: Connection, index: int, origin: str) -> Proof:
    """The entry's place in the tree. Raises LedgerFault when there is no such entry."""
    sealed = ledger.read_event(conn, index)
    covering = ledger.first_checkpoint_covering(conn, index)
    size, root = ledger.head(conn)
    path = ledger.inclusion_proof(conn, index, covering.size if covering else size)
    return Proof(
        leaf=merkle.leaf_hash(sealed.leaf_bytes()).hex(),
        size=covering.size if covering else size,
        root=(covering.root if covering else root).hex(),
        path=[step.hex() for step in path],
        origin=origin,
        signed_at=datetime.fromisoformat(covering.utc) if covering else None,
        covered=covering is not None,
    )


def lab_receipt(conn: Connection, case: Case, wanted: int | None, key: str) -> receipt.Receipt | None:
    """The receipt of one of the lab's own acts on its case, the newest filing by default; None when there is none."""
    query = select(event.c.index).where(event.c.case_id == case.id, event.c.act.in_(sorted(LAB_OWN_ACTS)))
    if wanted is None:
        query = query.where(event.c.act.in_([Act.SUBMIT.value, Act.RESUBMIT_AFTER_REFUSAL.value]))
    else:
        query = query.where(event.c.index == wanted)
    index = conn.execute(query.order_by(event.c.index.desc()).limit(1)).scalar_one_or_none()
    if index is None:
        return None
    return receipt.make(conn, index, discloses=_lab_may_see, key=key)


def _lab_may_see(part: ledger.SealedPart) -> bool:
    return part.name in DISCLOSED_PARTS or (part.name == "change" and part.kind in DISCLOSED_KINDS)
