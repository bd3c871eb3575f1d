"""Somebody who owns the database drops the bolts and changes it. The check must name what was done."""

import itertools
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, text

from review.audit import canonical, ledger, merkle, rebuild, replay
from review.audit.verify import CannotVerify, Verification, verify
from review.records import bolts
from tests.audit.docket import Docket, cases, disposing, rows, sqlite_engine

ORIGIN = "review.example/ledger"
UTC = "2026-11-24T20:00:00.000Z"


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    """Pages of four events and three rows, so that ten events cross several."""
    monkeypatch.setattr(rebuild, "_PAGE_LEVEL", 2)
    monkeypatch.setattr(rebuild, "PAGE", 4)
    monkeypatch.setattr(replay, "PAGE", 3)


@pytest.fixture
def signed(docket, key) -> tuple[Docket, str]:
    """The docket with a checkpoint after event 5 kept outside and one over all ten events kept inside."""
    with docket.engine.begin() as connection:
        old = ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
    for number in range(3):
        docket.act("note", "case-a", changes={("note", f"n{number}"): {"text": f"Note {number}"}})
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
    return docket, old


def check(docket, key, **options) -> Verification:
    options = {"public_key": key.public_key(), "origin": ORIGIN} | options
    with docket.engine.connect() as connection:
        return verify(connection, rows=rows(connection), cases=cases(connection), **options)


def tamper(docket, *statements: str, **values: object) -> None:
    """Change the database as its owner could: no bolts, no foreign keys."""
    with docket.engine.begin() as connection:
        bolts.drop(connection)
    with _unguarded(docket) as connection:
        for statement in statements:
            connection.execute(text(statement), values)


@contextmanager
def _unguarded(docket) -> Iterator[Connection]:
    if docket.engine.dialect.name == "postgresql":
        with docket.engine.begin() as connection:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
            yield connection
        return
    address = docket.engine.url.render_as_string()
    with disposing(sqlite_engine(address, foreign_keys=False)) as engine, engine.begin() as connection:
        yield connection


def codes(result: Verification) -> set[str]:
    return {finding.code for finding in result.findings}


def named(result: Verification, code: str) -> list[str]:
    return [f"{finding.where}: {finding.sentence}" for finding in result.findings if finding.code == code]


def test_an_honest_ledger_is_clean(signed, key):
    docket, old = signed
    result = check(docket, key, old_checkpoint=old, blobs=[("file", canonical.digest({}), [b"{", b"}"])])
    assert result.findings == ()
    assert result.exit_code == 0
    assert result.events == 13
    assert result.not_checked == ()
    assert result.unregulated_tables == ()


def test_the_result_says_what_was_not_checked(signed, key):
    docket, _ = signed
    result = check(docket, key, public_key=None, replay=False)
    said = " ".join(result.not_checked).lower()
    assert all(word in said for word in ("signatures", "older checkpoint", "histories", "files"))
    assert result.document()["findings"] == []


def test_other_tables_are_named_as_unregulated(signed, key):
    docket, _ = signed
    with docket.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE draft (id INTEGER)")
    assert check(docket, key).unregulated_tables == ("draft",)


