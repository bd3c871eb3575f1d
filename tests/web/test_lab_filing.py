"""A lab writes and files through the pages: drafts keep everything, nothing is overwritten, signing is guarded."""

import pytest

from review.records import drafts
from review.rules.vocabulary import State
from review.settings import DEMONSTRATION_PASSWORD
from tests.builders import LAB, OTHER_LAB, World
from tests.web.lab_browser import Browser, open_draft, words

PRIYA = "priya.raman@ostrava.example"
MILAN = "milan.horak@ostrava.example"
EVERY_PAGE = (
    "",
    "/now",
    "/filing",
    "/questions",
    "/decision",
    "/record",
    "/evidence",
    "/filing/evidence",
    "/filing/missing",
    "/filing/submit",
    "/filing/protest",
    "/withdraw",
    "/filing/cover_sheet/model",
)


def stored(world: World, case_id: str, section: str = "model") -> drafts.Draft:
    with world.office.database.reading() as conn:
        return drafts.get(conn, case_id, "cover_sheet", section)


@pytest.mark.parametrize(
    "state",
    [
        State.DRAFT,
        State.ACCEPTANCE_SCREENING,
        State.REFUSED_TO_ACCEPT,
        State.SUBSTANTIVE_REVIEW,
        State.INFORMATION_REQUEST_HOLD,
        State.LAB_RESPONSE_WINDOW,
        State.DECIDED_RESTRICTED,
    ],
)
def test_every_page_opens_for_its_lab_and_is_not_there_for_another(world: World, state: State) -> None:
    case_id = world.in_state(state).case_id
    own, other = Browser(world, LAB), Browser(world, OTHER_LAB)
    absent = words(other.get("/cases/0000000000000000/filing/missing", 404))
    for place in EVERY_PAGE:
        answer = own.client.get(f"/cases/{case_id}{place}")
        assert answer.status_code in {200, 303}, place
        assert words(other.get(f"/cases/{case_id}{place}", 404)) == absent, place


def test_the_desk_names_what_to_answer_and_by_when(world: World) -> None:
    world.in_state(State.INFORMATION_REQUEST_HOLD)
    page = words(Browser(world, LAB).get("/desk"))
    assert "Jonas, one thing needs you" in page
    assert "Answer IR-01" in page and "0 of 1 items answered" in page


def test_an_engineer_sees_evidence_first_and_may_not_open_a_filing(world: World) -> None:
    browser = Browser(world, PRIYA)
    assert "nothing needs you" in words(browser.get("/desk"))
    page = words(browser.get("/filings"))
    assert "Only a regulatory lead of a lab may do this." in page
    browser.post("/filings", {"csrf_token": browser.csrf(), "model_name": "Kestrel 2"}, 422)
    assert "Not done: opening a filing" in words(browser.last.text if browser.last else "")


def test_open_a_filing_from_the_page(world: World) -> None:
    browser = Browser(world, LAB)
    browser.get("/filings")
    browser.send("/filings", {"model_name": "", "configuration": "Tern 3 API"}, 422)
    assert browser.last is not None and 'value="Tern 3 API"' in browser.last.text
    browser.send("/filings", {"model_name": "Tern 3"})
    assert "0 of 16" in words(browser.follow())


