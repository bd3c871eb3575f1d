"""Evidence through the pages: upload at once and in pieces, read, confirm, match, withdraw."""

import io
import json
import tracemalloc
import zipfile
from pathlib import Path

from review.records import uploads
from review.rules.entities import EvidenceItem
from review.rules.vocabulary import State
from tests.builders import LAB, OTHER_LAB, World
from tests.web.lab_browser import Browser, open_draft, words

FILES = Path(__file__).resolve().parents[2] / "review" / "demo" / "evidence" / "tern-2"
LOG = FILES / "cyber_range_40.helpful-only.eval"
CANCELLED = FILES / "persuasion_panel.cancelled.eval"


def items(world: World, case_id: str) -> tuple[EvidenceItem, ...]:
    return world.play(LAB, case_id).facts().evidence


def send_file(browser: Browser, case_id: str, data: bytes, name: str, status: int = 200) -> str:
    browser.get(f"/cases/{case_id}/filing/evidence")
    file = (io.BytesIO(data), name)
    return browser.send(f"/cases/{case_id}/filing/evidence/files", {"file": file}, status)


def attach(world: World, path: Path = LOG) -> tuple[Browser, str, EvidenceItem, str]:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    page = send_file(browser, case_id, path.read_bytes(), path.name)
    item = items(world, case_id)[-1]
    return browser, page, item, f"/cases/{case_id}/filing/evidence/{item.id}"


def test_a_log_is_read_and_its_numbers_wait_for_a_person(world: World) -> None:
    browser, page, item, path = attach(world)
    assert "Read. An Inspect log: cyber_range_40." in words(page)
    assert item.format == "inspect" and item.measurements == ()
    shown = browser.get(path)
    assert "0 of 1 confirmed" in words(shown) and "0.355" in shown and "0.033920910080708584" in shown
    assert 'value="cyber_range_40"' in shown, "what the file says is filled in"


def test_numbers_are_confirmed_with_what_they_support(world: World) -> None:
    browser, _, item, path = attach(world)
    browser.get(path)
    said = {
        "measurement": "m1",
        "m1-claim": "CYBER",
        "m1-kind": "PROPORTION",
        "m1-supports": "Tier 2 is not reached",
        "m1-threshold": "0.50",
        "domain": "CYBER",
        "elicitation_level": "L3",
    }
    browser.send(path, said)
    kept = items(world, item.case_id)[-1]
    assert [(m.value, m.claim, m.threshold, m.confirmed_by) for m in kept.measurements] == [
        ("0.355", "CYBER", "0.50", world.people[LAB])
    ]
    assert kept.attributes["elicitation_level"] == "L3"


def test_the_numbers_of_a_run_that_did_not_finish_cannot_be_confirmed(world: World) -> None:
    case_id = world.draft().case_id
    cancelled = next(item for item in items(world, case_id) if item.status == "cancelled")
    path = f"/cases/{case_id}/filing/evidence/{cancelled.id}"
    browser = Browser(world, LAB)
    assert "It is kept as a run and gives no result." in words(browser.get(path))
    page = browser.send(
        path, {"measurement": "m1", "shown": "m1", "known_limitations": "Stopped early."}, 422
    )
    assert "The run of EV-05 is cancelled" in words(page) and "Stopped early." in page
    assert next(item for item in items(world, case_id) if item.id == cancelled.id).measurements == ()


def test_evidence_of_all_filings_says_what_each_item_needs(world: World) -> None:
    browser, _, _, _ = attach(world)
    page = words(browser.get("/evidence"))
    assert "EV-01 cyber_range_40" in page and "Confirm its numbers. Match the model. Describe it" in page


def test_the_model_is_matched_with_a_note(world: World) -> None:
    browser, _, item, path = attach(world)
    page = browser.get(path)
    assert "mockllm/tern-2" in page
    refused = browser.send(f"{path}/match", {"is_subject": "yes", "note": ""}, 422)
    assert "Say how you know" in words(refused)
    browser.send(f"{path}/match", {"is_subject": "no", "note": "An earlier checkpoint."})
    match = items(world, item.case_id)[-1].match
    assert match is not None and match.note == "An earlier checkpoint." and not match.is_subject


def test_an_unknown_format_is_kept_and_said_so(world: World) -> None:
    case_id = open_draft(world)
    page = send_file(Browser(world, LAB), case_id, b"Notes of a red team.", "notes.txt")
    assert "Kept as an attachment. No reader knows this format" in words(page)
    assert [item.format for item in items(world, case_id)] == [None]


def test_a_hostile_file_is_refused_with_a_sentence(world: World) -> None:
    case_id = open_draft(world)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.json", json.dumps({"version": 2, "pad": "0" * 30_000_000}))
        archive.writestr("_journal/start.json", "{}")
    page = words(send_file(Browser(world, LAB), case_id, packed.getvalue(), "bomb.eval", 422))
    assert "Not added." in page and "Nothing of it was added" in page
    assert items(world, case_id) == ()


def test_the_same_bytes_twice_and_no_file_at_all_are_told(world: World) -> None:
    browser, _, item, _ = attach(world)
    again = send_file(browser, item.case_id, LOG.read_bytes(), "copy.eval", 422)
    assert "attached already, as EV-01" in words(again)
    browser.get(f"/cases/{item.case_id}/filing/evidence")
    assert "Choose a file first." in words(
        browser.send(f"/cases/{item.case_id}/filing/evidence/files", {}, 422)
    )


