"""The bolts: triggers by which the database itself refuses every way round the door.

Each bolt is one condition under which a statement is refused, written once in the SQL that SQLite and
PostgreSQL share. They hold with foreign keys on or off and do not rely on recursive triggers. They cannot hold
against somebody who owns the file and drops them: `review audit verify` and outside checkpoints find that.
"""

from typing import Literal

import msgspec
from sqlalchemy import Connection

Dialect = Literal["sqlite", "postgresql"]
Occasion = Literal["INSERT", "UPDATE", "DELETE", "TRUNCATE"]

_WRITES: tuple[Occasion, Occasion] = ("INSERT", "UPDATE")
_NEWEST = '(SELECT max("index") FROM event)'
_SEALED = 'EXISTS (SELECT 1 FROM tree_node t WHERE t.level = 0 AND t."index" = {0})'
_CASE_STATE = "(SELECT c.state FROM cases c WHERE c.id = NEW.case_id)"
_LAST_STATE = '(SELECT e.to_state FROM event e WHERE e.case_id = NEW.case_id ORDER BY e."index" DESC LIMIT 1)'
_MOVE = (
    'NOT EXISTS (SELECT 1 FROM event e WHERE e."index" = NEW.moved_by AND e.case_id = NEW.id '
    "AND e.from_state IS NOT DISTINCT FROM {0} AND e.to_state = NEW.state)"
)
_NOT_OPEN = f"NEW.{{0}} IS DISTINCT FROM {_NEWEST} OR {_SEALED.format('NEW.{0}')}"


class Bolt(msgspec.Struct, frozen=True):
    """A trigger: refuse `occasion` on `table`, saying `sentence`, when `condition` is true.

    Without a condition it always refuses.
    """

    name: str
    table: str
    occasion: Occasion
    sentence: str
    condition: str = ""


def _never(table: str, *occasions: Occasion) -> list[Bolt]:
    words = {"UPDATE": "changed", "DELETE": "removed", "TRUNCATE": "emptied"}
    return [
        Bolt(
            f"bolt_{table}_{occasion.lower()}",
            table,
            occasion,
            f"{table}: what is kept is never {words[occasion]}",
        )
        for occasion in occasions
    ]


