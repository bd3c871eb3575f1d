"""The dossier and the worker on PostgreSQL: the statements that are written by hand run there too."""

from pathlib import Path

import pytest

from review import worker
from review.records import jobs
from review.rules.vocabulary import DocumentKind
from tests.builders import found_world

pytestmark = pytest.mark.postgres


def test_a_dossier_is_made_from_postgresql(tmp_path: Path, postgres_url: str) -> None:
    world = found_world(tmp_path, postgres_url)
    try:
        play = world.draft("tern-2").submit()
        with world.office.database.writing() as conn:
            payload = {"edition": "LAB", "at_index": None}
            job = jobs.owe(conn, worker.DOSSIER, payload, play.case_id, now=world.office.now())
        worker.work(world.office, once=True)
        with world.office.database.reading() as conn:
            done = jobs.get(conn, job)
        assert done is not None and done.state == jobs.DONE, done
        made = next(d for d in play.facts().documents if d.document is DocumentKind.DOSSIER)
        assert world.office.files.read(play.case_id, str(made.sha256)).startswith(b"%PDF")
    finally:
        world.office.database.close()
