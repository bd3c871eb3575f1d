"""Each bolt is tried with plain SQL by somebody who does not go through the door."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from review.audit import ledger
from review.records import bolts, schema
from review.records.database import Database

SALT = b"s" * 16
HASH = b"h" * 32
OPEN = (
    'INSERT INTO event ("index", utc, act, case_id, case_tag, from_state, to_state) '
    "VALUES (:index, '2026-11-24T00:00:00.000Z', 'forge', :case, :tag, :before, :after)"
)
PART = (
    "INSERT INTO event_part (event, n, name, salt, body, digest) "
    "VALUES (:event, :n, 'reason', :salt, '{}', :digest)"
)


def run(connection: Connection, statement: str, **values: object) -> None:
    values |= {"salt": SALT, "digest": HASH} if ":salt" in statement else {}
    connection.execute(text(statement), values)


def open_forged(connection, index=10, case=None, tag="", before=None, after=None) -> None:
    run(connection, OPEN, index=index, case=case, tag=tag, before=before, after=after)


def refused(engine, *statements: str, **values: object) -> str:
    """Run the statements in one transaction and return the database's refusal."""
    with pytest.raises(DBAPIError) as refusal:
        with engine.begin() as connection:
            for statement in statements:
                run(connection, statement, **values)
    return str(refusal.value.orig)


ON_SQLITE = ["sqlite", "sqlite without foreign keys"]
ON_POSTGRESQL = [pytest.param("postgresql", marks=pytest.mark.postgres)]

KEPT = [
    "UPDATE event SET act = 'other' WHERE \"index\" = 3",
    'UPDATE event SET "index" = 99 WHERE "index" = 9',
    'DELETE FROM event WHERE "index" = 9',
    "UPDATE event_part SET body = '{}' WHERE event = 3",
    "UPDATE event_part SET body = NULL WHERE event = 3",
    "DELETE FROM event_part WHERE event = 9",
    "UPDATE tree_node SET hash = hash WHERE level = 1",
    "DELETE FROM tree_node WHERE level = 0",
    "UPDATE checkpoint SET note = '' WHERE size = 10",
    "DELETE FROM checkpoint",
    "DELETE FROM cases",
    "DELETE FROM record",
]


@pytest.mark.parametrize("statement", KEPT)
def test_what_is_kept_is_never_changed_or_removed(docket, key, statement):
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, "review.example/ledger", utc="2026-11-24T00:00:00.000Z")
    assert "what is kept is never" in refused(docket.engine, statement)


REPLACE = [
    (
        'REPLACE INTO event ("index", utc, act, case_id, case_tag, from_state, to_state) '
        'SELECT "index", utc, \'other\', case_id, case_tag, from_state, to_state FROM event WHERE "index" = 9'
    ),
    (
        "REPLACE INTO event_part (event, n, name, salt, body, digest) "
        "SELECT event, n, name, salt, '{}', digest FROM event_part WHERE event = 9"
    ),
    'REPLACE INTO tree_node (level, "index", hash) SELECT level, "index", hash FROM tree_node',
    (
        'REPLACE INTO tree_node (level, "index", hash) SELECT 0, 9, hash FROM tree_node '
        'WHERE level = 0 AND "index" = 1'
    ),
    "REPLACE INTO checkpoint (size, root, note, utc) SELECT size, root, '', utc FROM checkpoint",
    "REPLACE INTO cases (id, state, moved_by) SELECT id, 'approved', moved_by FROM cases",
    (
        "REPLACE INTO record (kind, id, version, schema_version, body, event) "
        "SELECT kind, id, 1, 1, '{}', event FROM record"
    ),
    "UPDATE OR REPLACE cases SET id = 'case-b' WHERE id = 'case-a'",
    "UPDATE OR REPLACE record SET id = 'c2', version = version + 1 WHERE kind = 'claim' AND id = 'c1'",
]


@pytest.mark.parametrize("engine", ON_SQLITE, indirect=True)
@pytest.mark.parametrize("statement", REPLACE)
def test_replace_does_not_pass_for_insert(docket, key, statement):
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, "review.example/ledger", utc="2026-11-24T00:00:00.000Z")
    refused(docket.engine, statement)
    with docket.engine.begin() as connection:
        open_forged(connection)
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql(statement)
        connection.rollback()