TAMPERINGS = {
    "the reason of an act is rewritten": (
        ["UPDATE event_part SET body = '{\"text\":\"Because it was fine.\"}' WHERE event = 6 AND name = 'reason'"],
        "part_changed",
        "event 6",
    ),
    "the actor is exchanged together with the digest": (
        [("UPDATE event_part SET (salt, body, digest) = (SELECT salt, body, digest FROM event_part "
         "WHERE event = 0 AND n = 0) WHERE event = 9 AND n = 0")],
        "event_changed",
        "event 9",
    ),
    "an act is renamed": (["UPDATE event SET act = 'withdraw' WHERE \"index\" = 8"], "event_changed", "event 8"),
    "an act is back-dated": (
        ["UPDATE event SET utc = '2026-01-01T00:00:00.000Z' WHERE \"index\" = 9"],
        "event_changed",
        "event 9",
    ),
    "an event is deleted": (
        ["DELETE FROM event_part WHERE event = 4", 'DELETE FROM event WHERE "index" = 4'],
        "event_missing",
        "event 4",
    ),
    "a part is deleted": (["DELETE FROM event_part WHERE event = 4 AND n = 1"], "event_changed", "event 4"),
    "a part is added": (
        [("INSERT INTO event_part (event, n, name, salt, body, digest) "
         "SELECT event, 7, 'reason', salt, body, digest FROM event_part WHERE event = 4 AND n = 1")],
        "event_changed",
        "event 4",
    ),
    "a part is erased without an order": (
        ["UPDATE event_part SET body = NULL WHERE event = 4 AND n = 1"],
        "part_erased",
        "event 4",
    ),
    "two events are swapped": (
        [
            'UPDATE event SET "index" = 999 WHERE "index" = 4',
            'UPDATE event SET "index" = 4 WHERE "index" = 7',
            'UPDATE event SET "index" = 7 WHERE "index" = 999',
            "UPDATE event_part SET event = 999 WHERE event = 4",
            "UPDATE event_part SET event = 4 WHERE event = 7",
            "UPDATE event_part SET event = 7 WHERE event = 999",
        ],
        "event_changed",
        "event 4",
    ),
    "an event is renumbered past the end": (
        ['UPDATE event SET "index" = 13 WHERE "index" = 12', "UPDATE event_part SET event = 13 WHERE event = 12"],
        "event_missing",
        "event 12",
    ),
    "an event is renumbered far away": (
        ['UPDATE event SET "index" = 2000000000 WHERE "index" = 12'],
        "event_index",
        "2000000000",
    ),
    "an event is added without a seal": (
        ["INSERT INTO event (\"index\", utc, act, case_tag) VALUES (13, '2026-11-24T00:00:00.000Z', 'forge', '')"],
        "event_unsealed",
        "event 13",
    ),
    "an event moves to another case": (
        ["UPDATE event SET case_id = 'case-b' WHERE \"index\" = 4"],
        "case_tag",
        "case-b",
    ),
    "an event is taken out of its case": (
        ["UPDATE event SET case_id = NULL WHERE \"index\" = 4"],
        "case_tag",
        "event 4",
    ),
    "the end is dropped, its leaves too": (
        [
            "DELETE FROM event_part WHERE event > 10",
            'DELETE FROM event WHERE "index" > 10',
            'DELETE FROM tree_node WHERE ("index" + 1) << level > 11',
        ],
        "events_dropped",
        "checkpoint of 13",
    ),
    "a leaf is exchanged": (
        [('UPDATE tree_node SET hash = (SELECT hash FROM tree_node WHERE level = 0 AND "index" = 1) '
         'WHERE level = 0 AND "index" = 4')],
        "tree_node",
        "events 4 to 5",
    ),
    "a node is removed": (['DELETE FROM tree_node WHERE level = 2 AND "index" = 1'], "tree_node", "events 4 to 7"),
    "a record is changed": (
        ["UPDATE record SET body = '{\"unit\":\"percent\",\"value\":\"0.99\"}' WHERE id = 'c1'"],
        "record_changed",
        "claim c1",
    ),
    "a record is removed": (["DELETE FROM record WHERE id = 'r1'"], "record_missing", "review r1"),
    "a record is made up": (
        [("INSERT INTO record (kind, id, version, schema_version, body, event) "
         "VALUES ('review', 'r2', 1, 1, '{}', 6)")],
        "record_without_history",
        "review r2",
    ),
    "a record is said to be of a later event": (
        ["UPDATE record SET event = 5000 WHERE id = 'c1'"],
        "record_changed",
        "Claim c1",
    ),
    "a record is given another schema": (
        ["UPDATE record SET schema_version = 2 WHERE id = 'c1'"],
        "record_changed",
        "Claim c1",
    ),
    "a change is filed under another record": (
        ["UPDATE event_part SET record_id = 'c9' WHERE event = 3 AND record_id = 'c1'"],
        "change_misfiled",
        "claim c9",
    ),
    "a change is hidden from the index": (
        ["UPDATE event_part SET kind = NULL, record_id = NULL WHERE event = 9 AND record_id = 'c1'"],
        "change_misfiled",
        "event 9",
    ),
    "a case is moved": (["UPDATE cases SET state = 'approved' WHERE id = 'case-a'"], "case_state", "case case-a"),
    "a case names another event": (["UPDATE cases SET moved_by = 0 WHERE id = 'case-a'"], "case_moved_by", "case-a"),
    "a case is made up": (
        ["INSERT INTO cases (id, state, moved_by) VALUES ('case-z', 'approved', 9)"],
        "case_without_events",
        "case-z",
    ),
    "a case is removed": (["DELETE FROM cases WHERE id = 'case-b'"], "case_missing", "case-b"),
    "a checkpoint's root is exchanged": (
        ['UPDATE checkpoint SET root = (SELECT hash FROM tree_node WHERE level = 0 AND "index" = 1)'],
        "checkpoint_root",
        "checkpoint of 13",
    ),
    "a checkpoint's note is exchanged": (
        ["UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 10) WHERE size = 13"],
        "checkpoint_note",
        "checkpoint of 13",
    ),
    "a checkpoint's signature is cut": (
        [("UPDATE checkpoint SET note = substr(note, 1, length(note) - 8) || 'AAAAAA=' || substr(note, length(note))"
         " WHERE size = 13")],
        "checkpoint_signature",
        "checkpoint of 13",
    ),
    "a checkpoint is made for events that do not exist": (
        ["INSERT INTO checkpoint (size, root, note, utc) SELECT 99, root, note, utc FROM checkpoint LIMIT 1"],
        "events_dropped",
        "checkpoint of 99",
    ),
}  # fmt: skip