BOLTS: tuple[Bolt, ...] = (
    *_never("event", "UPDATE", "DELETE", "TRUNCATE"),
    *_never("event_part", "UPDATE", "DELETE", "TRUNCATE"),
    *_never("tree_node", "UPDATE", "DELETE", "TRUNCATE"),
    *_never("checkpoint", "UPDATE", "DELETE", "TRUNCATE"),
    *_never("cases", "DELETE", "TRUNCATE"),
    *_never("record", "DELETE", "TRUNCATE"),
    Bolt(
        "bolt_event_next",
        "event",
        "INSERT",
        "event: the index is not the next one",
        f'NEW."index" IS DISTINCT FROM coalesce({_NEWEST}, -1) + 1',
    ),
    Bolt(
        "bolt_event_after_seal",
        "event",
        "INSERT",
        "event: the event before it is not sealed",
        f'NEW."index" > 0 AND NOT {_SEALED.format("""NEW."index" - 1""")}',
    ),
    Bolt(
        "bolt_event_outside_case",
        "event",
        "INSERT",
        "event: without a case there is no state",
        "(NEW.case_id IS NULL AND (NEW.from_state IS NOT NULL OR NEW.to_state IS NOT NULL "
        "OR NEW.case_tag <> '')) OR (NEW.case_id IS NOT NULL AND (NEW.to_state IS NULL OR NEW.case_tag = ''))",
    ),
    Bolt(
        "bolt_event_from_state",
        "event",
        "INSERT",
        "event: the case is in another state",
        f"NEW.case_id IS NOT NULL AND (NEW.from_state IS DISTINCT FROM {_CASE_STATE} "
        f"OR NEW.from_state IS DISTINCT FROM {_LAST_STATE})",
    ),
    Bolt(
        "bolt_event_part_open",
        "event_part",
        "INSERT",
        "event_part: the event is not the newest or is sealed",
        _NOT_OPEN.format("event"),
    ),
    Bolt(
        "bolt_event_part_once",
        "event_part",
        "INSERT",
        "event_part: that part is kept already",
        "EXISTS (SELECT 1 FROM event_part p WHERE p.event = NEW.event AND p.n = NEW.n)",
    ),
    Bolt(
        "bolt_tree_node_next",
        "tree_node",
        "INSERT",
        "tree_node: the newest event does not complete that subtree",
        f'NEW.level < 0 OR ((NEW."index" + 1) << NEW.level) IS DISTINCT FROM {_NEWEST} + 1 '
        "OR (NEW.level > 0 AND (SELECT count(*) FROM tree_node t WHERE t.level = NEW.level - 1 "
        'AND t."index" IN (NEW."index" * 2, NEW."index" * 2 + 1)) <> 2)',
    ),
    Bolt(
        "bolt_tree_node_once",
        "tree_node",
        "INSERT",
        "tree_node: that node is kept already",
        'EXISTS (SELECT 1 FROM tree_node t WHERE t.level = NEW.level AND t."index" = NEW."index")',
    ),
    Bolt(
        "bolt_seal_case_moved",
        "tree_node",
        "INSERT",
        "tree_node: the case is not in the state that the event says",
        'NEW.level = 0 AND EXISTS (SELECT 1 FROM event e WHERE e."index" = NEW."index" '
        "AND e.case_id IS NOT NULL AND e.to_state IS DISTINCT FROM "
        "(SELECT c.state FROM cases c WHERE c.id = e.case_id))",
    ),
    Bolt(
        "bolt_checkpoint_covered",
        "checkpoint",
        "INSERT",
        "checkpoint: the ledger has no such size or one is kept already",
        f"NEW.size IS NULL OR NOT {_SEALED.format('NEW.size - 1')} "
        "OR EXISTS (SELECT 1 FROM checkpoint k WHERE k.size = NEW.size)",
    ),
    Bolt(
        "bolt_cases_open",
        "cases",
        "INSERT",
        "cases: the newest event does not open this case",
        f"EXISTS (SELECT 1 FROM cases c WHERE c.id = NEW.id) OR {_NOT_OPEN.format('moved_by')} "
        f"OR {_MOVE.format('NULL')}",
    ),
    Bolt(
        "bolt_cases_move",
        "cases",
        "UPDATE",
        "cases: the newest event does not move this case so",
        "NEW.id IS DISTINCT FROM OLD.id OR ((NEW.state IS DISTINCT FROM OLD.state "
        f"OR NEW.moved_by IS DISTINCT FROM OLD.moved_by) AND ({_NOT_OPEN.format('moved_by')} "
        f"OR {_MOVE.format('OLD.state')}))",
    ),
    Bolt(
        "bolt_cases_change",
        "cases",
        "UPDATE",
        "cases: no event of this case is open",
        f'NOT EXISTS (SELECT 1 FROM event e WHERE e."index" = {_NEWEST} AND e.case_id = NEW.id) '
        f"OR {_SEALED.format(_NEWEST)}",
    ),
    # SQLite's OR REPLACE would remove the other case without asking the bolt on DELETE.
    *(
        Bolt(
            f"bolt_cases_number_{occasion.lower()}",
            "cases",
            occasion,
            "cases: another case has that number",
            "EXISTS (SELECT 1 FROM cases c WHERE c.number = NEW.number AND c.id <> NEW.id)",
        )
        for occasion in _WRITES
    ),
    Bolt(
        "bolt_record_new",
        "record",
        "INSERT",
        "record: the open event does not make this record",
        "EXISTS (SELECT 1 FROM record r WHERE r.kind = NEW.kind AND r.id = NEW.id) "
        f"OR NEW.version IS DISTINCT FROM 1 OR {_NOT_OPEN.format('event')}",
    ),
    Bolt(
        "bolt_record_change",
        "record",
        "UPDATE",
        "record: the open event does not change this record",
        "NEW.kind IS DISTINCT FROM OLD.kind OR NEW.id IS DISTINCT FROM OLD.id "
        "OR (OLD.case_id IS NOT NULL AND NEW.case_id IS DISTINCT FROM OLD.case_id) "
        f"OR NEW.version IS DISTINCT FROM OLD.version + 1 OR {_NOT_OPEN.format('event')}",
    ),
)