def test_a_section_is_saved_right_or_wrong_and_says_what_is_wrong_beside_it(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    path = f"/cases/{case_id}/filing/cover_sheet/model"
    browser.get(path)
    page = browser.send(path, {"model_name": "Tern 3", "planned_release_date": "31.12.2026"}, 422)
    assert 'href="#planned_release_date"' in page and 'value="31.12.2026"' in page
    assert stored(world, case_id).answers["planned_release_date"] == "31.12.2026"
    browser.send(path, {"planned_release_date": "2026-12-31", "action": "next"})
    assert browser.last is not None and browser.last.headers["Location"].endswith("/cover_sheet/track")
    assert stored(world, case_id).version == 2


def test_rows_are_added_and_removed_without_script(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    path = f"/cases/{case_id}/filing/cover_sheet/track"
    browser.get(path)
    browser.send(path, {"action": "add:comparators"})
    row = stored(world, case_id, "track").answers["comparators"][0]["id"]
    page = browser.get(path)
    assert f'id="comparators-{row}-name"' in page
    browser.send(path, {f"comparators-{row}-name": "Heron 4", "action": "save"})
    assert stored(world, case_id, "track").answers["comparators"][0]["answers"]["name"] == "Heron 4"
    browser.get(path)
    browser.send(path, {"action": f"remove:comparators:{row}"})
    assert "comparators" not in stored(world, case_id, "track").answers


def test_autosave_keeps_text_and_a_stale_one_writes_nothing(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    path = f"/cases/{case_id}/filing/cover_sheet/model"
    fields = {"csrf_token": browser.csrf(), "version": "0", "model_name-asked": "1", "model_name": "Tern 3"}
    browser.post(f"{path}/autosave", fields, 200)
    assert browser.last is not None and browser.last.json is not None
    assert browser.last.json["version"] == 1 and browser.last.json["saved"].startswith("today ")
    left = browser.last.json["missing"]
    assert "What is missing" in browser.last.json["missing_list"]
    assert f'<span class="note">{left}</span>' in browser.last.json["missing_list"]
    assert "Model name" not in words(browser.last.json["missing_list"])
    browser.post(f"{path}/autosave", {**fields, "model_name": "Tern 4"}, 409)
    assert browser.last.json == {"compare": path}
    assert stored(world, case_id).answers == {"model_name": "Tern 3"}


def test_a_stale_page_shows_both_answers_and_saves_the_chosen_one(world: World) -> None:
    case_id = open_draft(world, MILAN)
    path = f"/cases/{case_id}/filing/cover_sheet/model"
    mine = Browser(world, MILAN)
    mine.get(path)
    with world.office.database.writing() as conn:
        answers = {"model_name": "Tern III", "model_version": "3.0.1"}
        by = world.people[PRIYA]
        drafts.save(conn, case_id, "cover_sheet", "model", answers, by=by, at=world.office.now(), expects=0)
    page = mine.send(path, {"model_name": "Tern 3", "configuration_name": "API"}, 409)
    shown = words(page)
    assert (
        "Tern III" in shown
        and "Tern 3" in shown
        and "Priya Raman saved this section while you were writing" in shown
    )
    assert stored(world, case_id).answers == answers
    assert "Choose one of the two" in words(mine.send(f"{path}/compare", {}, 409))
    mine.send(f"{path}/compare", {"choice-model_name": "mine"})
    assert stored(world, case_id).answers == {
        "model_name": "Tern 3",
        "model_version": "3.0.1",
        "configuration_name": "API",
    }


def test_what_is_missing_links_to_its_field(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    page = browser.get(f"/cases/{case_id}/filing/missing")
    assert f'href="/cases/{case_id}/filing/cover_sheet/model?missing=1#model_name"' in page
    assert 'id="model_name-problem"' in browser.get(f"/cases/{case_id}/filing/cover_sheet/model?missing=1")


def test_a_filing_that_lacks_something_cannot_be_signed(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    page = words(browser.get(f"/cases/{case_id}/filing/submit"))
    assert "Read and sign the filing: not yet." in page
    browser.post(f"/cases/{case_id}/filing/submit", {"csrf_token": browser.csrf()}, 422)
    assert world.play(LAB, case_id).case.state is State.DRAFT


def test_the_prepared_filing_opens_and_is_signed_on_its_pages(world: World) -> None:
    browser = Browser(world, LAB)
    browser.get("/filings")
    browser.send("/filings/prepared", {"name": "tern-2"})
    page = browser.follow()
    assert "Nothing is missing." in words(page)
    assert browser.last is not None
    case_id = browser.last.request.path.split("/")[2]
    browser.get(f"/cases/{case_id}/filing/submit")
    page = browser.send(f"/cases/{case_id}/filing/submit", {}, 200)
    assert "Sign the filing" in words(page)
    components = {"user_id": LAB, "password": "not this one"}
    browser.send(f"/cases/{case_id}/sign/submit", components, 422)
    browser.send(f"/cases/{case_id}/sign/submit", {**components, "password": DEMONSTRATION_PASSWORD})
    assert "It is the agency's turn" in words(browser.follow())
    assert world.play(LAB, case_id).case.state is State.ACCEPTANCE_SCREENING


def test_an_engineer_may_write_but_not_sign(world: World) -> None:
    case_id = world.draft("kestrel-1.4", MILAN).case_id
    browser = Browser(world, PRIYA)
    page = words(browser.get(f"/cases/{case_id}/filing/submit"))
    assert "Only the regulatory lead of the lab that files may do this." in page
    browser.post(f"/cases/{case_id}/filing/submit", {"csrf_token": browser.csrf()}, 422)
    browser.get(f"/cases/{case_id}/filing/cover_sheet/model")
    browser.send(f"/cases/{case_id}/filing/cover_sheet/model", {"model_version": "1.4.2"})
    assert stored(world, case_id).answers["model_version"] == "1.4.2"


def test_a_section_is_handed_to_a_colleague(world: World) -> None:
    case_id = open_draft(world, MILAN)
    browser = Browser(world, MILAN)
    path = f"/cases/{case_id}/filing/cover_sheet/model"
    browser.get(path)
    browser.send(f"{path}/owner", {"owner": world.people[PRIYA]})
    assert "With Priya Raman" in words(browser.follow())
    browser.post(f"{path}/owner", {"csrf_token": browser.csrf(), "owner": world.people[LAB]}, 400)
    desk = words(Browser(world, PRIYA).get("/desk"))
    assert "sections that are with you" in desk and "Model and configuration" in desk


def test_a_filed_section_is_not_written_any_more(world: World) -> None:
    case_id = world.in_state(State.SUBSTANTIVE_REVIEW).case_id
    before = stored(world, case_id)
    browser = Browser(world, LAB)
    fields = {"csrf_token": browser.csrf(), "version": str(before.version), "model_name-asked": "1"}
    path = f"/cases/{case_id}/filing/cover_sheet/model"
    browser.post(path, {**fields, "model_name": "Other"})
    browser.post(f"{path}/autosave", {**fields, "model_name": "Other"}, 409)
    assert stored(world, case_id) == before


def test_after_a_refusal_each_failed_item_is_answered_before_filing_again(world: World) -> None:
    case_id = world.in_state(State.REFUSED_TO_ACCEPT).case_id
    browser = Browser(world, LAB)
    path = f"/cases/{case_id}/filing/submit"
    browser.get(path)
    assert "Say what you did about" in words(browser.send(path, {}, 422))
    page = browser.send(path, {"answer-comparators": "We name Heron 4."}, 200)
    assert "Sign the corrected filing" in words(page)
    signed = {"user_id": LAB, "password": DEMONSTRATION_PASSWORD}
    browser.send(f"/cases/{case_id}/sign/resubmit_after_refusal", signed)
    assert world.play(LAB, case_id).case.state is State.ACCEPTANCE_SCREENING


def test_file_over_protest_needs_the_conference_and_keeps_the_reason_typed(world: World) -> None:
    case_id = world.in_state(State.REFUSED_TO_ACCEPT).case_id
    browser = Browser(world, LAB)
    path = f"/cases/{case_id}/filing/protest"
    browser.get(path)
    page = browser.send(path, {"reason": "None exists."}, 422)
    assert "Say whether the conference was held or is waived." in words(page) and "None exists." in page
    browser.send(path, {"conference": "WAIVED"})
    assert world.play(LAB, case_id).case.state is State.SUBSTANTIVE_REVIEW


def test_withdrawing_needs_a_reason_and_only_the_regulatory_lead_may(world: World) -> None:
    case_id = world.draft("kestrel-1.4", MILAN).case_id
    engineer = Browser(world, PRIYA)
    engineer.post(f"/cases/{case_id}/withdraw", {"csrf_token": engineer.csrf(), "reason": "Mine."}, 422)
    browser = Browser(world, MILAN)
    browser.get(f"/cases/{case_id}/withdraw")
    assert "Give the reason." in words(browser.send(f"/cases/{case_id}/withdraw", {}, 422))
    browser.send(f"/cases/{case_id}/withdraw", {"reason": "The release was postponed."})
    assert "You withdrew this filing" in words(browser.follow())


def test_the_last_filing_fills_what_nobody_wrote_and_nothing_else(world: World) -> None:
    world.screening()
    case_id = open_draft(world)
    with world.office.database.writing() as conn:
        drafts.save(
            conn,
            case_id,
            "cover_sheet",
            "model",
            {"model_name": "Tern 3"},
            by=world.people[LAB],
            at=world.office.now(),
            expects=0,
        )
    browser = Browser(world, LAB)
    browser.get(f"/cases/{case_id}/filing")
    browser.send(f"/cases/{case_id}/filing/prefill")
    assert stored(world, case_id).answers == {"model_name": "Tern 3"}
    assert stored(world, case_id, "applicant").answers["applicant"] == "Calder Systems LLC"


def test_a_double_post_opens_one_filing(world: World) -> None:
    browser = Browser(world, LAB)
    form = {"csrf_token": browser.csrf(), "key": "one-form", "model_name": "Tern 3"}
    browser.post("/filings", form)
    first = browser.last.headers["Location"] if browser.last else ""
    browser.post("/filings", form)
    assert browser.last is not None and browser.last.headers["Location"] == first


def test_a_complete_filing_waits_for_the_regulatory_lead_not_for_the_engineer(world: World) -> None:
    case_id = world.draft("kestrel-1.4", MILAN).case_id
    assert "Finish and sign the filing" in words(Browser(world, MILAN).get("/desk"))
    engineer = Browser(world, PRIYA)
    assert "Finish and sign the filing" not in words(engineer.get("/desk"))
    assert "Withdraw this filing" not in words(engineer.get(f"/cases/{case_id}/filing"))