@pytest.mark.parametrize("engine", ON_POSTGRESQL, indirect=True)
@pytest.mark.parametrize("table", ["event", "event_part", "tree_node", "checkpoint", "cases", "record"])
def test_truncate_is_refused(docket, table):
    refused(docket.engine, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("index", [0, 5, 9, 11, 99, -1])
def test_an_event_takes_the_next_index_only(docket, index):
    with pytest.raises(IntegrityError):
        with docket.engine.begin() as connection:
            open_forged(connection, index)


def test_an_event_waits_until_the_one_before_is_sealed(docket):
    with pytest.raises(IntegrityError, match="not sealed"):
        with docket.engine.begin() as connection:
            open_forged(connection, 10)
            open_forged(connection, 11)


@pytest.mark.parametrize(
    ("case", "before", "after"),
    [
        ("case-a", "in_review", "approved"),
        ("case-a", None, "draft"),
        ("case-a", "draft", "submitted"),
        ("case-new", "draft", "submitted"),
        ("case-a", "decided", None),
        (None, "draft", "submitted"),
        (None, None, "draft"),
    ],
)
def test_an_event_starts_from_the_state_that_the_case_is_in(docket, case, before, after):
    with pytest.raises(IntegrityError, match="state"):
        with docket.engine.begin() as connection:
            open_forged(connection, 10, case, "tag" if case else "", before, after)


def test_a_case_needs_its_tag_in_the_leaf(docket):
    with pytest.raises(IntegrityError):
        with docket.engine.begin() as connection:
            open_forged(connection, 10, "case-a", "", "decided", "decided")


def test_a_part_joins_only_the_newest_event_and_never_a_sealed_one(docket):
    assert "not the newest or is sealed" in refused(docket.engine, PART, event=3, n=9)
    assert "not the newest or is sealed" in refused(docket.engine, PART, event=9, n=9)
    assert refused(docket.engine, PART, event=10, n=0)


def test_a_part_is_kept_once(docket):
    with pytest.raises(IntegrityError, match="kept already"):
        with docket.engine.begin() as connection:
            open_forged(connection)
            run(connection, PART, event=10, n=0)
            run(connection, PART, event=10, n=0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases SET state = 'approved' WHERE id = 'case-a'",
        "UPDATE cases SET state = 'approved', moved_by = 9 WHERE id = 'case-a'",
        "UPDATE cases SET state = 'submitted', moved_by = 3 WHERE id = 'case-a'",
        "UPDATE cases SET moved_by = 8 WHERE id = 'case-a'",
        "UPDATE cases SET moved_by = NULL WHERE id = 'case-a'",
        "UPDATE cases SET state = NULL WHERE id = 'case-a'",
        "UPDATE cases SET id = 'case-z' WHERE id = 'case-a'",
        "INSERT INTO cases (id, state, moved_by) VALUES ('case-z', 'approved', 9)",
        "INSERT INTO cases (id, state, moved_by) VALUES ('case-z', 'approved', 10)",
    ],
)
def test_no_case_moves_without_its_event(docket, statement):
    refused(docket.engine, statement)


def test_another_case_s_event_moves_no_case(docket):
    with pytest.raises(IntegrityError, match="does not move this case so|no event of this case is open"):
        with docket.engine.begin() as connection:
            open_forged(connection, 10, "case-b", "tag-of-case-b", "in_review", "decided")
            run(connection, "UPDATE cases SET state = 'decided', moved_by = 10 WHERE id = 'case-a'")


def test_a_case_moves_only_as_the_open_event_says(docket):
    with pytest.raises(IntegrityError, match="does not move this case so"):
        with docket.engine.begin() as connection:
            open_forged(connection, 10, "case-b", "tag-of-case-b", "in_review", "decided")
            run(connection, "UPDATE cases SET state = 'approved', moved_by = 10 WHERE id = 'case-b'")


def test_an_event_is_not_sealed_before_its_case_has_moved(docket):
    with pytest.raises(IntegrityError, match="not in the state"):
        with docket.engine.begin() as connection:
            open_forged(connection, 10, "case-b", "tag-of-case-b", "in_review", "decided")
            ledger.seal(connection, 10, [])


NUMBER = "UPDATE cases SET number = 'MR-2026-0001' WHERE id = :case"


def test_a_case_changes_only_while_an_event_of_it_is_open(docket):
    assert "no event of this case is open" in refused(docket.engine, NUMBER, case="case-a")
    with pytest.raises(IntegrityError, match="no event of this case is open"):
        with docket.engine.begin() as connection:
            open_forged(connection, 10, "case-b", "tag-of-case-b", "in_review", "in_review")
            run(connection, NUMBER, case="case-a")
    with docket.engine.begin() as connection:
        open_forged(connection, 10, "case-b", "tag-of-case-b", "in_review", "in_review")
        run(connection, NUMBER, case="case-b")
        ledger.seal(connection, 10, [])
        with pytest.raises(IntegrityError, match="no event of this case is open"):
            with connection.begin_nested():
                run(connection, NUMBER, case="case-b")