def create(dialect: Dialect) -> list[str]:
    """Return the statements that put the bolts in place."""
    return [statement for bolt in _of(dialect) for statement in _create(bolt, dialect)]


def remove(dialect: Dialect) -> list[str]:
    """Return the statements that take the bolts away, for a migration that rebuilds a table."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {bolt.name}" for bolt in _of(dialect)]
    return [f"DROP FUNCTION IF EXISTS {bolt.name}() CASCADE" for bolt in _of(dialect)]


def install(connection: Connection) -> None:
    """Put every bolt in place, replacing what has its name.

    Raises:
        RuntimeError: one is missing afterwards.
    """
    drop(connection)
    for statement in create(_dialect(connection)):
        connection.exec_driver_sql(statement)
    missing = present(connection)
    if missing:
        raise RuntimeError(f"The database did not keep these bolts: {', '.join(missing)}.")


def drop(connection: Connection) -> None:
    """Take every bolt away. Only a migration may, and it must install them again."""
    for statement in remove(_dialect(connection)):
        connection.exec_driver_sql(statement)


def present(connection: Connection) -> list[str]:
    """Return the names of bolts that are missing, switched off or not as written here; [] when all hold."""
    dialect = _dialect(connection)
    if dialect == "sqlite":
        kept = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        expected = {bolt.name: _create(bolt, dialect)[0] for bolt in _of(dialect)}
    else:
        kept = connection.exec_driver_sql(
            "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
        )
        expected = {bolt.name: _function_body(bolt) for bolt in _of(dialect)}
    found = {row[0]: row[1] for row in kept}
    return [name for name, text in expected.items() if found.get(name) != text]


def _of(dialect: Dialect) -> list[Bolt]:
    return [bolt for bolt in BOLTS if dialect == "postgresql" or bolt.occasion != "TRUNCATE"]


def _create(bolt: Bolt, dialect: Dialect) -> list[str]:
    if dialect == "sqlite":
        where = f" WHERE {bolt.condition}" if bolt.condition else ""
        return [
            (
                f"CREATE TRIGGER {bolt.name} BEFORE {bolt.occasion} ON {bolt.table} "
                f"BEGIN SELECT RAISE(ABORT, '{bolt.sentence}'){where}; END"
            )
        ]
    each = "STATEMENT" if bolt.occasion == "TRUNCATE" else "ROW"
    return [
        f"CREATE FUNCTION {bolt.name}() RETURNS trigger LANGUAGE plpgsql AS $bolt${_function_body(bolt)}$bolt$",
        (
            f"CREATE TRIGGER {bolt.name} BEFORE {bolt.occasion} ON {bolt.table} "
            f"FOR EACH {each} EXECUTE FUNCTION {bolt.name}()"
        ),
    ]


def _function_body(bolt: Bolt) -> str:
    # 23001 is restrict_violation, which drivers raise as an integrity error, as SQLite does for ABORT.
    refusal = f"RAISE EXCEPTION '{bolt.sentence}' USING ERRCODE = '23001';"
    if not bolt.condition:
        return f"BEGIN {refusal} END"
    return f"BEGIN IF {bolt.condition} THEN {refusal} END IF; RETURN NEW; END"


def _dialect(connection: Connection) -> Dialect:
    match connection.dialect.name:
        case "sqlite":
            return "sqlite"
        case "postgresql":
            return "postgresql"
        case other:
            raise RuntimeError(f"There are no bolts for {other}.")
