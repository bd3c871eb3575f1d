"""A small docket to try the ledger on: the two tables that the bolts guard, and acts that write them."""

import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    text,
)

from review.audit import canonical, ledger, tables
from review.records import bolts

metadata = MetaData()
for ledger_table in tables.LEDGER_TABLES:
    tables.metadata.tables[ledger_table].to_metadata(metadata)

Table(
    "cases",
    metadata,
    Column("id", tables.Name, primary_key=True),
    Column("state", Text, nullable=False),
    Column("moved_by", Integer, nullable=False),
    Column("number", Text, unique=True),
    ForeignKeyConstraint(
        ["id", "state", "moved_by"],
        ["event.case_id", "event.to_state", "event.index"],
        deferrable=True,
        initially="DEFERRED",
    ),
)
Table(
    "record",
    metadata,
    Column("kind", tables.Name, primary_key=True),
    Column("id", tables.Name, primary_key=True),
    Column("case_id", tables.Name),
    Column("version", Integer, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("event", Integer, nullable=False),
)


def sqlite_engine(address: str, *, foreign_keys: bool = True) -> Engine:
    """An engine whose transactions really begin, and that forgets recursive triggers as a stranger would."""
    engine = create_engine(address)

    @event.listens_for(engine, "connect")
    def _connected(connection, _record):
        connection.isolation_level = None
        connection.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA recursive_triggers = OFF")

    @event.listens_for(engine, "begin")
    def _begun(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def build(engine: Engine) -> None:
    with engine.begin() as connection:
        metadata.create_all(connection)
        bolts.install(connection)


class Docket:
    """Acts on a database, each one event in one transaction, under a clock that moves by one second."""

    def __init__(self, engine: Engine, seed: int = 1) -> None:
        self.engine = engine
        self.salts = random.Random(seed).randbytes
        self.seconds = itertools.count()
        self.states: dict[str, str] = {}
        self.records: dict[tuple[str, str], tuple[int, str]] = {}

    def act(
        self,
        act: str,
        case: str | None = None,
        to: str | None = None,
        changes: dict[tuple[str, str], object] | None = None,
    ) -> int:
        with self.engine.begin() as connection:
            return self.act_in(connection, act, case, to, changes or {})

    def act_in(
        self,
        connection: Connection,
        act: str,
        case: str | None,
        to: str | None,
        changes: dict[tuple[str, str], object],
    ) -> int:
        before = self.states.get(case) if case else None
        after = (to or before) if case else None
        index = ledger.open_event(
            connection,
            utc=f"2026-11-24T{next(self.seconds) // 3600 % 24:02}:00:00.000Z",
            act=act,
            case_id=case,
            case_tag=f"tag-of-{case}" if case else "",
            from_state=before,
            to_state=after,
        )
        parts = [
            ledger.Part("actor", {"person": "p-1", "name": "Noor Haddad"}),
            ledger.Part("reason", {"text": f"Because of {act}."}),
        ]
        parts += [self._write(connection, index, case, key, value) for key, value in changes.items()]
        if case and after:
            self._move(connection, index, case, before, after)
        ledger.seal(connection, index, parts, salts=self.salts)
        if case and after:
            self.states[case] = after
        return index

    def _write(self, connection, index, case, key, value) -> ledger.Part:
        kind, record_id = key
        version, before = self.records.get(key, (0, None))
        after = canonical.encode(value).decode()
        if before is None:
            statement = (
                "INSERT INTO record (kind, id, case_id, version, schema_version, body, event) "
                "VALUES (:kind, :id, :case, :version, 1, :body, :event)"
            )
        else:
            statement = (
                "UPDATE record SET version = :version, body = :body, event = :event "
                "WHERE kind = :kind AND id = :id"
            )
        connection.execute(
            text(statement),
            {
                "kind": kind,
                "id": record_id,
                "case": case,
                "version": version + 1,
                "body": after,
                "event": index,
            },
        )
        self.records[key] = (version + 1, after)
        return ledger.change(kind, record_id, 1, before, after)

    @staticmethod
    def _move(connection, index, case, before, after) -> None:
        if before is None:
            statement = "INSERT INTO cases (id, state, moved_by) VALUES (:id, :state, :event)"
        else:
            statement = "UPDATE cases SET state = :state, moved_by = :event WHERE id = :id"
        connection.execute(text(statement), {"id": case, "state": after, "event": index})


def fill(docket: Docket) -> None:
    """Two cases and an act outside any case, ten events in all, with two records each changed twice."""
    docket.act("open", "case-a", "draft", {("claim", "c1"): {"value": "0.10", "unit": "share"}})
    docket.act("open", "case-b", "draft", {("claim", "c2"): {"value": "0.20", "unit": "share"}})
    docket.act("invite", changes={("person", "p-1"): {"name": "Noor Haddad", "role": "lead"}})
    docket.act("submit", "case-a", "submitted", {("claim", "c1"): {"value": "0.15", "unit": "share"}})
    docket.act("note", "case-a")
    docket.act("submit", "case-b", "submitted")
    docket.act("accept", "case-a", "in_review", {("review", "r1"): {"finding": "none", "days": 3}})
    docket.act("change_role", changes={("person", "p-1"): {"name": "Noor Haddad", "role": "official"}})
    docket.act("accept", "case-b", "in_review")
    docket.act("decide", "case-a", "decided", {("claim", "c1"): {"value": "0.15", "unit": "percent"}})


def rows(connection: Connection) -> Iterator[tuple[str, str, int, str, int]]:
    found = connection.exec_driver_sql(
        "SELECT kind, id, schema_version, body, event FROM record ORDER BY kind, id"
    )
    yield from found


def cases(connection: Connection) -> Iterator[tuple[str, str, int]]:
    yield from connection.exec_driver_sql("SELECT id, state, moved_by FROM cases ORDER BY id")


@contextmanager
def disposing(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()
