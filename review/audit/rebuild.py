"""Rebuilding the ledger from its parts: part digests, leaves, tree and checkpoints are all computed again.

Events are read in pages bounded by their index, through the driver's own cursor, so that memory stays constant
and no read holds a lock for long.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from review.audit import checkpoint as notes
from review.audit import merkle
from review.audit.findings import Findings

PAGE = 2_000
"""Events read at once."""

Row = tuple[Any, ...]

_EVENTS = (
    'SELECT "index", utc, act, case_id, case_tag, from_state, to_state FROM event '
    'WHERE "index" >= ? AND "index" < ? ORDER BY "index"'
)
_PARTS = {
    "sqlite": "SELECT event, name, salt, CAST(body AS BLOB), digest FROM event_part "
    "WHERE event >= ? AND event < ? ORDER BY event, n",
    "postgresql": "SELECT event, name, salt, convert_to(body, 'UTF8'), digest FROM event_part "
    "WHERE event >= ? AND event < ? ORDER BY event, n",
}
_NODES = (
    'SELECT "index", hash FROM tree_node WHERE level = ? AND "index" >= ? AND "index" < ? ORDER BY "index"'
)
_CHECKPOINTS = "SELECT size, root, note FROM checkpoint WHERE size > ? AND size <= ? ORDER BY size"

_encode = msgspec.json.Encoder(order="sorted").encode


class Reader:
    """Reads plain rows from either database through the driver's own cursor."""

    def __init__(self, conn: Connection) -> None:
        self.dialect = conn.dialect.name
        self._driver = conn.connection

    def rows(self, statement: str, *values: object) -> Iterator[Row]:
        """Run a statement written with question marks and give its rows one by one."""
        cursor = self._driver.cursor()
        try:
            cursor.execute(statement if self.dialect == "sqlite" else statement.replace("?", "%s"), values)
            while some := cursor.fetchmany(1_000):
                yield from some
        finally:
            cursor.close()

    def one(self, statement: str, *values: object) -> Row:
        """Run a statement that gives exactly one row."""
        (row,) = self.rows(statement, *values)
        return row


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose checkpoints count: the origin, and the key, or None when signatures cannot be checked."""

    origin: str
    key: Ed25519PublicKey | None
    newest: int = 1_000


class Rebuild:
    """One pass over all events that computes everything again and compares it with what is kept."""

    def __init__(
        self, reader: Reader, findings: Findings, signer: Signer, known_roots: dict[int, bytes], size: int
    ) -> None:
        """Prepare a pass.

        Args:
            reader: the database.
            findings: where faults are noted.
            signer: whose checkpoints count.
            known_roots: roots known from outside, by size, to compare with.
            size: how many events to read.
        """
        self._read = reader
        self._findings = findings
        self._signer = signer
        self._known = known_roots
        self._size = size
        self._tree = merkle.Frontier()
        self._signed_from = 0
        self.unsigned = 0

    def run(self) -> bytes:
        """Rebuild all events; return the root over their leaves."""
        self._choose_signatures()
        for begin in range(0, self._size, PAGE):
            self._page(begin, min(begin + PAGE, self._size))
        self._beyond()
        return self._tree.root()

    def _choose_signatures(self) -> None:
        """Check the newest signatures only: each is as slow as ten events, and the newest vouches for all."""
        newest = self._read.rows(
            "SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1 OFFSET ?", self._signer.newest - 1
        )
        self._signed_from = next((size for (size,) in newest), 0)

    def _page(self, begin: int, end: int) -> None:
        leaves: dict[int, bytes] = dict(self._read.rows(_NODES, 0, begin, end))
        notes_here = {row[0]: row for row in self._read.rows(_CHECKPOINTS, begin, end)}
        parts = self._parts(begin, end)
        none: list[list[str]] = []
        expected = begin
        made: list[tuple[int, int, bytes]] = []
        for index, utc, act, case_id, tag, before, after in self._read.rows(_EVENTS, begin, end):
            while expected < index:
                made += self._missing(expected, leaves.get(expected), notes_here)
                expected += 1
            expected += 1
            if (case_id is None) != (tag == ""):
                self._findings.add(
                    "case_tag",
                    f"event {index}",
                    f"Event {index} names a case without its tag or the reverse.",
                )
            header = _encode(
                {
                    "act": act,
                    "case": tag,
                    "from": before,
                    "index": index,
                    "parts": parts.get(index, none),
                    "to": after,
                    "utc": utc,
                    "v": 1,
                }
            )
            leaf = hashlib.sha256(b"\x00" + header).digest()
            kept = leaves.get(index)
            if kept != leaf:
                leaf = self._other_leaf(index, act, leaf, kept)
            made += self._tree.append(leaf)
            if index + 1 in notes_here or index + 1 in self._known:
                self._compare_root(index + 1, notes_here.get(index + 1))
        while expected < end:
            made += self._missing(expected, leaves.get(expected), notes_here)
            expected += 1
        self._compare_nodes(begin, end, made)

    def _parts(self, begin: int, end: int) -> dict[int, list[list[str]]]:
        """Check every part's digest; return the names and digests that each leaf must hold."""
        sha256 = hashlib.sha256
        found: dict[int, list[list[str]]] = {}
        for event, name, salt, body, digest in self._read.rows(_PARTS[self._read.dialect], begin, end):
            if body is None or sha256(salt + body).digest() != digest:
                self._other_part(event, name, body)
            part = [name, digest.hex()]
            if event in found:
                found[event].append(part)
            else:
                found[event] = [part]
        return found

    def _other_part(self, event: int, name: str, body: bytes | None) -> None:
        where = f"event {event}, part {name}"
        if body is None:
            sentence = f"The part “{name}” of event {event} is gone, and no order in the ledger erases it."
            self._findings.add("part_erased", where, sentence)
            return
        self._findings.add(
            "part_changed", where, f"The part “{name}” of event {event} was changed after it was sealed."
        )

    def _other_leaf(self, index: int, act: str, leaf: bytes, kept: bytes | None) -> bytes:
        """Note that an event is not the one that was sealed; return the leaf to go on with."""
        if kept is None:
            self._findings.add(
                "event_unsealed", f"event {index}", f"Event {index} ({act}) has no leaf: it was never sealed."
            )
            return leaf
        sentence = (
            f"Event {index} ({act}) differs from its leaf: its header was changed, "
            "or a part was changed, added, moved or removed."
        )
        self._findings.add("event_changed", f"event {index}", sentence)
        # The tree goes on with the kept leaf, so that one changed event is one finding and not one for each
        # node above it; a changed leaf shows in those nodes and in the checkpoints instead.
        return kept

    def _missing(
        self, index: int, kept: bytes | None, notes_here: dict[int, Row]
    ) -> list[tuple[int, int, bytes]]:
        self._findings.add("event_missing", f"event {index}", f"Event {index} is missing.")
        made = self._tree.append(kept or merkle.EMPTY_ROOT)
        if index + 1 in notes_here or index + 1 in self._known:
            self._compare_root(index + 1, notes_here.get(index + 1))
        return made

    def _compare_nodes(self, begin: int, end: int, made: Sequence[tuple[int, int, bytes]]) -> None:
        """Compare the nodes that this page's events complete with the kept ones."""
        by_level: dict[int, dict[int, bytes]] = {}
        for level, index, node in made:
            by_level.setdefault(level, {})[index] = node
        for level in range(1, max(end.bit_length(), 1)):
            computed = by_level.get(level, {})
            kept: dict[int, bytes] = dict(self._read.rows(_NODES, level, begin >> level, end >> level))
            if kept == computed:
                continue
            for index in sorted(kept.keys() | computed.keys()):
                if kept.get(index) != computed.get(index):
                    first, last = index << level, ((index + 1) << level) - 1
                    self._findings.add(
                        "tree_node",
                        f"tree node {level}/{index}",
                        f"The tree over events {first} to {last} does not follow from their leaves.",
                    )

    def _compare_root(self, size: int, row: Row | None) -> None:
        root = self._tree.root()
        if row is not None:
            self._checkpoint(size, root, row[1], row[2])
        outside = self._known.get(size)
        if outside is not None and outside != root:
            sentence = (
                f"The first {size} events are not those of the checkpoint handed in: "
                "the history before it was rewritten."
            )
            self._findings.add("inconsistent", f"older checkpoint of {size} events", sentence)

    def _checkpoint(self, size: int, root: bytes, kept_root: object, note: object) -> None:
        where = f"checkpoint of {size} events"
        if kept_root != root:
            self._findings.add(
                "checkpoint_root",
                where,
                f"The checkpoint of {size} events has another root than those events.",
            )
        elif not isinstance(note, str) or not note.startswith(
            notes.body(self._signer.origin, size, root) + "\n"
        ):
            self._findings.add(
                "checkpoint_note", where, f"The note of the checkpoint of {size} events says something else."
            )
        elif size < self._signed_from or self._signer.key is None:
            self.unsigned += 1
        else:
            try:
                notes.verify(note, self._signer.key, self._signer.origin)
            except notes.BadNote as problem:
                self._findings.add("checkpoint_signature", where, str(problem))

    def _beyond(self) -> None:
        """Look for what lies past the newest event: parts, nodes and checkpoints of events that are gone."""
        size = self._size
        for (index,) in self._read.rows('SELECT "index" FROM event WHERE "index" < 0 OR "index" >= ?', size):
            self._findings.add("event_index", f"event {index}", f"Event {index} lies outside the sequence.")
        for (event,) in self._read.rows("SELECT DISTINCT event FROM event_part WHERE event >= ?", size):
            self._findings.add("event_missing", f"event {event}", f"Event {event} has parts but no header.")
        for level, index in self._read.rows(
            'SELECT level, "index" FROM tree_node WHERE level < 0 OR ("index" + 1) << level > ?', size
        ):
            self._findings.add(
                "event_missing",
                f"tree node {level}/{index}",
                f"The tree holds a node over events from {index << max(level, 0)} that are missing.",
            )
        for (beyond,) in self._read.rows("SELECT size FROM checkpoint WHERE size > ? OR size < 1", size):
            self._findings.add(
                "events_dropped",
                f"checkpoint of {beyond} events",
                f"A checkpoint covers {beyond} events, but the ledger holds {size}: the end is missing.",
            )
