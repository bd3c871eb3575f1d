"""Verifies an installation: the ledger, and everything that stands beside it, against each other."""

from collections.abc import Iterator

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, select

from review.audit import verify as audit
from review.audit.findings import Finding, Verification
from review.records import bolts, store
from review.records.database import Database
from review.records.files import FileStore
from review.records.tables import REGULATED_TABLES, record


def run(
    database: Database,
    files: FileStore,
    public_key: Ed25519PublicKey | None,
    origin: str,
    *,
    old_checkpoint: str | None = None,
    replay: bool = True,
) -> Verification:
    """Leaves, tree, checkpoints, state chains, replay of every record, index columns, bolts and stored files."""
    with database.unlocked() as ledger, database.unlocked() as conn:
        found = audit.verify(
            ledger,
            public_key=public_key,
            origin=origin,
            rows=store.rows(conn),
            cases=store.states(conn),
            old_checkpoint=old_checkpoint,
            replay=replay,
            blobs=_blobs(conn, files) if replay else None,
            regulated_tables=REGULATED_TABLES,
        )
        extra = tuple(_beside(conn))
    return msgspec.structs.replace(found, findings=type(found.findings)([*found.findings, *extra]))


def _beside(conn: Connection) -> Iterator[Finding]:
    for kind, id, column in store.index_differences(conn):
        sentence = f"The index column {column} of {kind} {id} does not follow from its document."
        yield Finding(code="index", where=f"{kind}/{id}", sentence=sentence)
    for name in bolts.present(conn):
        yield Finding(code="bolt", where=name, sentence=f"The database has lost its bolt {name}.")


_KEYS = ("sha256", "record_sha256", "reading")


def _blobs(conn: Connection, files: FileStore) -> Iterator[tuple[str, str, Iterator[bytes] | None]]:
    """Every stored file that a record names, each once."""
    seen: set[tuple[str, str]] = set()
    wanted = ("evidence_item", "signature", "document")
    statement = select(record.c.kind, record.c.id, record.c.case_id, record.c.body).where(
        record.c.kind.in_(wanted)
    )
    for kind, id, case_id, body in conn.execute(statement.order_by(record.c.kind, record.c.id)):
        for sha in _named(msgspec.json.decode(body)):
            if case_id is None or (case_id, sha) in seen:
                continue
            seen.add((case_id, sha))
            there = files.exists(case_id, sha)
            yield f"{kind}/{id}", sha, files.stream(case_id, sha) if there else None


def _named(document: dict[str, object]) -> Iterator[str]:
    for key in _KEYS:
        value = document.get(key)
        if isinstance(value, str):
            yield value
    for file in document.get("files") or ():  # type: ignore[attr-defined]
        yield file["sha256"]