def test_evidence_cannot_change_while_the_agency_reviews(world: World) -> None:
    case_id = world.in_state(State.SUBSTANTIVE_REVIEW).case_id
    browser = Browser(world, LAB)
    data = {"csrf_token": browser.csrf(), "file": (io.BytesIO(b"late"), "late.txt")}
    browser.post(f"/cases/{case_id}/filing/evidence/files", data, 409)
    browser.post(f"/cases/{case_id}/uploads", {"csrf_token": browser.csrf(), "name": "a", "bytes": "3"}, 409)


def test_pieces_resume_where_they_broke_off(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    data = LOG.read_bytes()
    headers = {"X-CSRF-Token": browser.csrf()}
    begun = browser.client.post(
        f"/cases/{case_id}/uploads", data={"name": "../../up/run.eval", "bytes": len(data)}, headers=headers
    ).json
    assert begun is not None and begun["piece"] == uploads.PIECE_BYTES
    first = browser.client.post(f"{begun['address']}/0", data=data[:1000], headers=headers)
    assert first.json == {"offset": 1000, "bytes": len(data)}
    repeated = browser.client.post(f"{begun['address']}/0", data=data[:1000], headers=headers)
    assert (repeated.status_code, repeated.json) == (409, {"offset": 1000})
    assert browser.client.get(begun["address"]).json["offset"] == 1000  # type: ignore[index]
    browser.get(f"/cases/{case_id}/filing/evidence")
    finish = f"/cases/{case_id}/filing/evidence/files"
    assert "Only 1,000 of" in words(browser.send(finish, {"upload": begun["id"]}, 409))
    browser.client.post(f"{begun['address']}/1000", data=data[1000:], headers=headers)
    browser.get(f"/cases/{case_id}/filing/evidence")
    browser.send(finish, {"upload": begun["id"]}, 200)
    kept = items(world, case_id)[-1]
    assert (kept.files[0].name, kept.files[0].bytes, kept.format) == ("run.eval", len(data), "inspect")
    assert not list((world.office.settings.data / "uploads").glob("*.part"))


def test_more_bytes_than_announced_and_pieces_that_are_too_long_are_refused(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    headers = {"X-CSRF-Token": browser.csrf()}
    begun = browser.client.post(
        f"/cases/{case_id}/uploads", data={"name": "run", "bytes": 10}, headers=headers
    ).json
    assert begun is not None
    assert browser.client.post(f"{begun['address']}/0", data=b"x" * 11, headers=headers).status_code == 422
    long = b"x" * (uploads.PIECE_BYTES + 1)
    assert browser.client.post(f"{begun['address']}/0", data=long, headers=headers).status_code == 413
    assert browser.client.post(f"{begun['address']}/0", data=b"x" * 10).status_code == 403
    assert browser.client.get(begun["address"]).json["offset"] == 0  # type: ignore[index]


def test_an_upload_is_its_sender_s_own(world: World) -> None:
    case_id = open_draft(world)
    browser, other = Browser(world, LAB), Browser(world, OTHER_LAB)
    begun = browser.client.post(
        f"/cases/{case_id}/uploads",
        data={"name": "run", "bytes": 10},
        headers={"X-CSRF-Token": browser.csrf()},
    ).json
    assert begun is not None
    assert other.client.get(begun["address"]).status_code == 404
    headers = {"X-CSRF-Token": other.csrf()}
    assert other.client.post(f"{begun['address']}/0", data=b"x", headers=headers).status_code == 404


def test_a_piece_is_never_held_in_memory(tmp_path: Path) -> None:
    one = uploads.Upload(
        id="a1", case_id="c", person_id="p", name="big", bytes=uploads.PIECE_BYTES, received=0
    )
    uploads.path_of(tmp_path, "a1").touch()
    chunk = b"x" * 65_536
    tracemalloc.start()
    received = uploads.write(tmp_path, one, 0, (chunk for _ in range(uploads.PIECE_BYTES // len(chunk))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert received == uploads.PIECE_BYTES and peak < 1_000_000


def test_the_original_is_given_as_an_attachment(world: World) -> None:
    browser, _, item, path = attach(world)
    answer = browser.client.get(f"{path}/files/{item.files[0].sha256}")
    assert answer.data == LOG.read_bytes()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert browser.client.get(f"{path}/files/{'0' * 64}").status_code == 404


def test_an_item_is_withdrawn_with_a_reason_and_stays_readable(world: World) -> None:
    browser, _, _item, path = attach(world)
    browser.get(path)
    assert "Give the reason." in words(browser.send(f"{path}/withdraw", {"reason": ""}, 422))
    browser.send(f"{path}/withdraw", {"reason": "A wrong file."})
    assert "A wrong file." in words(browser.get(path))


def test_files_of_one_helm_run_become_one_item(world: World) -> None:
    sample = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples" / "helm"
    runs = sorted(path.parent for path in sample.rglob("run_spec.json"))
    if not runs:
        import pytest

        pytest.skip("the HELM samples of ../shared are not here")
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    browser.get(f"/cases/{case_id}/filing/evidence")
    files = [
        (io.BytesIO(path.read_bytes()), path.name) for path in sorted(runs[0].iterdir()) if path.is_file()
    ]
    browser.send(f"/cases/{case_id}/filing/evidence/files", {"file": files}, 200)
    found = items(world, case_id)
    assert [item.format for item in found] == ["helm"] and len(found[0].files) == len(files)
