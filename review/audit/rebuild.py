"""Rebuilding the ledger from its parts: part digests, leaves, tree and checkpoints are all computed again.

Events are read in pages bounded by their index, through the driver's own cursor, so that memory stays constant
and no read holds a lock for long.
"""

import hashlib
from binascii import hexlify
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection

from review.audit import checkpoint as notes
from review.audit import merkle
from review.audit.findings import Findings

_PAGE_LEVEL = 11
PAGE = 1 << _PAGE_LEVEL
"""Events read at once: a power of two, so that a page is one complete subtree."""

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

_HEADER = b'\x00{"act":%b,"case":%b,"from":%b,"index":%d,"parts":[%b],"to":%b,"utc":%b,"v":1}'
"""A leaf's bytes: the canonical header with its keys in order, behind RFC 9162's 0x00."""

_encode = msgspec.json.encode


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


class _Quoted(dict[str | None, bytes]):
    """Text as JSON, remembered, for the few words that stand in every header."""

    def __missing__(self, word: str | None) -> bytes:
        if len(self) > 10_000:
            self.clear()
        self[word] = _encode(word)
        return self[word]


class Signer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose checkpoints count: the origin, and the key, or None when signatures cannot be checked."""

    origin: str
    key: Ed25519PublicKey | None
    newest: int


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
        self._upper = merkle.Frontier()
        self._root = merkle.EMPTY_ROOT
        self._quoted = _Quoted()
        self._signed_from = 0
        self.unsigned = 0

    def run(self) -> bytes:
        """Rebuild all events; return the root over their leaves."""
        self._choose_signatures()
        for begin in range(0, self._size, PAGE):
            self._page(begin, min(begin + PAGE, self._size))
        self._beyond()
        return self._root

    def _choose_signatures(self) -> None:
        """Check the newest signatures only: each is as slow as ten events, and the newest vouches for all."""
        newest = self._read.rows(
            "SELECT size FROM checkpoint ORDER BY size DESC LIMIT 1 OFFSET ?", self._signer.newest - 1
        )
        self._signed_from = next((size for (size,) in newest), 0)

    def _page(self, begin: int, end: int) -> None:
        leaves = self._leaves(begin, end)
        levels = _levels(leaves)
        for level, hashes in enumerate(levels[1:], start=1):
            self._compare_nodes(level, begin >> level, hashes)
        self._compare_roots(begin, end, levels)
        if len(leaves) == PAGE:
            for level, index, node in self._upper.append(levels[-1][0]):
                self._compare_nodes(level + _PAGE_LEVEL, index, [node])

    def _leaves(self, begin: int, end: int) -> list[bytes]:
        """Compute every leaf of the page and compare it with the kept one; return those to build the tree on."""
        kept: dict[int, bytes] = dict(self._read.rows(_NODES, 0, begin, end))
        parts = self._parts(begin, end)
        quoted, sha256 = self._quoted, hashlib.sha256
        leaves: list[bytes] = []
        for index, utc, act, case_id, tag, before, after in self._read.rows(_EVENTS, begin, end):
            while begin + len(leaves) < index:
                leaves.append(self._missing(begin + len(leaves), kept))
            if (case_id is None) != (tag == ""):
                self._untagged(index)
            header = _HEADER % (
                quoted[act],
                quoted[tag],
                quoted[before],
                index,
                b",".join(parts[index]),
                quoted[after],
                _encode(utc),
            )
            leaf = sha256(header).digest()
            if kept.get(index) != leaf:
                leaf = self._other_leaf(index, act, leaf, kept.get(index))
            leaves.append(leaf)
        while begin + len(leaves) < end:
            leaves.append(self._missing(begin + len(leaves), kept))
        return leaves

    def _parts(self, begin: int, end: int) -> Mapping[int, list[bytes]]:
        """Check every part's digest; return what each leaf must say of its parts, as JSON."""
        quoted, sha256 = self._quoted, hashlib.sha256
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for event, name, salt, body, digest in self._read.rows(_PARTS[self._read.dialect], begin, end):
            if body is None or sha256(salt + body).digest() != digest:
                self._other_part(event, name, body)
            found[event].append(b'[%b,"%b"]' % (quoted[name], hexlify(digest)))
        return found

    def _untagged(self, index: int) -> None:
        self._findings.add(
            "case_tag", f"event {index}", f"Event {index} names a case without its tag or the reverse."
        )

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

    def _missing(self, index: int, kept: Mapping[int, bytes]) -> bytes:
        self._findings.add("event_missing", f"event {index}", f"Event {index} is missing.")
        return kept.get(index, merkle.EMPTY_ROOT)

    def _compare_nodes(self, level: int, first: int, hashes: Sequence[bytes]) -> None:
        """Compare neighboring nodes, computed from the leaves, with the kept ones."""
        computed = list(enumerate(hashes, start=first))
        found = list(self._read.rows(_NODES, level, first, first + len(hashes)))
        if found == computed:
            return
        kept: dict[int, bytes] = dict(found)
        for index, node in computed:
            if kept.get(index) != node:
                begin, last = index << level, ((index + 1) << level) - 1
                self._findings.add(
                    "tree_node",
                    f"tree node {level}/{index}",
                    f"The tree over events {begin} to {last} does not follow from their leaves.",
                )

    def _compare_roots(self, begin: int, end: int, levels: Sequence[Sequence[bytes]]) -> None:
        """Compare the root at every checkpoint's size, kept or handed in, with what it says."""
        edge = self._upper.edge()

        def root_at(size: int) -> bytes:
            inside = merkle.subtrees(begin, size)
            return merkle.fold([*edge, *(levels[level][index - (begin >> level)] for level, index in inside)])

        for size, kept_root, note in self._read.rows(_CHECKPOINTS, begin, end):
            self._checkpoint(size, root_at(size), kept_root, note)
        for size, root in self._known.items():
            if begin < size <= end and root != root_at(size):
                sentence = (
                    f"The first {size} events are not those of the checkpoint handed in: "
                    "the history before it was rewritten."
                )
                self._findings.add("inconsistent", f"older checkpoint of {size} events", sentence)
        self._root = root_at(end)

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


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Compute all complete subtrees over neighboring leaves, level by level, the leaves first."""
    sha256 = hashlib.sha256
    levels = [leaves]
    while len(levels[-1]) > 1:
        pairs = iter(levels[-1])
        levels.append(
            [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        )
    return levels
