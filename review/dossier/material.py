"""What a dossier is made from: the case as it stood after one event, and its place in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from review import casefile
from review.audit import checkpoint as notes
from review.audit import ledger, receipt
from review.casefile import gather
from review.casefile.shape import CaseFile
from review.records.database import Database
from review.rules.facts import SYSTEM
from review.rules.vocabulary import Act, Audience, State
from review.settings import Settings

NOT_CONTENT = (Act.ISSUE_DOCUMENT.value, Act.DOWNLOAD_DOCUMENT.value, Act.REFUSED.value)
"""Acts that change nothing that a dossier says: a new one is not owed for them."""

_LEAVES = (
    'SELECT e."index", e.from_state, e.to_state, n.hash FROM event e '
    'JOIN tree_node n ON n.level = 0 AND n."index" = e."index" '
    'WHERE e.case_id = {case} AND e."index" <= {last} ORDER BY e."index"'
)


class NotThere(KeyError):
    """There is no such case, or it had no event yet at that index; the message is a sentence for people."""

    def __str__(self) -> str:
        return str(self.args[0])


class Office(Protocol):
    """What the dossier needs of an installation."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def key(self) -> Ed25519PrivateKey: ...
    @property
    def origin(self) -> str: ...


class LedgerEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the case with the hash of its leaf, in hexadecimal."""

    index: int
    at: datetime
    act: str
    title: str
    who: str
    moved: str
    leaf: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where in the ledger a dossier stands, and how to check it without us."""

    index: int
    at: datetime
    size: int
    root: str
    note: str
    origin: str
    key: str
    entries: tuple[LedgerEntry, ...]
    receipts: str
    receipt: str


class Material(msgspec.Struct, frozen=True, kw_only=True):
    case: CaseFile
    place: Place
    changes: str


def newest_index(conn: Connection, case_id: str) -> int:
    """The case's newest event that changes what a dossier says. Raises NotThere."""
    marks = _marks(conn, 1 + len(NOT_CONTENT))
    statement = (
        f'SELECT max("index") FROM event WHERE case_id = {marks[0]} AND act NOT IN ({", ".join(marks[1:])})'  # noqa: S608
    )
    found = conn.exec_driver_sql(statement, (case_id, *NOT_CONTENT)).scalar_one_or_none()
    if found is None:
        raise NotThere(f"There is no case {case_id}.")
    return int(found)


def gathered(office: Office, case_id: str, edition: Audience, at: int | None) -> Material:
    """Everything of one edition as of event `at`, read in one transaction. Raises NotThere."""
    with office.database.reading() as conn:
        index = newest_index(conn, case_id) if at is None else at
        try:
            moment = datetime.fromisoformat(ledger.read_event(conn, index).utc)
            facts = gather.facts_at(conn, case_id, index, SYSTEM, moment)
        except (KeyError, ledger.LedgerFault) as none:
            raise NotThere(f"Case {case_id} had no entry yet at ledger entry {index}.") from none
        entries = gather.entries(conn, case_id, until=index)
        built = casefile.build(facts, edition, entries, index)
        return Material(
            case=built,
            place=_place(office, conn, case_id, built, moment),
            changes=_changes(conn, built, full=edition is not Audience.LAB),
        )


def _place(office: Office, conn: Connection, case_id: str, built: CaseFile, moment: datetime) -> Place:
    covering = ledger.first_checkpoint_covering(conn, built.index)
    if covering is None:
        raise NotThere(f"No checkpoint covers ledger entry {built.index} yet.")
    key = notes.vkey(office.origin, office.key.public_key())
    entries = _entries(conn, case_id, built)
    newest = max((entry.index for entry in entries), default=None)
    shown = (
        ""
        if newest is None
        else receipt.write(
            receipt.make(conn, newest, discloses=lambda part: built.audience is not Audience.LAB, key=key)
        ).decode()
    )
    return Place(
        index=built.index,
        at=moment,
        size=covering.size,
        root=covering.root.hex(),
        note=covering.note,
        origin=office.origin,
        key=key,
        entries=entries,
        receipts=f"receipt-{newest}.json" if newest is not None else "",
        receipt=shown,
    )


def _entries(conn: Connection, case_id: str, built: CaseFile) -> tuple[LedgerEntry, ...]:
    """The entries that this edition may name, newest last, each with its leaf hash."""
    shown = {entry.index: entry for entry in built.timeline}
    first, second = _marks(conn, 2)
    statement = _LEAVES.format(case=first, last=second)
    rows = conn.exec_driver_sql(statement, (case_id, built.index))
    return tuple(
        LedgerEntry(
            index=index,
            at=shown[index].at,
            act=shown[index].act,
            title=shown[index].title,
            who=name_of(shown[index].who),
            moved=_moved(before, after),
            leaf=bytes(leaf).hex(),
        )
        for index, before, after, leaf in rows
        if index in shown
    )


def name_of(who: str) -> str:
    """The printed name of an entry's actor (`id|name` inside, a name or pseudonym for the lab)."""
    return who.split("|", 1)[-1]


def _moved(before: str | None, after: str | None) -> str:
    if before == after or after is None:
        return "same"
    return f"{State(before).label} to {State(after).label.lower()}" if before else State(after).label


def _changes(conn: Connection, built: CaseFile, *, full: bool) -> str:
    """The entries as lines of JSON: header and digests; with salts and bodies where all may be read."""
    lines = []
    for entry in built.timeline:
        event = ledger.read_event(conn, entry.index)
        parts = [
            {
                "name": part.name,
                "digest": part.digest.hex(),
                **({"salt": part.salt.hex(), "body": part.body} if full else {}),
            }
            for part in event.parts
        ]
        header = {
            "index": event.index,
            "utc": event.utc,
            "act": event.act,
            "case": event.case_tag,
            "from": event.from_state,
            "to": event.to_state,
            "parts": parts,
        }
        lines.append(msgspec.json.encode(header).decode())
    return "".join(f"{line}\n" for line in lines)


def _marks(conn: Connection, count: int) -> list[str]:
    return ["?" if conn.dialect.name == "sqlite" else "%s"] * count
