"""Reading and writing regulated records: entities in, canonical documents out.

Only the door writes. Reading a case brings all of its records in one statement, so that pages cost the same
however much a case holds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar, cast

import msgspec
from sqlalchemy import Connection, RowMapping, bindparam, select, tuple_

from review.audit import canonical
from review.records.tables import cases, record
from review.rules.entities import KINDS, Case, Entity

E = TypeVar("E", bound=Entity)

CASE_COLUMNS = tuple(str(column.name) for column in cases.columns if column.name != "moved_by")


@cache
def _decoder(kind: str) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(KINDS[kind])


def decode(kind: str, body: str | bytes) -> Entity:
    """An entity from its canonical document."""
    return cast(Entity, _decoder(kind).decode(body))


def encode(entity: Entity) -> str:
    """The canonical document of an entity."""
    return canonical.encode(entity).decode()


class Records:
    """The records of one case (or of the house), by kind, in the order in which they were first written."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_kind: dict[str, list[Entity]] = {}
        for entity in entities:
            self._by_kind.setdefault(entity.kind, []).append(entity)

    def all(self, kind: type[E]) -> tuple[E, ...]:
        return tuple(cast("list[E]", self._by_kind.get(kind.kind, [])))

    def last(self, kind: type[E]) -> E | None:
        found = self._by_kind.get(kind.kind)
        return cast(E, found[-1]) if found else None


_ORDER = {kind: n for n, kind in enumerate(KINDS)}
_OF_CASE = select(record.c.kind, record.c.body, record.c.event).where(
    record.c.case_id == bindparam("case_id")
)
_OF_CASE_KINDS = _OF_CASE.where(record.c.kind.in_(bindparam("kinds", expanding=True)))


def of_case(conn: Connection, case_id: str, kinds: Sequence[str] | None = None) -> Records:
    """All records of a case, or those of some kinds, in one statement."""
    if kinds is None:
        rows = conn.execute(_OF_CASE, {"case_id": case_id}).all()
    else:
        rows = conn.execute(_OF_CASE_KINDS, {"case_id": case_id, "kinds": list(kinds)}).all()
    entities = [decode(kind, body) for kind, body, _ in rows]
    return Records(sorted(entities, key=age))


def age(entity: Entity) -> tuple[int, Any]:
    """An order that the records themselves carry: it is the same after a restore, or as of an earlier event."""
    for field in ("ordinal", "number", "since", "at", "owed_at", "attached_at"):
        value = getattr(entity, field, None)
        if value is not None:
            return _ORDER[entity.kind], (f"{value:09d}" if isinstance(value, int) else str(value), entity.id)
    return _ORDER[entity.kind], ("", entity.id)


def get(conn: Connection, kind: type[E], id: str) -> E | None:
    """One record by kind and id."""
    statement = select(record.c.body).where(record.c.kind == kind.kind, record.c.id == id)
    body = conn.execute(statement).scalar_one_or_none()
    return None if body is None else cast(E, decode(kind.kind, body))


def of_person(conn: Connection, kind: type[E], person_id: str) -> tuple[E, ...]:
    """Records of a kind that concern a person."""
    statement = select(record.c.body).where(record.c.kind == kind.kind, record.c.person_id == person_id)
    return tuple(cast(E, decode(kind.kind, body)) for body in conn.execute(statement).scalars())


def all_of(conn: Connection, kind: type[E]) -> tuple[E, ...]:
    """Every record of a kind; for the house's own lists."""
    statement = select(record.c.body).where(record.c.kind == kind.kind).order_by(record.c.id)
    return tuple(cast(E, decode(kind.kind, body)) for body in conn.execute(statement).scalars())


def case_from_row(row: RowMapping | Mapping[str, Any]) -> Case:
    """The case's record from its columns."""
    values = {name: row[name] for name in CASE_COLUMNS}
    values["comparators"] = msgspec.json.decode(values["comparators"])
    values["open_weights"] = bool(values["open_weights"])
    return msgspec.convert(values, Case)


def case_to_row(case: Case) -> dict[str, Any]:
    """The columns of a case's record."""
    values: dict[str, Any] = msgspec.to_builtins(case)
    values["opened_at"] = canonical.moment(case.opened_at)
    values["comparators"] = canonical.encode(list(case.comparators)).decode()
    return values


def case(conn: Connection, case_id: str) -> Case | None:
    """One case by its id."""
    row = conn.execute(select(cases).where(cases.c.id == case_id)).mappings().one_or_none()
    return None if row is None else case_from_row(row)


def write(conn: Connection, event: int, entity: Entity, before: Entity | None) -> None:
    """Insert or update one record other than the case, as part of an event."""
    values = {
        "kind": entity.kind,
        "id": entity.id,
        "case_id": getattr(entity, "case_id", None),
        "schema_version": entity.schema,
        "body": encode(entity),
        "event": event,
        "person_id": getattr(entity, "person_id", None),
        "held": getattr(entity, "held", None),
    }
    if before is None:
        conn.execute(_INSERT, {**values, "version": 1})
    else:
        conn.execute(_UPDATE, {**values, "b_kind": entity.kind, "b_id": entity.id})


_INSERT = record.insert()
_UPDATE = (
    record.update()
    .where(record.c.kind == bindparam("b_kind"), record.c.id == bindparam("b_id"))
    .values(
        version=record.c.version + 1,
        schema_version=bindparam("schema_version"),
        body=bindparam("body"),
        event=bindparam("event"),
        person_id=bindparam("person_id"),
        held=bindparam("held"),
        case_id=bindparam("case_id"),
    )
)


PAGE = 500
"""Records read at once where all are read: no reader holds its place for long."""


def rows(conn: Connection) -> Iterator[tuple[str, str, int, str, int | None]]:
    """Every regulated record as (kind, id, schema version, document, last event); a kind's records by their id."""
    for row in _cases(conn):
        yield "case", row["id"], Case.schema, encode(case_from_row(row)), None
    columns = (record.c.kind, record.c.id, record.c.schema_version, record.c.body, record.c.event)
    last = ("", "")
    while True:
        statement = select(*columns).where(tuple_(record.c.kind, record.c.id) > last)
        page = conn.execute(statement.order_by(record.c.kind, record.c.id).limit(PAGE)).all()
        yield from page
        if len(page) < PAGE:
            return
        last = (page[-1].kind, page[-1].id)


def states(conn: Connection) -> Iterator[tuple[str, str, int]]:
    """Every case as (id, state, the event that moved it there), by id."""
    return ((row["id"], row["state"], row["moved_by"]) for row in _cases(conn))


def _cases(conn: Connection) -> Iterator[RowMapping]:
    last = ""
    while True:
        page = (
            conn.execute(select(cases).where(cases.c.id > last).order_by(cases.c.id).limit(PAGE))
            .mappings()
            .all()
        )
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1]["id"]


def index_differences(conn: Connection) -> Iterator[tuple[str, str, str]]:
    """Records whose index columns do not follow from their document, as (kind, id, column)."""
    statement = select(
        record.c.kind, record.c.id, record.c.body, record.c.person_id, record.c.held, record.c.case_id
    )
    for kind, id, body, person_id, held, case_id in conn.execute(statement):
        try:
            entity = decode(kind, body)
        except (msgspec.ValidationError, msgspec.DecodeError, KeyError):
            yield kind, id, "body"
            continue
        if getattr(entity, "person_id", None) != person_id:
            yield kind, id, "person_id"
        if getattr(entity, "held", None) != (None if held is None else bool(held)):
            yield kind, id, "held"
        if hasattr(entity, "case_id") and entity.case_id != case_id:
            yield kind, id, "case_id"