def test_no_case_takes_another_s_number(docket):
    """Nor its place: SQLite's OR REPLACE would remove the other case."""
    with docket.engine.begin() as connection:
        open_forged(connection, 10, "case-b", "tag-of-case-b", "in_review", "in_review")
        run(connection, NUMBER, case="case-b")
        ledger.seal(connection, 10, [])
    or_replace = "UPDATE OR REPLACE" if docket.engine.dialect.name == "sqlite" else "UPDATE"
    with pytest.raises(IntegrityError, match="another case has that number"):
        with docket.engine.begin() as connection:
            open_forged(connection, 11, "case-a", "tag-of-case-a", "decided", "decided")
            run(connection, NUMBER.replace("UPDATE", or_replace), case="case-a")
    insert = "REPLACE" if docket.engine.dialect.name == "sqlite" else "INSERT"
    with pytest.raises(IntegrityError, match="another case has that number"):
        with docket.engine.begin() as connection:
            open_forged(connection, 11, "case-z", "tag-of-case-z", None, "draft")
            run(
                connection,
                f"{insert} INTO cases (id, state, moved_by, number) VALUES ('case-z', 'draft', 11, 'MR-2026-0001')",
            )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET body = '{}' WHERE id = 'c1'",
        "UPDATE record SET body = '{}', version = version + 1 WHERE id = 'c1'",
        "UPDATE record SET body = '{}', version = version + 1, event = 9 WHERE id = 'c1'",
        "UPDATE record SET body = '{}', version = version + 1, event = 10 WHERE id = 'c1'",
        "INSERT INTO record (kind, id, version, schema_version, body, event) VALUES ('claim', 'z', 1, 1, '{}', 9)",
        "INSERT INTO record (kind, id, version, schema_version, body, event) VALUES ('claim', 'z', 1, 1, '{}', 10)",
    ],
)
def test_no_record_changes_without_an_open_event(docket, statement):
    assert "the open event does not" in refused(docket.engine, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record SET version = version + 2, event = 10 WHERE id = 'c1'",
        "UPDATE record SET version = version, event = 10 WHERE id = 'c1'",
        "UPDATE record SET version = version + 1, event = 9 WHERE id = 'c1'",
        "UPDATE record SET version = version + 1, event = 10, id = 'z' WHERE id = 'c1'",
        "UPDATE record SET version = version + 1, event = 10, case_id = 'case-b' WHERE id = 'c1'",
        "INSERT INTO record (kind, id, version, schema_version, body, event) VALUES ('claim', 'z', 2, 1, '{}', 10)",
    ],
)
def test_a_record_changes_one_version_at_a_time_and_stays_itself(docket, statement):
    with pytest.raises(IntegrityError, match="the open event does not"):
        with docket.engine.begin() as connection:
            open_forged(connection)
            run(connection, statement)


def test_a_sealed_event_changes_no_record(docket):
    with pytest.raises(IntegrityError, match="the open event does not"):
        with docket.engine.begin() as connection:
            open_forged(connection)
            ledger.seal(connection, 10, [])
            run(connection, "UPDATE record SET version = version + 1, event = 10 WHERE id = 'c1'")


@pytest.mark.parametrize(("level", "index"), [(0, 9), (0, 11), (1, 5), (1, 4), (4, 0), (-1, 10), (2, 7)])
def test_a_node_enters_the_tree_only_when_its_event_completes_it(docket, level, index):
    with pytest.raises(IntegrityError):
        with docket.engine.begin() as connection:
            open_forged(connection)
            connection.execute(
                text('INSERT INTO tree_node (level, "index", hash) VALUES (:level, :index, :hash)'),
                {"level": level, "index": index, "hash": HASH},
            )


@pytest.mark.parametrize("size", [0, 11, 99])
def test_a_checkpoint_covers_sealed_events_only(docket, size):
    with pytest.raises(IntegrityError):
        with docket.engine.begin() as connection:
            connection.execute(
                text("INSERT INTO checkpoint (size, root, note, utc) VALUES (:size, :root, '', '')"),
                {"size": size, "root": HASH},
            )


@pytest.mark.parametrize("engine", ["sqlite", *ON_POSTGRESQL], indirect=True)
def test_the_database_refuses_to_keep_an_event_without_its_leaf(docket):
    """Only a foreign key can hold this one; without it, the next event is refused."""
    with pytest.raises(IntegrityError):
        with docket.engine.begin() as connection:
            open_forged(connection)


def test_the_bolts_hold_on_the_product_s_own_schema(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")
    schema.upgrade(database)
    with database.reading() as connection:
        assert bolts.present(connection) == []
    with database.writing() as connection, pytest.raises(IntegrityError, match="event: the"):
        open_forged(connection, 1)
    database.close()


def test_each_missing_bolt_is_named(engine):
    sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        for bolt in bolts.BOLTS:
            if sqlite and bolt.occasion == "TRUNCATE":
                continue
            run(connection, f"DROP TRIGGER {bolt.name}" + ("" if sqlite else f" ON {bolt.table}"))
            assert bolts.present(connection) == [bolt.name]
            bolts.install(connection)
            assert bolts.present(connection) == []


def test_a_bolt_replaced_by_a_dummy_is_named(engine):
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            run(connection, "DROP TRIGGER bolt_event_delete")
            connection.exec_driver_sql(
                "CREATE TRIGGER bolt_event_delete BEFORE DELETE ON event BEGIN SELECT 1; END"
            )
        else:
            run(connection, "ALTER TABLE event DISABLE TRIGGER bolt_event_delete")
        assert bolts.present(connection) == ["bolt_event_delete"]


def test_without_bolts_everything_would_pass(docket):
    """The refusals above come from the bolts and from nothing else."""
    with docket.engine.begin() as connection:
        bolts.drop(connection)
        run(connection, "UPDATE event SET act = 'other' WHERE \"index\" = 3")
        run(connection, "DELETE FROM record")
        run(connection, PART, event=3, n=9)
