"""Writing the ledger: open an event, seal it with its parts, sign checkpoints, prove inclusion.

Every function works inside the caller's transaction and needs a constant number of statements; a proof needs
O(log n) hashes. Plain SQL is used because an act pays for it each time.
"""

import hashlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from review.audit import canonical, merkle
from review.audit import checkpoint as notes

LEAF_VERSION = 1
SALT_BYTES = 16

_HEAD_LOCK = 0x6C6564676572
"""Key of the PostgreSQL advisory lock that lets one transaction at a time extend the ledger."""

_OPEN = (
    'INSERT INTO event ("index", utc, act, case_id, case_tag, from_state, to_state) '
    'SELECT coalesce(max("index"), -1) + 1, ?, ?, ?, ?, ?, ? FROM event RETURNING "index"'
)
_OPEN_POSTGRESQL = (
    'INSERT INTO event ("index", utc, act, case_id, case_tag, from_state, to_state) '
    'SELECT coalesce(max("index"), -1) + 1, %s, %s, %s::text, %s, %s::text, %s::text FROM event '
    'RETURNING "index"'
)
_HEADER = 'SELECT "index", utc, act, case_tag, from_state, to_state FROM event WHERE "index" = ?'
_ADD_PART = (
    "INSERT INTO event_part (event, n, name, kind, record_id, schema_version, salt, body, digest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_NODE = 'INSERT INTO tree_node (level, "index", hash) VALUES (?, ?, ?)'
_SIZE = 'SELECT coalesce(max("index"), -1) + 1 FROM tree_node WHERE level = 0'
_CHECKPOINT = "SELECT size, root, note, utc FROM checkpoint "
_ADD_CHECKPOINT = "INSERT INTO checkpoint (size, root, note, utc) VALUES (?, ?, ?, ?)"


class LedgerFault(RuntimeError):
    """The ledger cannot do what was asked; the message says why."""


class Part(msgspec.Struct, frozen=True):
    """One separately disclosable piece of an event.

    `body` is encoded canonically; bytes are taken as canonical already. A change also names its record.
    """

    name: str
    body: object
    kind: str | None = None
    record_id: str | None = None
    schema_version: int | None = None


class SealedPart(msgspec.Struct, frozen=True, kw_only=True):
    """A part as the ledger keeps it: `body` is canonical JSON, or None once erased."""

    n: int
    name: str
    salt: bytes
    body: str | None
    digest: bytes
    kind: str | None
    record_id: str | None
    schema_version: int | None


class SealedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event's header and parts as the ledger keeps them."""

    index: int
    utc: str
    act: str
    case_tag: str
    from_state: str | None
    to_state: str | None
    parts: tuple[SealedPart, ...]

    def leaf_bytes(self) -> bytes:
        """Return the canonical header that the leaf hashes."""
        digests = [(part.name, part.digest) for part in self.parts]
        return leaf_bytes(
            self.index, self.utc, self.act, self.case_tag, self.from_state, self.to_state, digests
        )


class StoredCheckpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A signed checkpoint: events covered, root, the note, and when it was signed."""

    size: int
    root: bytes
    note: str
    utc: str


def change(kind: str, record_id: str, schema: int, before: str | None, after: str | None) -> Part:
    """Make the part that keeps one record's change.

    Args:
        kind: the kind of record.
        record_id: its id.
        schema: the schema version of both values.
        before: canonical JSON of the record before the act; None for a new record.
        after: the same after the act; None for a record that ended.
    """
    head = f'{{"after":{after or "null"},"before":{before or "null"}'
    name = canonical.encode({"id": record_id, "kind": kind, "schema": schema})
    return Part("change", f"{head},{name[1:].decode()}".encode(), kind, record_id, schema)


def open_event(
    conn: Connection,
    *,
    utc: str,
    act: str,
    case_id: str | None,
    case_tag: str,
    from_state: str | None,
    to_state: str | None,
) -> int:
    """Insert the header of the next event and return its index.

    The transaction cannot commit until `seal` has been called.

    Args:
        utc: the time in UTC to the millisecond, as `canonical.moment` writes it.
        act: what was done.
        case_id: the case, or None for an act outside any case.
        case_tag: a tag that stands for the case in the leaf, the same for all its events; "" without a case.
        from_state: the case's state before the act; None for the act that opens it.
        to_state: its state after the act.

    Raises:
        sqlalchemy.exc.IntegrityError: a bolt refused it, for instance because the case is in another state.
    """
    values = (utc, act, case_id, case_tag, from_state, to_state)
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_HEAD_LOCK,))
        return int(conn.exec_driver_sql(_OPEN_POSTGRESQL, values).scalar_one())
    return int(conn.exec_driver_sql(_OPEN, values).scalar_one())


def seal(
    conn: Connection,
    index: int,
    parts: Sequence[Part],
    *,
    salts: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """Write an open event's parts and its leaf, and extend the tree; return the leaf hash.

    Args:
        conn: the transaction that opened the event.
        index: what `open_event` returned.
        parts: in the order that the leaf keeps.
        salts: gives so many random bytes; a demonstration docket may pass a repeatable source.

    Raises:
        LedgerFault: there is no such event.
        canonical.NotCanonical: a body holds something that the record cannot keep.
        sqlalchemy.exc.IntegrityError: a bolt refused it, for instance because it is sealed already.
    """
    header = conn.exec_driver_sql(_sql(_HEADER, conn.dialect.name), (index,)).one_or_none()
    if header is None:
        raise LedgerFault(f"There is no event {index} to seal.")
    rows = [_part_row(index, n, part, salts(SALT_BYTES)) for n, part in enumerate(parts)]
    digests = [(row[2], row[8]) for row in rows]
    _, utc, act, case_tag, from_state, to_state = header
    leaf = merkle.leaf_hash(leaf_bytes(index, utc, act, case_tag, from_state, to_state, digests))
    nodes = merkle.completed(index, leaf, _hashes(conn, merkle.siblings(index)))
    if rows:
        conn.exec_driver_sql(_sql(_ADD_PART, conn.dialect.name), rows)
    conn.exec_driver_sql(_sql(_ADD_NODE, conn.dialect.name), nodes)
    return leaf


def leaf_bytes(
    index: int,
    utc: str,
    act: str,
    case_tag: str,
    from_state: str | None,
    to_state: str | None,
    digests: Sequence[tuple[str, bytes]],
) -> bytes:
    """Return the canonical header whose hash is the leaf: it names every part and its digest."""
    return canonical.encode(
        {
            "v": LEAF_VERSION,
            "index": index,
            "utc": utc,
            "act": act,
            "case": case_tag,
            "from": from_state,
            "to": to_state,
            "parts": [[name, digest.hex()] for name, digest in digests],
        }
    )


def part_digest(salt: bytes, body: bytes) -> bytes:
    """Return the digest that the leaf names: SHA-256(salt || body)."""
    return hashlib.sha256(salt + body).digest()


def read_event(conn: Connection, index: int) -> SealedEvent:
    """Read one event with its parts.

    Raises:
        LedgerFault: there is no such event.
    """
    header = conn.exec_driver_sql(_sql(_HEADER, conn.dialect.name), (index,)).one_or_none()
    if header is None:
        raise LedgerFault(f"There is no event {index}.")
    found = conn.exec_driver_sql(
        _sql(
            "SELECT n, name, salt, body, digest, kind, record_id, schema_version "
            "FROM event_part WHERE event = ? ORDER BY n",
            conn.dialect.name,
        ),
        (index,),
    )
    parts = tuple(SealedPart(**row) for row in found.mappings())
    _, utc, act, case_tag, from_state, to_state = header
    return SealedEvent(
        index=index,
        utc=utc,
        act=act,
        case_tag=case_tag,
        from_state=from_state,
        to_state=to_state,
        parts=parts,
    )


def head(conn: Connection) -> tuple[int, bytes]:
    """Return the number of sealed events and the root over them."""
    size = int(conn.exec_driver_sql(_SIZE).scalar_one())
    return size, root_at(conn, size)


def root_at(conn: Connection, size: int) -> bytes:
    """Return the root over the first `size` events.

    Raises:
        LedgerFault: the ledger is shorter.
    """
    return merkle.fold(_hashes(conn, merkle.subtrees(0, size)))


def inclusion_proof(conn: Connection, index: int, size: int) -> list[bytes]:
    """Return the hashes that prove event `index` in the tree of `size` events (RFC 9162, 2.1.3).

    Raises:
        ValueError: the tree of that size has no such event.
        LedgerFault: the ledger is shorter than `size`.
    """
    return _range_hashes(conn, merkle.inclusion_ranges(index, size))


def consistency_proof(conn: Connection, old: int, new: int) -> list[bytes]:
    """Return the hashes that prove that the tree of `new` extends the one of `old` (RFC 9162, 2.1.4).

    Raises:
        ValueError: unless 0 < old <= new.
        LedgerFault: the ledger is shorter than `new`.
    """
    return _range_hashes(conn, merkle.consistency_ranges(old, new))


def checkpoint(conn: Connection, key: Ed25519PrivateKey, origin: str, *, utc: str) -> str:
    """Sign and keep a checkpoint of the whole ledger; return the note, the kept one when there is one.

    Raises:
        LedgerFault: the ledger is empty, or it no longer agrees with its newest checkpoint. A log must not
            sign two histories (C2SP tlog-checkpoint), so nothing is signed then.
    """
    dialect = conn.dialect.name
    if dialect == "postgresql":
        conn.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_HEAD_LOCK,))
    size = int(conn.exec_driver_sql(_SIZE).scalar_one())
    if size == 0:
        raise LedgerFault("There is no event to sign yet.")
    newest = newest_checkpoint(conn)
    root = _root_after(conn, size, newest)
    if newest is not None and newest.size == size:
        return newest.note
    note = notes.make(origin, size, root, key)
    conn.exec_driver_sql(_sql(_ADD_CHECKPOINT, dialect), (size, root, note, utc))
    return note


def newest_checkpoint(conn: Connection) -> StoredCheckpoint | None:
    """Return the checkpoint that covers most events."""
    return _checkpoint(conn, "ORDER BY size DESC LIMIT 1", ())


def first_checkpoint_covering(conn: Connection, index: int) -> StoredCheckpoint | None:
    """Return the smallest checkpoint that covers event `index`, or None when none does yet."""
    return _checkpoint(conn, "WHERE size > ? ORDER BY size LIMIT 1", (index,))


def _root_after(conn: Connection, size: int, newest: StoredCheckpoint | None) -> bytes:
    """Return the root over `size` events, refusing when the newest checkpoint tells of another history."""
    now = merkle.subtrees(0, size)
    then = merkle.subtrees(0, newest.size) if newest is not None and newest.size <= size else []
    hashes = _hashes(conn, list(dict.fromkeys(now + then)))
    known = dict(zip(dict.fromkeys(now + then), hashes, strict=True))
    if newest is not None and (not then or merkle.fold([known[node] for node in then]) != newest.root):
        raise LedgerFault(
            f"The ledger no longer agrees with its checkpoint of {newest.size} events. Nothing was signed."
        )
    return merkle.fold([known[node] for node in now])


def _checkpoint(conn: Connection, where: str, values: tuple[int, ...]) -> StoredCheckpoint | None:
    found = conn.exec_driver_sql(_sql(_CHECKPOINT + where, conn.dialect.name), values).one_or_none()
    if found is None:
        return None
    size, root, note, utc = found
    return StoredCheckpoint(size=size, root=root, note=note, utc=utc)


def _part_row(index: int, n: int, part: Part, salt: bytes) -> tuple[Any, ...]:
    body = part.body if isinstance(part.body, bytes) else canonical.encode(part.body)
    digest = part_digest(salt, body)
    return index, n, part.name, part.kind, part.record_id, part.schema_version, salt, body.decode(), digest


def _range_hashes(conn: Connection, ranges: Sequence[merkle.Range]) -> list[bytes]:
    wanted = merkle.nodes_of(ranges)
    known = dict(zip(wanted, _hashes(conn, wanted), strict=True))
    return [merkle.range_hash(span, known) for span in ranges]


def _hashes(conn: Connection, nodes: Sequence[merkle.Node]) -> list[bytes]:
    if not nodes:
        return []
    any_of = " OR ".join(['(level = ? AND "index" = ?)'] * len(nodes))
    statement = _sql('SELECT level, "index", hash FROM tree_node WHERE ' + any_of, conn.dialect.name)
    values = tuple(number for node in nodes for number in node)
    found: Mapping[merkle.Node, bytes] = {
        (level, index): node for level, index, node in conn.exec_driver_sql(statement, values)
    }
    missing = [node for node in nodes if node not in found]
    if missing:
        raise LedgerFault(f"The tree lacks node {missing[0][1]} of level {missing[0][0]}.")
    return [found[node] for node in nodes]


@cache
def _sql(statement: str, dialect: str) -> str:
    return statement if dialect == "sqlite" else statement.replace("?", "%s")
