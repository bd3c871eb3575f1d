"""Checking the whole ledger: what `review audit verify` runs.

The check trusts nothing that the database says about itself. It shares the canonical encoding with the writer
and nothing else, and it is handed what it replays as plain rows, so it knows no kind of record.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, inspect

from review.audit import checkpoint as notes
from review.audit import merkle
from review.audit.findings import CannotVerify, Finding, Findings, Verification
from review.audit.rebuild import Reader, Rebuild, Signer
from review.audit.replay import CaseRow, RecordRow, Replay, Steps
from review.audit.tables import LEDGER_TABLES

__all__ = [
    "Blob",
    "CannotVerify",
    "CaseRow",
    "Finding",
    "RecordRow",
    "Verification",
    "verify",
]

REGULATED_TABLES = ("cases", "record")
LARGEST_GAP = 10_000
"""So many missing events are named one by one; past that the ledger is said to break off."""

_DAMAGE = (TypeError, ValueError, AttributeError, sqlite3.Error, psycopg.Error)
"""What reading a damaged database may raise."""


class Blob(NamedTuple):
    """A stored file to check: what it is, the SHA-256 it must have, its bytes in pieces, None when missing."""

    where: str
    sha256: str
    pieces: Iterable[bytes] | None


def verify(
    conn: Connection,
    *,
    public_key: Ed25519PublicKey | None,
    origin: str,
    rows: Iterable[tuple[Any, ...]],
    cases: Iterable[tuple[Any, ...]],
    old_checkpoint: str | None = None,
    replay: bool = True,
    blobs: Iterable[tuple[str, str, Iterable[bytes] | None]] | None = None,
    regulated_tables: Sequence[str] = REGULATED_TABLES,
    newest_signatures: int = 500,
) -> Verification:
    """Check leaves, tree, checkpoints, states, histories and files; name each fault.

    Args:
        conn: a connection to either database; it is only read, through the driver's own cursor.
        public_key: the ledger's key, or None to leave signatures unchecked.
        origin: the ledger's name.
        rows: all regulated records (kind, id, schema_version, canonical body, last event), sorted by kind and
            id by code point, as columns of type `tables.Name` sort.
        cases: all cases (id, state, moved_by, …), sorted by id in the same way.
        old_checkpoint: a note kept outside, to show that history since then only grew.
        replay: False leaves out the histories of records.
        blobs: stored files to hash, see `Blob`.
        regulated_tables: the tables that `rows` and `cases` stand for.
        newest_signatures: how many checkpoints, newest first, have their signature checked.

    Raises:
        CannotVerify: there is no ledger here, the older checkpoint is not one, or the rows are not sorted.
    """
    check = _Check(conn, Signer(origin=origin, key=public_key, newest=newest_signatures))
    check.rebuild(old_checkpoint)
    check.states(cases)
    if replay:
        check.replay(rows)
    else:
        check.not_checked.append("The histories of records: replay was switched off.")
    check.files(blobs)
    return check.result((*LEDGER_TABLES, *regulated_tables))


class _Check:
    def __init__(self, conn: Connection, signer: Signer) -> None:
        tables = set(inspect(conn).get_table_names())
        if not set(LEDGER_TABLES) <= tables:
            raise CannotVerify("This database holds no ledger.")
        self._tables = tables
        self._signer = signer
        self._reader = Reader(conn)
        self._findings = Findings()
        self._events = 0
        self._root = b""
        self.checked: list[str] = []
        self.not_checked: list[str] = []
        self._size = self._measure()

    def _measure(self) -> int:
        self._events, head = self._reader.one('SELECT count(*), coalesce(max("index"), -1) + 1 FROM event')
        if head - self._events > LARGEST_GAP:
            self._findings.add(
                "event_index",
                f"event {head - 1}",
                f"The ledger holds {self._events} events, but the last says that it is number {head - 1}.",
            )
            return int(self._events)
        return int(head)

    def rebuild(self, old_checkpoint: str | None) -> None:
        known = self._older(old_checkpoint)
        rebuild = Rebuild(self._reader, self._findings, self._signer, known, self._size)
        try:
            self._root = rebuild.run()
        except _DAMAGE as problem:
            self._unreadable("events", problem)
        self.checked.append(f"Part digests, leaves and tree of {self._events} events, and every checkpoint.")
        if self._signer.key is None:
            self.not_checked.append("The signatures of checkpoints: no key was given.")
        elif rebuild.unsigned:
            self.not_checked.append(
                f"The signatures of {rebuild.unsigned} earlier checkpoints; their size and root were checked."
            )

    def _older(self, note: str | None) -> dict[int, bytes]:
        """Read the checkpoint handed in; return its root by size."""
        if note is None:
            self.not_checked.append("Consistency with an older checkpoint: none was handed in.")
            return {}
        try:
            older = notes.parse(note)
        except notes.BadNote as problem:
            raise CannotVerify(str(problem)) from problem
        where = f"older checkpoint of {older.size} events"
        try:
            if self._signer.key is not None:
                notes.verify(note, self._signer.key, self._signer.origin)
        except notes.BadNote as problem:
            self._findings.add("older_checkpoint", where, str(problem))
        if older.size > self._size:
            self._findings.add(
                "events_dropped",
                where,
                f"The checkpoint handed in covers {older.size} events, but the ledger holds {self._size}.",
            )
        elif older.size == 0 and older.root != merkle.EMPTY_ROOT:
            self._findings.add("inconsistent", where, "The empty checkpoint handed in has a wrong root.")
        else:
            self.checked.append(f"Consistency with the {where}.")
        return {older.size: older.root}

    def states(self, cases: Iterable[tuple[Any, ...]]) -> None:
        steps = Steps(self._reader, self._findings, self._size)
        try:
            count = steps.run(cases)
        except _DAMAGE as problem:
            self._unreadable("cases", problem)
            return
        self.checked.append(f"The states of {count} cases, event by event.")
        self._note_later(steps.later, "cases")

    def replay(self, rows: Iterable[tuple[Any, ...]]) -> None:
        replay = Replay(self._reader, self._findings, self._size)
        try:
            count = replay.run(rows)
        except _DAMAGE as problem:
            self._unreadable("records", problem)
            return
        self.checked.append(f"The histories of {count} records, from nothing to what they are now.")
        self._note_later(replay.later, "records")

    def files(self, blobs: Iterable[tuple[str, str, Iterable[bytes] | None]] | None) -> None:
        if blobs is None:
            self.not_checked.append("Stored files.")
            return
        count = 0
        for where, expected, pieces in blobs:
            count += 1
            if pieces is None:
                self._findings.add("file_missing", where, f"The file of {where} is missing.")
            elif _sha256(pieces) != expected:
                self._findings.add(
                    "file_changed", where, f"The file of {where} was changed after it was filed."
                )
        self.checked.append(f"The bytes of {count} stored files.")

    def result(self, covered: Sequence[str]) -> Verification:
        return Verification(
            events=self._events,
            root=self._root.hex(),
            findings=self._findings.all(),
            checked=tuple(self.checked),
            not_checked=tuple(self.not_checked),
            unregulated_tables=tuple(sorted(self._tables - set(covered))),
        )

    def _note_later(self, count: int, things: str) -> None:
        if count:
            self.not_checked.append(f"{count} {things} that changed while the check ran. Run it again.")

    def _unreadable(self, things: str, problem: Exception) -> None:
        self._findings.add("unreadable", things, f"The {things} cannot be read to the end: {problem}")


def _sha256(pieces: Iterable[bytes]) -> str:
    running = hashlib.sha256()
    for piece in pieces:
        running.update(piece)
    return running.hexdigest()