@pytest.mark.parametrize("deed", TAMPERINGS)
def test_tampering_is_named(signed, key, deed):
    docket, old = signed
    statements, code, place = TAMPERINGS[deed]
    tamper(docket, *statements)
    result = check(docket, key, old_checkpoint=old)
    assert result.exit_code == 1
    assert any(place in sentence for sentence in named(result, code)), result.findings


def test_a_changed_record_is_told_field_by_field(signed, key):
    docket, _ = signed
    tamper(docket, 'UPDATE record SET body = \'{"unit":"percent","value":"0.99"}\' WHERE id = \'c1\'')
    (sentence,) = named(check(docket, key), "record_changed")
    assert "value: “0.15” became “0.99”" in sentence
    assert "unit" not in sentence


def test_one_changed_event_is_one_finding(signed, key):
    docket, old = signed
    tamper(docket, "UPDATE event SET act = 'withdraw' WHERE \"index\" = 4")
    assert len(check(docket, key, old_checkpoint=old).findings) == 1


def test_a_broken_history_is_found_where_it_breaks(signed, key):
    """A forger who rewrites a middle change with digest, leaf and tree still leaves a gap."""
    docket, _ = signed
    body = ledger.change(
        "claim", "c1", 1, '{"unit":"share","value":"0.10"}', '{"unit":"share","value":"0.90"}'
    ).body
    rewrite(docket, 3, body)
    result = check(docket, key)
    assert "claim c1, event 9" in named(result, "history_gap")[0]
    assert "checkpoint_root" in codes(result)


def test_a_whole_rewritten_history_is_found_by_the_outside_checkpoint(signed, key):
    """A forger with the ledger's key rewrites everything, and is caught by a note that somebody kept."""
    docket, old = signed
    rewrite(docket, 4, b'{"text":"Another reason."}', name="reason")
    tamper(docket, "DELETE FROM checkpoint")
    with docket.engine.begin() as connection:
        ledger.checkpoint(connection, key, ORIGIN, utc=UTC)
    assert check(docket, key).findings == ()
    assert codes(check(docket, key, old_checkpoint=old)) == {"inconsistent"}


