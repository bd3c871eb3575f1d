"""People ask for a dossier, see how far it is, and download it; each gets the edition that is theirs, and leaves a trace."""

import re

import pytest
from flask.testing import FlaskClient

from review import worker
from review.casefile import gather
from review.demo.play import Play
from review.records import jobs
from review.rules.vocabulary import Act
from review.web import create_app, sessions
from review.web.security import session_cookie
from tests.builders import LAB, OTHER_LAB, World

AUDITOR = "helen.whitlock@agency.example"
LEAD = "daniel.reyes@agency.example"
MANAGER = "amara.diallo@agency.example"


def visit(world: World, user: str) -> tuple[FlaskClient, str]:
    """A browser of a signed-in person, with the token that its forms carry."""
    client = create_app(world.office).test_client()
    token = sessions.begin(world.office, world.people[user])
    client.set_cookie(session_cookie(False), token)
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/guidance").get_data(as_text=True))
    return client, found.group(1) if found else ""


@pytest.fixture
def play(world: World) -> Play:
    return world.screening("tern-2")


def make(world: World, client: FlaskClient, csrf: str, play: Play, edition: str) -> str:
    """Ask, let the worker work, and return the download's address."""
    sent = {"csrf_token": csrf, "edition": edition}
    answer = client.post(f"/cases/{play.case_id}/documents", data=sent)
    assert answer.status_code == 303
    waiting = client.get(answer.location)
    assert "It waits for its turn" in waiting.get_data(as_text=True)
    assert waiting.headers["Refresh"]
    worker.work(world.office, once=True)
    done = client.get(answer.location)
    assert "Refresh" not in done.headers
    found = re.search(r'action="(/cases/[^"]+/file)"', done.get_data(as_text=True))
    assert found is not None
    return found.group(1)


def test_a_dossier_is_asked_for_made_and_downloaded(world: World, play: Play) -> None:
    client, csrf = visit(world, LEAD)
    address = make(world, client, csrf, play, "INTERNAL_FULL")
    answer = client.post(address, data={"csrf_token": csrf, "key": "once"})
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    assert "attachment" in answer.headers["Content-Disposition"]
    with world.office.database.reading() as conn:
        newest = gather.entries(conn, play.case_id)[-1]
    assert newest.act == Act.DOWNLOAD_DOCUMENT.value and "Daniel Reyes" in newest.who


def test_a_double_click_on_download_is_one_entry(world: World, play: Play) -> None:
    client, csrf = visit(world, LEAD)
    address = make(world, client, csrf, play, "LAB")
    for _ in range(2):
        assert client.post(address, data={"csrf_token": csrf, "key": "same"}).data.startswith(b"%PDF")
    with world.office.database.reading() as conn:
        acts = [entry.act for entry in gather.entries(conn, play.case_id)]
    assert acts.count(Act.DOWNLOAD_DOCUMENT.value) == 1


def test_reading_the_pages_writes_nothing(world: World, play: Play) -> None:
    client, csrf = visit(world, LEAD)
    address = make(world, client, csrf, play, "LAB")
    with world.office.database.reading() as conn:
        before = len(gather.entries(conn, play.case_id))
    assert client.get(f"/cases/{play.case_id}/dossier").status_code == 200
    assert client.get(address).status_code == 405
    with world.office.database.reading() as conn:
        assert len(gather.entries(conn, play.case_id)) == before


def test_a_dossier_of_the_same_state_is_not_made_twice(world: World, play: Play) -> None:
    client, csrf = visit(world, LEAD)
    make(world, client, csrf, play, "LAB")
    again = client.post(f"/cases/{play.case_id}/documents", data={"csrf_token": csrf, "edition": "LAB"})
    assert again.location.endswith("/dossier")
    assert "Download the lab&#39;s dossier" in client.get(again.location).get_data(as_text=True)


@pytest.mark.parametrize(
    ("user", "may"),
    [(LEAD, {"INTERNAL_FULL", "LAB"}), (AUDITOR, {"INTERNAL_FULL"}), (LAB, {"LAB"}), (OTHER_LAB, set())],
)
def test_each_person_may_have_their_editions_alone(
    world: World, play: Play, user: str, may: set[str]
) -> None:
    client, csrf = visit(world, user)
    for edition in ("INTERNAL_FULL", "LAB", "AUDIT", "PUBLIC", ""):
        sent = {"csrf_token": csrf, "edition": edition}
        status = client.post(f"/cases/{play.case_id}/documents", data=sent).status_code
        assert status == (303 if edition in may else 404), edition


def test_the_lab_finds_no_trace_of_the_full_edition(world: World, play: Play) -> None:
    team, csrf = visit(world, LEAD)
    address = make(world, team, csrf, play, "INTERNAL_FULL")
    with world.office.database.reading() as conn:
        job = jobs.newest(conn, "dossier")[0]
    client, mine = visit(world, LAB)
    assert "Internal" not in client.get(f"/cases/{play.case_id}/dossier").get_data(as_text=True)
    assert client.get(f"/cases/{play.case_id}/documents/{job.id}").status_code == 404
    assert client.post(address, data={"csrf_token": mine, "key": "x"}).status_code == 404


def test_who_has_not_declared_gets_no_dossier(world: World) -> None:
    play = world.screening("tern-2")
    client, csrf = visit(world, MANAGER)
    sent = {"csrf_token": csrf, "edition": "INTERNAL_FULL"}
    assert client.post(f"/cases/{play.case_id}/documents", data=sent).status_code in {303, 404}
    with world.office.database.reading() as conn:
        assert not jobs.of_case(conn, play.case_id)


def test_a_failed_dossier_says_why(world: World, play: Play) -> None:
    client, csrf = visit(world, LEAD)
    answer = client.post(f"/cases/{play.case_id}/documents", data={"csrf_token": csrf, "edition": "LAB"})
    with world.office.database.writing() as conn:
        mine = jobs.claim(conn, "test", now=world.office.now())
        assert mine is not None
        jobs.fail(conn, mine, "Section 3, Submission, could not be printed.")
    page = client.get(answer.location).get_data(as_text=True)
    assert "Section 3, Submission, could not be printed." in page and "Make it again" in page
