"""What the ledger costs: the audit part of an act against a plain ORM insert, and the speed of the check.

Run ``python -m bench.ledger``. All figures are CPU time of this process; files are on a disk without sync.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
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
)
from sqlalchemy import event as happening
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from review.audit import checkpoint as notes_of
from review.audit import ledger, merkle, tables
from review.audit.verify import verify
from review.records import bolts

ORIGIN = "review.example/ledger"
UTC = "2026-11-24T12:00:00.000Z"
BEFORE = '{"answers":{"parameters":"70000000000","tokens":"15000000000000"},"id":"f-1","section":"model","version":1}'
AFTER = '{"answers":{"parameters":"70600000000","tokens":"15000000000000"},"id":"f-1","section":"model","version":2}'


class Base(DeclarativeBase):
    """The floor's own tables."""


class Note(Base):
    """A plain row such as any application would insert."""

    __tablename__ = "note"
    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str]
    case_id: Mapped[str]
    text: Mapped[str]
    utc: Mapped[str]


def main() -> None:
    """Print the table."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        engine = _engine(Path(folder) / "acts.db")
        _acts(engine)
        engine.dispose()
        engine = _engine(Path(folder) / "verify.db")
        _check(engine, events)
        engine.dispose()


def _acts(engine: Engine, rounds: int = 1_500) -> None:
    with engine.begin() as connection:
        _build(connection)
        Base.metadata.create_all(connection)
    _open_case(engine)
    floor, audit, signed = [], [], []
    for turn in range(6):
        floor.append(_cpu(lambda: _insert(engine, rounds)) / rounds)
        audit.append(
            _cpu(lambda: _act(engine, rounds)) / rounds - _cpu(lambda: _nothing(engine, rounds)) / rounds
        )
        signed.append(
            _cpu(lambda: _act_and_sign(engine, rounds)) / rounds
            - _cpu(lambda: _nothing(engine, rounds)) / rounds
        )
        if turn == 0:  # the first turn fills caches
            floor, audit, signed = [], [], []
    print(f"one plain ORM insert         {min(floor) * 1e6:8.0f} us CPU")
    print(
        f"audit of one act (4 parts)   {min(audit) * 1e6:8.0f} us CPU   {min(audit) / min(floor):.2f} x   (at most 2.5 x)"
    )
    print(
        f"the same with its checkpoint {min(signed) * 1e6:8.0f} us CPU   {min(signed) / min(floor):.2f} x   (at most 2.5 x)"
    )


def _insert(engine: Engine, rounds: int) -> None:
    for number in range(rounds):
        with Session(engine) as session:
            session.add(Note(person="p-1", case_id="case-1", text=f"Note {number}", utc=UTC))
            session.commit()


def _nothing(engine: Engine, rounds: int) -> None:
    """An empty transaction: the act has one whether or not it is audited."""
    for _ in range(rounds):
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT 1")


def _act(engine: Engine, rounds: int) -> None:
    for _ in range(rounds):
        with engine.begin() as connection:
            _one_act(connection)


def _act_and_sign(engine: Engine, rounds: int) -> None:
    """As the door does it: the act, and then the signed head in a transaction of its own."""
    key = Ed25519PrivateKey.generate()
    for _ in range(rounds):
        with engine.begin() as connection:
            _one_act(connection)
        with engine.begin() as connection:
            ledger.checkpoint(connection, key, ORIGIN, utc=UTC)


def _one_act(connection: Connection) -> None:
    index = ledger.open_event(
        connection,
        utc=UTC,
        act="save_note",
        case_id="case-1",
        case_tag="0123456789abcdef",
        from_state="draft",
        to_state="draft",
    )
    parts = [
        ledger.Part("actor", {"person": "p-1", "name": "Noor Haddad", "role": "reviewer"}),
        ledger.Part("reason", {"text": "The reviewer asked for the number of training tokens."}),
        ledger.Part("given", {"section": "model", "version": 2}),
        ledger.change("filing_section", "f-1", 1, BEFORE, AFTER),
    ]
    ledger.seal(connection, index, parts)


def _open_case(engine: Engine) -> None:
    with engine.begin() as connection:
        index = ledger.open_event(
            connection,
            utc=UTC,
            act="open",
            case_id="case-1",
            case_tag="0123456789abcdef",
            from_state=None,
            to_state="draft",
        )
        connection.exec_driver_sql(
            "INSERT INTO cases (id, state, moved_by) VALUES ('case-1', 'draft', ?)", (index,)
        )
        ledger.seal(connection, index, [])


def _check(engine: Engine, events: int) -> None:
    key = Ed25519PrivateKey.generate()
    with engine.begin() as connection:
        _build(connection)
        bolts.drop(connection)
        _fill(connection, events, key)
    resident = 0
    for replay in (False, True):
        with engine.connect() as connection:
            spent = _cpu(lambda: _verify(connection, key, replay, events))  # noqa: B023
        words = "with replay" if replay else "without replay"
        least = "" if replay else "   (at least 60,000)"
        print(f"audit verify, {words:15}{events / spent:8.0f} events/s of {events:,}{least}")
        if not replay:
            resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"memory at its highest        {resident / 1024:8.0f} MB")


def _verify(connection: Connection, key: Ed25519PrivateKey, replay: bool, events: int) -> None:
    rows = connection.exec_driver_sql(
        "SELECT kind, id, schema_version, body, event FROM record ORDER BY kind, id"
    )
    cases = connection.exec_driver_sql("SELECT id, state, moved_by FROM cases ORDER BY id")
    result = verify(
        connection,
        public_key=key.public_key(),
        origin=ORIGIN,
        rows=(tuple(row) for row in rows),
        cases=(tuple(row) for row in cases),
        replay=replay,
    )
    assert result.events == events, result
    assert result.findings == (), result.findings[:3]


def _fill(connection: Connection, events: int, key: Ed25519PrivateKey) -> None:
    """Write a long honest ledger in bulk: cases of 40 events with 4 parts each, a checkpoint every 20."""
    tree = merkle.Frontier()
    for begin in range(0, events, 5_000):
        made = [_made(index) for index in range(begin, min(begin + 5_000, events))]
        nodes, notes = [], []
        for index, (header, parts) in enumerate(made, start=begin):
            digests = [(part[2], part[8]) for part in parts]
            _, utc, act, _, tag, before, after = header
            leaf = merkle.leaf_hash(ledger.leaf_bytes(index, utc, act, tag, before, after, digests))
            nodes += [(0, index, leaf), *tree.append(leaf)]
            if index % 20 == 19:
                root = tree.root()
                notes.append((index + 1, root, notes_of.make(ORIGIN, index + 1, root, key), UTC))
        _many(
            connection,
            'event ("index", utc, act, case_id, case_tag, from_state, to_state)',
            [m[0] for m in made],
        )
        _many(
            connection,
            "event_part (event, n, name, kind, record_id, schema_version, salt, body, digest)",
            [part for _, parts in made for part in parts],
        )
        _many(connection, 'tree_node (level, "index", hash)', nodes)
        _many(connection, "checkpoint (size, root, note, utc)", notes)
    last = {index // 40: index for index in range(events)}
    _many(connection, "cases (id, state, moved_by)", [(f"case-{n:06}", "draft", n * 40) for n in last])
    _many(
        connection,
        "record (kind, id, case_id, version, schema_version, body, event)",
        [("section", f"f-{n:06}", f"case-{n:06}", 1, 1, _value(index), index) for n, index in last.items()],
    )


def _value(index: int) -> str:
    return f'{{"answers":{{"parameters":"{index}","tokens":"15000000000000"}},"section":"model"}}'


_salts = random.Random(7)


def _made(index: int) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    case, first = index // 40, index % 40 == 0
    parts = [
        ledger.Part("actor", b'{"name":"Noor Haddad","person":"p-1","role":"reviewer"}'),
        ledger.Part("reason", b'{"text":"The reviewer asked for the number of training tokens."}'),
        ledger.Part("given", b'{"section":"model","version":2}'),
        ledger.change("section", f"f-{case:06}", 1, None if first else _value(index - 1), _value(index)),
    ]
    header = (index, UTC, "save_note", f"case-{case:06}", f"{case:032x}", None if first else "draft", "draft")
    return header, [ledger._part_row(index, n, part, _salts.randbytes(16)) for n, part in enumerate(parts)]


def _many(connection: Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        marks = ", ".join("?" * len(rows[0]))
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ({marks})", list(rows))


def _cpu(work: Callable[[], None]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


def _build(connection: Connection) -> None:
    metadata = MetaData()
    for name in tables.LEDGER_TABLES:
        tables.metadata.tables[name].to_metadata(metadata)
    Table(
        "cases",
        metadata,
        Column("id", Text, primary_key=True),
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
    texts = [Column("case_id", Text), Column("body", Text, nullable=False)]
    numbers = [Column(name, Integer, nullable=False) for name in ("version", "schema_version", "event")]
    names = [Column("kind", Text, primary_key=True), Column("id", Text, primary_key=True)]
    Table("record", metadata, *names, *texts, *numbers)
    metadata.create_all(connection)
    bolts.install(connection)


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}")

    @happening.listens_for(engine, "connect")
    def _connected(connection, _record):
        connection.isolation_level = None
        for setting in ("foreign_keys=ON", "synchronous=OFF", "journal_mode=TRUNCATE"):
            connection.execute(f"PRAGMA {setting}")

    @happening.listens_for(engine, "begin")
    def _begun(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


if __name__ == "__main__":
    main()
