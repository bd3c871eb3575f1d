"""The worker does each owed thing once: documents, checks of the record, deadlines, mail."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from review import worker
from review.casefile import gather
from review.records import jobs
from review.records.jobs import Job
from review.rules.vocabulary import Act, DocumentKind, Role, State
from tests.builders import World

ROOT = Path(__file__).resolve().parents[1]


def owe(world: World, kind: str = "dossier", case_id: str | None = None, **payload: object) -> str:
    with world.office.database.writing() as conn:
        return jobs.owe(conn, kind, payload, case_id, now=world.office.now())


def claim(world: World, owner: str) -> Job | None:
    with world.office.database.writing() as conn:
        return jobs.claim(conn, owner, now=world.office.now())


def read(world: World, id: str) -> Job:
    with world.office.database.reading() as conn:
        found = jobs.get(conn, id)
    assert found is not None
    return found


def test_a_dossier_is_made_kept_and_recorded(world: World) -> None:
    play = world.draft("tern-2")
    id = owe(world, case_id=play.case_id, edition="LAB", at_index=None)
    worker.work(world.office, once=True)
    done = read(world, id)
    assert done.state == jobs.DONE and done.result is not None
    assert "page" in done.step and done.progress >= 1
    document = next(d for d in play.facts().documents if d.id == done.result["document_id"])
    assert (document.document, document.audience, document.edition) == (DocumentKind.DOSSIER, "LAB", "LAB")
    assert world.office.files.verify(play.case_id, str(document.sha256))
    assert document.at_index == done.result["at_index"]


def test_the_same_dossier_again_is_the_same_document(world: World) -> None:
    play = world.draft("tern-2")
    for _ in range(2):
        owe(world, case_id=play.case_id, edition="LAB", at_index=None)
        worker.work(world.office, once=True)
    assert len([d for d in play.facts().documents if d.document is DocumentKind.DOSSIER]) == 1


def test_asking_twice_owes_one_job(world: World) -> None:
    assert owe(world, case_id="c", edition="LAB") == owe(world, case_id="c", edition="LAB")
    assert owe(world, case_id="c", edition="LAB") != owe(world, case_id="c", edition="INTERNAL_FULL")


def test_a_dead_workers_job_is_taken_again_and_the_dead_one_changes_nothing(world: World) -> None:
    id = owe(world, edition="LAB")
    first = claim(world, "first")
    assert first is not None and claim(world, "second") is None
    world.clock.to(world.clock.at + jobs.LEASE + timedelta(seconds=5))
    second = claim(world, "second")
    assert second is not None and (second.id, second.tries) == (id, 2)
    with world.office.database.writing() as conn:
        assert not jobs.finish(conn, first, {"from": "first"})
        assert not jobs.progress(conn, first, 9, "late", now=world.office.now())
        assert not jobs.fail(conn, first, "late")
        assert jobs.finish(conn, second, {"from": "second"})
    assert read(world, id).result == {"from": "second"}


def test_progress_keeps_the_lease(world: World) -> None:
    owe(world, edition="LAB")
    mine = claim(world, "first")
    assert mine is not None
    for page in range(1, 5):
        world.clock.to(world.clock.at + jobs.LEASE - timedelta(seconds=10))
        with world.office.database.writing() as conn:
            assert jobs.progress(conn, mine, page, f"page {page}", now=world.office.now())
        assert claim(world, "second") is None
    assert (read(world, mine.id).progress, read(world, mine.id).step) == (4, "page 4")


def test_a_job_that_never_ends_is_given_up(world: World) -> None:
    id = owe(world, edition="LAB")
    for n in range(jobs.MOST_TRIES):
        assert claim(world, f"worker {n}") is not None
        world.clock.to(world.clock.at + jobs.LEASE + timedelta(seconds=5))
    assert claim(world, "last") is None
    found = read(world, id)
    assert found.state == jobs.FAILED and found.error is not None and "never ended" in found.error


def test_a_job_that_cannot_be_done_says_why(world: World) -> None:
    play = world.draft("tern-2")
    unknown = owe(world, kind="paint", case_id=play.case_id)
    too_early = owe(world, case_id=play.case_id, edition="LAB", at_index=0)
    worker.work(world.office, once=True)
    assert "paint" in str(read(world, unknown).error)
    assert "had no entry yet" in str(read(world, too_early).error)


def test_a_check_of_the_record_leaves_its_result(world: World) -> None:
    world.draft("tern-2")
    id = owe(world, kind="verify")
    worker.work(world.office, once=True)
    result = read(world, id).result
    assert result is not None and result["findings"] == [] and int(result["events"]) > 0


def test_what_is_due_is_done(world: World) -> None:
    play = world.screening("tern-2")
    world.days_later(60)
    worker.work(world.office, once=True)
    assert play.case.state is State.SUBSTANTIVE_REVIEW
    with world.office.database.reading() as conn:
        entries = gather.entries(conn, play.case_id)
    assert Act.ACCEPT_BY_LAPSE.value in [entry.act for entry in entries]


def test_mail_is_written_once_and_holds_no_content(world: World) -> None:
    world.draft("tern-2").submit().assign(Role.INTAKE)
    worker.work(world.office, once=True)
    letters = sorted(world.office.settings.mail.glob("*.eml"))
    assert letters
    letter = message_from_bytes(letters[0].read_bytes(), policy=default)
    assert "@" in letter["To"] and "FMR-" in letter["Subject"]
    assert "/cases/" in letter.get_content()
    before = {path: path.stat().st_mtime_ns for path in letters}
    worker.work(world.office, once=True)
    assert {path: path.stat().st_mtime_ns for path in world.office.settings.mail.glob("*.eml")} == before


def test_it_stops_cleanly_when_told(world: World) -> None:
    world.draft("tern-2")
    child = worker.start_child(world.office.settings)
    try:
        id = owe(world, kind="verify")
        deadline = time.monotonic() + 60
        while not read(world, id).ended and time.monotonic() < deadline:
            os.sched_yield()
        assert read(world, id).state == jobs.DONE
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0
    finally:
        child.kill()


def test_a_killed_worker_leaves_nothing_half_done(world: World) -> None:
    play = world.draft("tern-2")
    id = owe(world, case_id=play.case_id, edition="LAB", at_index=None)
    child = worker.start_child(world.office.settings)
    deadline = time.monotonic() + 60
    while read(world, id).state == jobs.QUEUED and time.monotonic() < deadline:
        os.sched_yield()
    child.kill()
    child.wait()
    if read(world, id).state == jobs.RUNNING:
        assert not [d for d in play.facts().documents if d.document is DocumentKind.DOSSIER]
    _real_time(world)
    worker.work(world.office, once=True)
    assert read(world, id).state == jobs.DONE
    assert len([d for d in play.facts().documents if d.document is DocumentKind.DOSSIER]) == 1


def _real_time(world: World) -> None:
    """The child leased by the real clock; go past its lease."""
    world.clock.to(datetime.now(UTC).replace(microsecond=0) + jobs.LEASE + timedelta(seconds=5))


def test_the_command_works_once(world: World) -> None:
    id = owe(world, kind="verify")
    command = [
        sys.executable,
        "-m",
        "review.cli",
        "work",
        "--once",
        "--data",
        str(world.office.settings.data),
    ]
    subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert read(world, id).state == jobs.DONE
