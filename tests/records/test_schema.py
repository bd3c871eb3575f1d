"""Migrations: they make what the tables say, refuse what is newer, may be run again, and keep what is there."""

import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from review.audit.tables import metadata
from review.records import bolts, schema, store
from review.records.database import Database
from review.rules.entities import NoticeOfIntendedDecision, Organization, Proposal
from review.rules.vocabulary import Outcome, State
from tests.stages import copy_of


def test_an_upgraded_empty_database_is_what_the_tables_say(database: Database) -> None:
    schema.upgrade(database)
    with database.reading() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert bolts.present(conn) == []
        made = set(inspect(conn).get_table_names())
    assert made == {*metadata.tables, "alembic_version"}


def test_an_upgrade_may_be_run_again(database: Database) -> None:
    first = schema.upgrade(database)
    assert schema.upgrade(database) == first
    assert first in schema.known()


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(database: Database) -> None:
    schema.upgrade(database)
    with database.writing() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = 'z999'"))
        before = set(inspect(conn).get_table_names())
    with pytest.raises(schema.NewerSchema, match="newer than this version knows"):
        schema.upgrade(database)
    with database.reading() as conn:
        assert schema.current(conn) == "z999"
        assert set(inspect(conn).get_table_names()) == before


def test_an_empty_database_has_no_revision(database: Database) -> None:
    with database.reading() as conn:
        assert schema.current(conn) is None


def test_a_lost_bolt_is_found(database: Database) -> None:
    schema.upgrade(database)
    with database.writing() as conn:
        name = bolts.BOLTS[0].name
        on = f" ON {bolts.BOLTS[0].table}" if not database.sqlite else ""
        conn.execute(text(f"DROP TRIGGER {name}{on}"))
        assert bolts.present(conn) == [name]


def test_an_upgrade_keeps_a_whole_case(tmp_path: Path) -> None:
    world, play = copy_of(State.DECIDED_RESTRICTED, tmp_path)
    office = world.office
    with office.database.reading() as conn:
        before = list(store.rows(conn))
    schema.upgrade(office.database)
    with office.database.reading() as conn:
        assert list(store.rows(conn)) == before
    assert play.case.state is State.DECIDED_RESTRICTED
    office.database.close()


def test_records_keep_their_order_past_the_ninth() -> None:
    """Ordinals are numbers: the tenth notice comes after the ninth."""
    notices = [
        NoticeOfIntendedDecision(
            id=str(n),
            case_id="c",
            cycle_id="y",
            ordinal=n,
            proposal=Proposal(outcome=Outcome.DENY, reasons={}),
            drafted_by="p",
        )
        for n in range(12, 0, -1)
    ]
    assert [n.ordinal for n in sorted(notices, key=store.age)] == list(range(1, 13))


def test_a_document_comes_back_as_it_was_written() -> None:
    lab = Organization(id="o", name="Östra ‘lab’", verified_by=None)
    text_ = store.encode(lab)
    assert store.decode("organization", text_) == lab and json.loads(text_)["name"] == lab.name
