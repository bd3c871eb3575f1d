"""Jobs: work that is owed in a transaction and done by a worker, under a lease that another worker may take over.

A job is claimed for a while by one owner; a worker that dies loses it when the lease ends. What a worker writes
afterwards is fenced by owner and try, so that a late one changes nothing.
"""

import secrets
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, or_, select, update

from review.audit import canonical
from review.records.tables import job

LEASE = timedelta(minutes=2)
MOST_TRIES = 3
QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stands. `progress` and `step` are for people; `payload` and `result` are plain JSON."""

    id: str
    kind: str
    case_id: str | None
    person_id: str | None
    payload: dict[str, Any]
    state: str
    owner: str | None
    tries: int
    progress: int
    step: str
    error: str | None
    created_at: str
    result: dict[str, Any] | None

    @property
    def ended(self) -> bool:
        return self.state in (DONE, FAILED)


def owe(
    conn: Connection,
    kind: str,
    payload: dict[str, Any],
    case_id: str | None = None,
    person_id: str | None = None,
    *,
    now: datetime,
) -> str:
    """Queue a job in the caller's transaction; return its id. A job that waits or runs with the same payload is not queued twice."""
    body = _plain(payload)
    waiting = select(job.c.id).where(
        job.c.kind == kind,
        job.c.state.in_((QUEUED, RUNNING)),
        job.c.payload == body,
        job.c.case_id.is_(None) if case_id is None else job.c.case_id == case_id,
        job.c.person_id.is_(None) if person_id is None else job.c.person_id == person_id,
    )
    known = conn.execute(waiting).scalar()
    if known is not None:
        return str(known)
    id = secrets.token_hex(16)
    conn.execute(
        job.insert().values(
            id=id, kind=kind, case_id=case_id, person_id=person_id, payload=body, state=QUEUED, tries=0,
            progress=0, step="", created_at=canonical.moment(now),
        )
    )  # fmt: skip
    return id


def claim(conn: Connection, owner: str, *, now: datetime, lease: timedelta = LEASE) -> Job | None:
    """Take the oldest job that waits, or whose owner has not been heard of. None when there is none.

    A job that has been tried too often is failed instead.
    """
    moment = canonical.moment(now)
    free = or_(job.c.state == QUEUED, and_(job.c.state == RUNNING, job.c.lease_until < moment))
    statement = (
        select(job.c.id, job.c.tries).where(free).order_by(job.c.created_at, job.c.id).limit(1)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    while (found := conn.execute(statement).one_or_none()) is not None:
        id, tries = found
        if tries >= MOST_TRIES:
            error = f"It was begun {tries} times and never ended."
            conn.execute(update(job).where(job.c.id == id).values(state=FAILED, owner=None, error=error))
            continue
        values = {"state": RUNNING, "owner": owner, "tries": tries + 1, "progress": 0, "step": "Begun"}
        until = canonical.moment(now + lease)
        conn.execute(update(job).where(job.c.id == id).values(**values, lease_until=until))
        return get(conn, id)
    return None


def progress(
    conn: Connection, mine: Job, number: int, step: str, *, now: datetime, lease: timedelta = LEASE
) -> bool:
    """Say how far a job is, and keep its lease. False when the job is no longer this owner's."""
    values = {"progress": number, "step": step, "lease_until": canonical.moment(now + lease)}
    return _write(conn, mine, values)


def finish(conn: Connection, mine: Job, result: dict[str, Any]) -> bool:
    """End a job with its result. False, and nothing written, when the job is no longer this owner's."""
    values = {"state": DONE, "result": _plain(result), "lease_until": None, "error": None}
    return _write(conn, mine, values)


def fail(conn: Connection, mine: Job, error: str) -> bool:
    """End a job with a sentence that says why. False when the job is no longer this owner's."""
    return _write(conn, mine, {"state": FAILED, "error": error, "lease_until": None})


def _write(conn: Connection, mine: Job, values: dict[str, Any]) -> bool:
    fenced = update(job).where(
        job.c.id == mine.id, job.c.owner == mine.owner, job.c.tries == mine.tries, job.c.state == RUNNING
    )
    return conn.execute(fenced.values(**values)).rowcount == 1


def get(conn: Connection, id: str) -> Job | None:
    """One job by its id."""
    row = conn.execute(select(job).where(job.c.id == id)).mappings().one_or_none()
    return None if row is None else _job(dict(row))


def newest(conn: Connection, kind: str, limit: int = 20) -> tuple[Job, ...]:
    """The newest jobs of a kind, newest first."""
    statement = select(job).where(job.c.kind == kind).order_by(job.c.created_at.desc(), job.c.id).limit(limit)
    return tuple(_job(dict(row)) for row in conn.execute(statement).mappings())


def of_case(conn: Connection, case_id: str) -> tuple[Job, ...]:
    """The jobs of a case that have not ended, oldest first."""
    statement = select(job).where(job.c.case_id == case_id, job.c.state.in_((QUEUED, RUNNING)))
    return tuple(
        _job(dict(row)) for row in conn.execute(statement.order_by(job.c.created_at, job.c.id)).mappings()
    )


def _plain(value: dict[str, Any]) -> str:
    return msgspec.json.encode(value, order="sorted").decode()


def _job(row: dict[str, Any]) -> Job:
    row.pop("lease_until")
    row["payload"] = msgspec.json.decode(row["payload"])
    row["result"] = msgspec.json.decode(row["result"]) if row["result"] else None
    return Job(**row)
