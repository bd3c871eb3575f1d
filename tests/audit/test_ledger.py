"""Events are opened, sealed, signed and proved, at a cost that does not grow with the ledger."""

import threading

import pytest
from sqlalchemy import event as happening
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from review.audit import canonical, ledger, merkle
from review.audit import checkpoint as notes
from review.records import bolts
from tests.audit.docket import Docket, build, disposing, fill, sqlite_engine

ORIGIN = "review.example/ledger"
UTC = "2026-11-24T20:00:00.000Z"


def test_events_are_numbered_from_nought_without_a_gap(docket):
    with docket.engine.begin() as connection:
        assert ledger.head(connection)[0] == 10
    assert docket.act("note") == 10
    assert docket.act("note") == 11


def test_the_leaf_covers_header_and_parts(docket):
    with docket.engine.begin() as connection:
        event = ledger.read_event(connection, 3)
        kept = connection.execute(
            text('SELECT hash FROM tree_node WHERE level = 0 AND "index" = 3')
        ).scalar_one()
    assert [part.name for part in event.parts] == ["actor", "reason", "change"]
    assert kept == merkle.leaf_hash(event.leaf_bytes())
    for part in event.parts:
        assert part.body is not None
        assert part.digest == ledger.part_digest(part.salt, part.body.encode())
        assert part.digest.hex().encode() in event.leaf_bytes()


def test_a_change_is_canonical():
    part = ledger.change("claim", "c1", 2, None, '{"value":"0.10"}')
    whole = {"kind": "claim", "id": "c1", "schema": 2, "before": None, "after": {"value": "0.10"}}
    assert part.body == canonical.encode(whole)
    ended = ledger.change("claim", "é", 1, "{}", None)
    assert ended.body == canonical.encode(
        {"kind": "claim", "id": "é", "schema": 1, "before": {}, "after": None}
    )


def test_salts_are_random_unless_a_source_is_given(engine):
    with engine.begin() as connection:
        for index in range(2):
            ledger.open_event(
                connection, utc=UTC, act="note", case_id=None, case_tag="", from_state=None, to_state=None
            )
            ledger.seal(connection, index, [ledger.Part("reason", {"text": "same"})])
        salts = connection.execute(text("SELECT salt FROM event_part")).scalars().all()
    assert len(set(salts)) == 2


def test_the_same_acts_with_the_same_salts_give_the_same_root(docket, tmp_path):
    with disposing(sqlite_engine(f"sqlite:///{tmp_path / 'again.db'}")) as engine:
        build(engine)
        fill(Docket(engine))
        with engine.begin() as again, docket.engine.begin() as connection:
            assert ledger.head(again) == ledger.head(connection)


def test_an_act_that_fails_leaves_nothing(docket):
    with docket.engine.begin() as connection:
        before = ledger.head(connection)
    with pytest.raises(canonical.NotCanonical), docket.engine.begin() as connection:
        index = ledger.open_event(
            connection, utc=UTC, act="note", case_id=None, case_tag="", from_state=None, to_state=None
        )
        ledger.seal(connection, index, [ledger.Part("given", {"share": 0.5})])
    with docket.engine.begin() as connection:
        assert ledger.head(connection) == before
        assert connection.execute(text("SELECT max(event) FROM event_part")).scalar_one() == 9


def test_an_event_is_sealed_once(docket):
    with docket.engine.begin() as connection, pytest.raises(IntegrityError):
        ledger.seal(connection, 9, [])


def test_there_must_be_an_event_to_seal(docket):
    with docket.engine.begin() as connection, pytest.raises(ledger.LedgerFault):
        ledger.seal(connection, 99, [])


def test_an_act_takes_at_most_six_statements_however_long_the_ledger(engine):
    """Counted at every size up to 130, so past several powers of two."""
    statements = []
    happening.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    most = 0
    for index in range(130):
        with engine.begin() as connection:
            statements.clear()
            ledger.open_event(
                connection, utc=UTC, act="note", case_id=None, case_tag="", from_state=None, to_state=None
            )
            ledger.seal(connection, index, [ledger.Part("actor", {}), ledger.Part("reason", {})])
            most = max(most, len(statements))
    assert most <= 6


def test_proofs_from_the_ledger_hold(docket):
    with docket.engine.begin() as connection:
        size, root = ledger.head(connection)
        for index in range(size):
            leaf = merkle.leaf_hash(ledger.read_event(connection, index).leaf_bytes())
            proof = ledger.inclusion_proof(connection, index, size)
            assert merkle.verify_inclusion(index, size, leaf, proof, root)
            old = ledger.root_at(connection, index + 1)
            proof = ledger.consistency_proof(connection, index + 1, size)
            assert merkle.verify_consistency(index + 1, size, old, root, proof)
        with pytest.raises(ledger.LedgerFault):
            ledger.inclusion_proof(connection, 3, 99)


def test_a_checkpoint_is_signed_once_for_a_size(docket, key):
    with docket.engine.begin() as connection:
        first = ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
        assert ledger.checkpoint(connection, key, ORIGIN, utc="2026-11-25T00:00:00.000Z") == first
    assert notes.verify(first, key.public_key(), ORIGIN).size == 10


def test_the_first_checkpoint_that_covers_an_event(docket, key):
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
    docket.act("note")
    with docket.engine.begin() as connection:
        assert ledger.first_checkpoint_covering(connection, 10) is None
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
        sizes = [ledger.first_checkpoint_covering(connection, index) for index in (0, 9, 10)]
        newest = ledger.newest_checkpoint(connection)
    assert [found.size for found in sizes if found] == [10, 10, 11]
    assert newest is not None
    assert newest.size == 11


def test_an_empty_ledger_signs_nothing(engine, key):
    with engine.begin() as connection, pytest.raises(ledger.LedgerFault):
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)


def test_a_ledger_that_contradicts_its_checkpoint_signs_nothing(docket, key):
    """C2SP tlog-checkpoint: a log must not sign two histories."""
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
        bolts.drop(connection)
        connection.execute(
            text("UPDATE checkpoint SET root = (SELECT hash FROM tree_node WHERE level = 1 LIMIT 1)")
        )
        bolts.install(connection)
    docket.act("note")
    with docket.engine.begin() as connection, pytest.raises(ledger.LedgerFault, match="no longer agrees"):
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)


def test_writers_at_the_same_time_wait_for_one_another(engine):
    """Four writers of five acts each: twenty events, none lost, none refused."""
    faults: list[Exception] = []

    def write() -> None:
        try:
            for _ in range(5):
                with engine.begin() as connection:
                    index = ledger.open_event(
                        connection,
                        utc=UTC,
                        act="note",
                        case_id=None,
                        case_tag="",
                        from_state=None,
                        to_state=None,
                    )
                    ledger.seal(connection, index, [ledger.Part("actor", {})])
        except SQLAlchemyError as fault:
            faults.append(fault)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert faults == []
    with engine.begin() as connection:
        assert ledger.head(connection)[0] == 20
