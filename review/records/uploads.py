"""Files on their way in: pieces written at their offset into a partial file, so that a broken upload goes on.

Memory stays that of one chunk. An upload belongs to one person and one case; its bytes lie in the data folder until
it is finished, then they go to the file store and the partial file is removed.
"""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy import Connection, delete, select, update

from review.audit import canonical
from review.audit.text import kept_text
from review.records.tables import upload
from review.rules import policy

PIECE_BYTES = 8 << 20
"""The most bytes of one piece."""
NAME_LENGTH = 200


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One file on its way in. `received` bytes of `bytes` have arrived."""

    id: str
    case_id: str
    person_id: str
    name: str
    bytes: int
    received: int

    @property
    def complete(self) -> bool:
        return self.received == self.bytes


class Unwanted(ValueError):
    """A piece or a file that is not taken, with a sentence that says why."""


class OutOfPlace(Exception):
    """A piece came for another offset than the next one; `offset` is where to go on."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"go on at {offset}")
        self.offset = offset


def safe_name(name: str) -> str:
    """A file's own name without folders or control characters; for display alone, never a path."""
    last = kept_text(name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(c for c in last if c.isprintable()).strip()[:NAME_LENGTH]
    return shown if shown not in {"", ".", ".."} else "file"


def begin(
    conn: Connection,
    folder: Path,
    *,
    id: str,
    case_id: str,
    person_id: str,
    name: str,
    size: int,
    at: datetime,
) -> Upload:
    """Note a file that will come in pieces. Raises Unwanted for one that is empty or too large."""
    if size <= 0:
        raise Unwanted("The file is empty.")
    most = policy.current().files.file_bytes
    if size > most:
        raise Unwanted(f"A file may have at most {most:,} bytes.")
    folder.mkdir(parents=True, exist_ok=True)
    path_of(folder, id).touch()
    one = Upload(id=id, case_id=case_id, person_id=person_id, name=safe_name(name), bytes=size, received=0)
    values = msgspec.to_builtins(one)
    conn.execute(upload.insert().values(**values, sha256=None, created_at=canonical.moment(at)))
    return one


def sweep(conn: Connection, folder: Path, before: datetime) -> int:
    """Remove uploads that were begun before a moment and never finished; return how many."""
    late = select(upload.c.id).where(upload.c.created_at < canonical.moment(before))
    ids = list(conn.execute(late).scalars())
    for id in ids:
        forget(conn, folder, id)
    return len(ids)


def get(conn: Connection, id: str, *, case_id: str, person_id: str) -> Upload | None:
    """An upload of this person for this case, or None."""
    statement = select(upload).where(
        upload.c.id == id, upload.c.case_id == case_id, upload.c.person_id == person_id
    )
    row = conn.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    return Upload(**{field: row[field] for field in Upload.__struct_fields__})


def path_of(folder: Path, id: str) -> Path:
    """Where the partial file lies. Raises ValueError for an id that is none of ours."""
    if not id.isalnum():
        raise ValueError("not an id of an upload")
    return folder / f"{id}.part"


def write(folder: Path, one: Upload, offset: int, chunks: Iterable[bytes]) -> int:
    """Write a piece at its offset and sync it; return how many bytes have arrived in all.

    Raises OutOfPlace for a piece that is not the next one, Unwanted for one that is too long. A piece that broke
    off is written as far as it came; the sender asks where to go on.
    """
    if offset != one.received:
        raise OutOfPlace(one.received)
    received = offset
    with path_of(folder, one.id).open("r+b") as out:
        out.seek(offset)
        for chunk in chunks:
            received += len(chunk)
            if received > one.bytes or received - offset > PIECE_BYTES:
                out.truncate(offset)
                raise Unwanted("More bytes came than were announced.")
            out.write(chunk)
        out.truncate(received)
        out.flush()
        os.fsync(out.fileno())
    return received


def note(conn: Connection, one: Upload, received: int) -> None:
    """Remember how far an upload has come. Raises OutOfPlace when another sender was faster."""
    moved = conn.execute(
        update(upload)
        .where(upload.c.id == one.id, upload.c.received == one.received)
        .values(received=received)
    )
    if moved.rowcount == 0:
        raise OutOfPlace(one.received)


def forget(conn: Connection, folder: Path, id: str) -> None:
    """Remove a finished or abandoned upload and its partial file."""
    conn.execute(delete(upload).where(upload.c.id == id))
    path_of(folder, id).unlink(missing_ok=True)