def test_a_dropped_end_is_found_by_the_outside_checkpoint(signed, key):
    docket, old = signed
    tamper(
        docket,
        "DELETE FROM event_part WHERE event > 8",
        'DELETE FROM event WHERE "index" > 8',
        'DELETE FROM tree_node WHERE ("index" + 1) << level > 9',
        "DELETE FROM checkpoint",
    )
    assert any(
        "checkpoint of 10" in said for said in named(check(docket, key, old_checkpoint=old), "events_dropped")
    )
    assert {"case_state", "record_changed", "record_without_history"} <= codes(check(docket, key))


def test_an_older_checkpoint_by_another_key_is_a_finding(signed, key):
    docket, old = signed
    stranger = Ed25519PrivateKey.from_private_bytes(b"x" * 32).public_key()
    assert {"older_checkpoint", "checkpoint_signature"} <= codes(
        check(docket, key, public_key=stranger, old_checkpoint=old)
    )


def test_what_is_no_checkpoint_cannot_be_compared(signed, key):
    docket, _ = signed
    with pytest.raises(CannotVerify):
        check(docket, key, old_checkpoint="hello")


def test_unsorted_rows_cannot_be_checked(signed, key):
    docket, _ = signed
    with docket.engine.connect() as connection, pytest.raises(CannotVerify, match="sorted"):
        verify(
            connection,
            public_key=None,
            origin=ORIGIN,
            rows=list(rows(connection))[::-1],
            cases=cases(connection),
        )


def test_words_of_any_script_and_sign_are_read_as_they_were_sealed(signed, key):
    docket, _ = signed
    docket.act(
        'say "é" \\ \n\x01/',
        'case "ü" 案',
        "état « 1 »",
        {('kind "k"', "id \\ ü"): {"ключ": "значение \U0001f600"}},
    )
    assert check(docket, key).findings == ()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_ledger(engine, key):
    def most(events: int) -> int:
        for _ in range(events):
            docket.act("note", changes={("note", "n1"): {"text": f"{next(numbers)}" * 50}})
        tracemalloc.start()
        try:
            assert check(docket, key).findings == ()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    docket, numbers = Docket(engine), itertools.count(100)
    most(50)
    assert most(50) * 1.5 > most(500)


def test_files_are_hashed_and_missing_ones_named(signed, key):
    docket, _ = signed
    blobs = [("evidence e1", "0" * 64, [b"other"]), ("evidence e2", "0" * 64, None)]
    assert codes(check(docket, key, blobs=blobs)) == {"file_changed", "file_missing"}


def test_a_flood_of_findings_is_counted(signed, key):
    docket, _ = signed
    for number in range(150):
        docket.act("note", changes={("note", f"m{number:03}"): {}})
    tamper(docket, "UPDATE record SET body = '[]' WHERE id LIKE 'm%'")
    found = named(check(docket, key), "record_changed")
    assert len(found) == 101
    assert "50 more" in found[-1]


def rewrite(docket: Docket, event: int, body: object, name: str = "change") -> None:
    """Rewrite one part and then its leaf and the whole tree, as a forger who knows the code would."""
    assert isinstance(body, bytes)
    with docket.engine.begin() as connection:
        salt = connection.execute(
            text("SELECT salt FROM event_part WHERE event = :event AND name = :name"),
            {"event": event, "name": name},
        ).scalar_one()
    tamper(
        docket,
        "UPDATE event_part SET body = :body, digest = :digest WHERE event = :event AND name = :name",
        body=body.decode(),
        digest=ledger.part_digest(salt, body),
        event=event,
        name=name,
    )
    tree = merkle.Frontier()
    with docket.engine.begin() as connection:
        size = connection.exec_driver_sql("SELECT count(*) FROM event").scalar_one()
        for index in range(size):
            leaf = merkle.leaf_hash(ledger.read_event(connection, index).leaf_bytes())
            for level, at, node in [(0, index, leaf), *tree.append(leaf)]:
                connection.execute(
                    text('UPDATE tree_node SET hash = :hash WHERE level = :level AND "index" = :at'),
                    {"hash": node, "level": level, "at": at},
                )
