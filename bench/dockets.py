"""Large dockets for benches: one case told through the acts, then copied row by row under new ids."""

import tempfile
from pathlib import Path

from sqlalchemy import Connection, Table, insert, select

from review.audit.tables import event, event_part
from review.records import bolts
from review.records.tables import case_index, cases, record, todo
from tests.builders import World, found_world

COPIES = (cases, case_index, todo, record, event, event_part)


def docket(count: int) -> tuple[World, str]:
    """A house with so many cases in review, and the id of one of them. The copies are for speed, not for the record."""
    world = found_world(Path(tempfile.mkdtemp(prefix="bench-docket-")))
    play = world.review()
    with world.office.database.unlocked() as conn:
        conn.exec_driver_sql("PRAGMA foreign_keys = OFF")
        conn.exec_driver_sql("PRAGMA synchronous = OFF")
        conn.exec_driver_sql("BEGIN IMMEDIATE")
        bolts.drop(conn)
        _copy(conn, play.case_id, count - 1)
        bolts.install(conn)
        conn.exec_driver_sql("COMMIT")
    return world, play.case_id


def _copy(conn: Connection, case_id: str, count: int) -> None:
    rows = {table: _rows(conn, table, case_id) for table in COPIES}
    base = int(str(rows[event][0]["index"]))
    length = len(rows[event])
    first = int(conn.exec_driver_sql('SELECT max("index") + 1 FROM event').scalar_one())
    nodes = [(0, first + n, b"\x00" * 32) for n in range(count * length)]
    for table in COPIES:
        made = [
            _moved(row, table, case_id, f"{copy:032x}", copy, first + copy * length - base)
            for copy in range(count)
            for row in rows[table]
        ]
        conn.execute(insert(table), made)
    conn.exec_driver_sql('INSERT INTO tree_node (level, "index", hash) VALUES (?, ?, ?)', nodes)


def _rows(conn: Connection, table: Table, case_id: str) -> list[dict[str, object]]:
    if table is cases:
        where = cases.c.id == case_id
    elif table is event_part:
        mine = select(event.c.index).where(event.c.case_id == case_id)
        where = event_part.c.event.in_(mine) & (event_part.c.name == "actor")
    else:
        where = table.c.case_id == case_id
    order = event.c.index if table is event else None
    statement = select(table).where(where)
    return [
        dict(row)
        for row in conn.execute(statement.order_by(order) if order is not None else statement).mappings()
    ]


def _moved(
    row: dict[str, object], table: Table, old: str, new: str, copy: int, shift: int
) -> dict[str, object]:
    made = dict(row)
    for key in ("case_id", "id"):
        if made.get(key) == old:
            made[key] = new
    if table is cases:
        made["number"] = f"FMR-2026-{copy + 2:04d}"
        made["moved_by"] = int(str(row["moved_by"])) + shift
    if table is record:
        made["id"] = f"{row['id'][:-8]}{copy:08x}"  # type: ignore[index]
        made["body"] = str(row["body"]).replace(old, new) if row["kind"] != "filing_version" else "{}"
        made["event"] = int(str(row["event"])) + shift
    if table is event:
        made["index"] = int(str(row["index"])) + shift
    if table is event_part:
        made["event"] = int(str(row["event"])) + shift
    return made
