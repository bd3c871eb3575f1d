"""The auditor reads every entry with its difference and proof; a lab gets receipts that hold and tell no more."""

import msgspec
import pytest
from sqlalchemy import select, update

from review.acts import perform
from review.audit import receipt
from review.audit.findings import Finding, Verification
from review.records.tables import job
from review.rules.given import ItemAnswer
from review.rules.refusals import Refused
from review.rules.vocabulary import Act, Outcome
from review.web import difference
from tests.builders import LAB, World
from tests.web.visiting import Visitor, app_of, text_of

AUDITOR = "helen.whitlock@agency.example"


@pytest.fixture
def auditor(world: World) -> Visitor:
    visitor = Visitor(app_of(world))
    visitor.sign_in(AUDITOR)
    return visitor


def test_every_entry_of_a_decided_case_opens_with_its_proof(world: World, auditor: Visitor) -> None:
    world.decided(Outcome.RESTRICT)
    newest = newest_index(world)
    for index in range(newest + 1):
        answer = auditor.get(f"/ledger/{index}")
        assert answer.status_code == 200, index
        assert "Proof for this entry" in answer.text
        assert receipt.check(auditor.get(f"/ledger/{index}/proof.json").data) == [], index
    assert auditor.get(f"/ledger/{newest + 1}").status_code == 404


def test_the_list_filters_by_act_case_and_person_and_pages_by_keyset(world: World, auditor: Visitor) -> None:
    world.screening()
    assert "Filing received" in text_of(auditor.get("/ledger?act=submit"))
    assert "Jonas Brandt" in text_of(auditor.get("/ledger?case=fmr-2026-0001&person=jonas"))
    assert "No entry fits" in text_of(auditor.get("/ledger?person=nobody%25"))
    first = auditor.get("/ledger").text
    assert "Older entries" in first
    assert "Older entries" not in auditor.get("/ledger?before=20").text


def test_a_refused_act_is_on_the_desk_with_its_reason(world: World, auditor: Visitor) -> None:
    play = world.screening()
    with pytest.raises(Refused):
        perform(world.office, world.people[LAB], Act.ANSWER_ITEM, play.case_id, ItemAnswer(item_id="Q-9"))
    assert "one refused act to look at" in text_of(auditor.get("/audit"))
    entry = text_of(auditor.get(f"/ledger/{newest_index(world)}"))
    assert "Not done: answer an item" in entry
    assert "This step does not exist there." in entry


def test_a_change_shows_before_and_after_word_by_word() -> None:
    before = {
        "severity": "MAJOR",
        "statement": "So tier 3 is unlikely.",
        "same": 1,
        "cites": [{"id": "EV-07"}],
    }
    after = {"severity": "DECISIVE", "statement": "So tier 3 cannot be ruled out.", "same": 1, "cites": []}
    rows, same = difference.rows(before, after)
    assert same == 1
    assert [row.field for row in rows] == ["severity", "statement", "cites 1.id"]
    assert '<del class="removed">is unlikely.</del>' in rows[1].before
    assert "So tier 3 " in rows[1].after
    assert "empty" in rows[2].after


def test_what_people_wrote_is_never_markup(world: World) -> None:
    left, right = difference.words("<b>old</b>", "<script>new</script>")
    assert "<b>" not in left
    assert "<script>" not in right


def test_verify_now_queues_one_check_and_shows_its_result(world: World, auditor: Visitor) -> None:
    auditor.post("/audit/verify")
    auditor.post("/audit/verify")
    with world.office.database.reading() as conn:
        jobs = conn.execute(select(job.c.id, job.c.kind, job.c.state)).all()
    assert [(one.kind, one.state) for one in jobs] == [("verify", "queued")]
    assert "waits for its turn" in text_of(auditor.get("/audit"))
    finish(world, jobs[0].id, ())
    assert "The record verifies: no finding" in text_of(auditor.get("/audit"))


def test_a_finding_is_named_in_words_and_as_data(world: World, auditor: Visitor) -> None:
    auditor.post("/audit/verify")
    with world.office.database.reading() as conn:
        check = conn.execute(select(job.c.id)).scalar_one()
    finish(
        world, check, (Finding("row_differs", "finding F-1", "The row differs from what the ledger says."),)
    )
    assert "One finding in the record" in text_of(auditor.get("/audit"))
    page = text_of(auditor.get(f"/audit/checks/{check}"))
    assert "The row differs from what the ledger says." in page
    assert "Signatures of older checkpoints." in page
    report = msgspec.json.decode(auditor.get(f"/audit/checks/{check}/report.json").data)
    assert report["findings"][0]["code"] == "row_differs"


def test_a_lab_gets_the_receipt_of_its_filing_with_only_the_parts_that_it_may_see(world: World) -> None:
    play = world.decided(Outcome.RESTRICT)
    visitor = Visitor(app_of(world))
    visitor.sign_in(LAB)
    given = receipt.read(visitor.get(f"/cases/{play.case_id}/receipt.json").data)
    assert receipt.check(given) == []
    assert given.header.act == "submit"
    shown = [part for part in given.parts if part.body is not None]
    assert {part.name for part in shown} <= {"actor", "reason", "change"}
    kinds = {msgspec.json.decode(part.body or "")["kind"] for part in shown if part.name == "change"}
    assert kinds <= {"filing_version", "case", "signature"}
    assert "filing_version" in kinds
    assert any(part.body is None for part in given.parts)


def test_no_receipt_names_the_people_of_the_agency(world: World) -> None:
    play = world.decided(Outcome.RESTRICT)
    visitor = Visitor(app_of(world))
    visitor.sign_in(LAB)
    for index in range(newest_index(world) + 1):
        answer = visitor.get(f"/cases/{play.case_id}/receipt.json?entry={index}")
        assert answer.status_code in {200, 404}
        assert "agency.example" not in answer.text, index
        assert "Daniel Reyes" not in answer.text, index


def test_the_text_of_a_draft_stays_closed(world: World, auditor: Visitor) -> None:
    world.draft()
    index = newest_index(world)
    assert "A draft. Its text opens once filed." in text_of(auditor.get(f"/ledger/{index}"))
    parts = receipt.read(auditor.get(f"/ledger/{index}/proof.json").data).parts
    assert all(part.body is None for part in parts if part.name == "change")


def newest_index(world: World) -> int:
    with world.office.database.reading() as conn:
        return int(conn.exec_driver_sql('SELECT max("index") FROM event').scalar_one())


def finish(world: World, id: str, findings: tuple[Finding, ...]) -> None:
    """What the worker leaves behind."""
    result = Verification(
        events=60,
        root="0" * 64,
        findings=findings,
        checked=("The tree.",),
        not_checked=("Signatures of older checkpoints.",),
        unregulated_tables=("draft",),
    )
    done = {"state": "done", "result": msgspec.json.encode(result.document()).decode()}
    with world.office.database.writing() as conn:
        conn.execute(update(job).where(job.c.id == id).values(**done))
