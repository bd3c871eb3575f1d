"""The dossier tells the whole case, the same for everybody who prints it, and to each audience no more than its own."""

import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from review import dossier
from review.audit import receipt
from review.demo.play import Play
from review.dossier.material import newest_index
from review.rules import conditions, reasons
from review.rules.given import Downloaded, Issued
from review.rules.vocabulary import Act, Audience, DocumentKind, Outcome
from tests.builders import World
from tests.dossier.conftest import Printed, text_of
from tests.dossier.story import ANSWER, DRAFT_WORDS, POINT, REPLY

ROOT = Path(__file__).resolve().parents[2]
AGAIN = """
import sys
from pathlib import Path
from review import dossier
from review.acts.office import Office
from review.rules.vocabulary import Audience
from review.settings import Settings
office = Office(Settings(data=Path(sys.argv[1]), demonstration=True))
print(dossier.build(office, sys.argv[2], Audience.INTERNAL_FULL, int(sys.argv[3])).sha256)
"""


def squeezed(text: str) -> str:
    """Without spaces: a copied text breaks its lines where the page does."""
    return "".join(text.split())


def test_another_process_prints_the_same_bytes(told: tuple[World, Play], full: Printed) -> None:
    world, play = told
    command = [
        sys.executable,
        "-c",
        AGAIN,
        str(world.office.settings.data),
        play.case_id,
        str(full.built.index),
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "PYTHONPATH": str(ROOT)}
    found = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == full.built.sha256


def test_issuing_and_downloading_owe_no_new_dossier(told: tuple[World, Play], full: Printed) -> None:
    world, play = told
    given = Issued(
        document=DocumentKind.DOSSIER, title="Dossier", audience="AGENCY", edition="INTERNAL_FULL",
        sha256=full.built.sha256, bytes=len(full.built.pdf), at_index=full.built.index,
    )  # fmt: skip
    made = play.do("system", Act.ISSUE_DOCUMENT, given).result
    play.do("helen.whitlock@agency.example", Act.DOWNLOAD_DOCUMENT, Downloaded(document_id=made))
    with world.office.database.reading() as conn:
        assert newest_index(conn, play.case_id) == full.built.index
    assert dossier.build(world.office, play.case_id, Audience.INTERNAL_FULL).sha256 == full.built.sha256


def test_an_earlier_entry_gives_the_case_as_it_stood(told: tuple[World, Play], full: Printed) -> None:
    world, play = told
    with world.office.database.reading() as conn:
        row = conn.exec_driver_sql(
            "SELECT max(\"index\") FROM event WHERE case_id = ? AND act = 'accept'", (play.case_id,)
        )
        accepted = int(row.scalar_one())
    text = text_of(dossier.build(world.office, play.case_id, Audience.INTERNAL_FULL, accepted).pdf)
    assert "In review: no decision yet" in text
    assert "No decision has been drafted yet." in text
    assert "No notice has been issued yet." in text
    assert "end-to-end operations on hardened targets" not in text
    assert f"ledger entry {accepted}" in text


def test_a_draft_prints_what_there_is(world: World) -> None:
    play = world.draft("tern-2")
    text = text_of(dossier.build(world.office, play.case_id, Audience.LAB).pdf)
    assert "draft without a docket number" in text
    assert "Nothing has been filed yet." in text
    assert "Nothing has been signed yet." in text


def test_an_index_before_the_case_is_refused_in_words(told: tuple[World, Play]) -> None:
    world, play = told
    with pytest.raises(dossier.NotThere, match="had no entry yet at ledger entry 1"):
        dossier.build(world.office, play.case_id, Audience.INTERNAL_FULL, 1)


def test_editions_that_are_not_printed_are_refused(told: tuple[World, Play]) -> None:
    world, play = told
    with pytest.raises(ValueError, match="PUBLIC"):
        dossier.build(world.office, play.case_id, Audience.PUBLIC)


def test_it_tells_every_decision_condition_finding_and_reason(
    told: tuple[World, Play], full: Printed
) -> None:
    _, play = told
    f = play.facts()
    text = squeezed(full.text)
    assert f.decision is not None and f.authorization is not None and f.memo is not None
    wanted = [
        f.case.number or "" if f.case else "",
        f.decision.number,
        f.authorization.number,
        f.memo.summary,
    ]
    wanted += [
        part for finding in f.findings for part in (finding.number, finding.statement, finding.uncertainty)
    ]
    for record in f.decision.proposal.conditions:
        wanted += [
            record.id,
            conditions.sentence(record.condition, "Calder"),
            record.verification,
            record.restoration,
        ]
    wanted += [part.title for part in reasons.PARTS]
    wanted += [each.why_insufficient for each in f.decision.proposal.alternatives]
    wanted += [ANSWER, POINT, REPLY]
    wanted += [item.number for item in f.evidence] + [
        file.sha256[:4] for item in f.evidence for file in item.files
    ]
    for piece in wanted:
        assert squeezed(piece) in text, piece


def test_each_signature_shows_name_time_and_meaning(told: tuple[World, Play], full: Printed) -> None:
    """21 CFR 11.50(a): the printed name, the date and time, the meaning."""
    _, play = told
    text = squeezed(full.text)
    for sign in play.facts().signatures:
        for piece in (
            sign.printed_name,
            f"{sign.at:%H:%M:%S} UTC",
            sign.meaning.label,
            sign.meaning.sentence,
        ):
            assert squeezed(piece) in text, piece
        assert sign.record_sha256[:16] in text


def test_numbers_stand_with_their_interval_and_grade(full: Printed) -> None:
    text = squeezed(full.text)
    assert squeezed("0.155 0.111 to 0.212") in text


def test_the_lab_reads_no_reviewer_and_no_draft(
    told: tuple[World, Play], for_lab: Printed, full: Printed
) -> None:
    for name in (
        "Ines Okafor",
        "Lena Haas",
        "Reyes",
        "Vega",
        "Lindgren",
        "Diallo",
        DRAFT_WORDS,
        "INTERNAL FULL",
    ):
        assert name not in for_lab.text, name
        assert name.encode() not in for_lab.built.pdf
    assert "Ruth Adeyemi" in for_lab.text
    assert "Edition LAB" in for_lab.text
    assert "Ines Okafor" in full.text


def test_the_lab_learns_no_outcome_before_it_is_decided(world: World) -> None:
    play = world.recommended(Outcome.RESTRICT)
    text = text_of(dossier.build(world.office, play.case_id, Audience.LAB).pdf)
    assert "Recommendation: no decision yet The agency works on it." in text
    assert "It is shown to the lab once the case is decided." in text
    for words in ("restriction", "end-to-end operations", "The six reviews agree", "F-CY-01", "Okafor"):
        assert words not in text, words


def test_attachments_of_the_lab_hold_no_content(for_lab: Printed) -> None:
    with pikepdf.open(BytesIO(for_lab.built.pdf)) as pdf:
        files = {name: bytes(spec.get_file().read_bytes()) for name, spec in pdf.attachments.items()}
    entries = [json.loads(line) for line in files["ledger.jsonl"].splitlines()]
    assert entries
    assert all(set(part) == {"name", "digest"} for entry in entries for part in entry["parts"])
    assert all(
        "body" not in part for part in json.loads(files[next(n for n in files if "receipt" in n)])["parts"]
    )


def test_its_receipt_checks_without_us(told: tuple[World, Play], full: Printed) -> None:
    with pikepdf.open(BytesIO(full.built.pdf)) as pdf:
        files = {name: bytes(spec.get_file().read_bytes()) for name, spec in pdf.attachments.items()}
    proof = files[f"receipt-{full.built.index}.json"]
    assert receipt.check(proof) == []
    made = receipt.read(proof)
    assert made.checkpoint == files["checkpoint.txt"].decode()
    assert squeezed(made.key) in squeezed(full.text)


def test_it_is_tagged_bookmarked_and_has_a_language_and_title(full: Printed) -> None:
    with pikepdf.open(BytesIO(full.built.pdf)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert "/StructTreeRoot" in pdf.Root
        assert str(pdf.Root.Lang) == "en"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
        assert "FMR-2026-0001" in str(pdf.docinfo["/Title"])
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
        assert len(pdf.pages) == full.built.pages
    assert titles[0] == "Contents"
    assert [title.split(" ", 1)[1] for title in titles[1:]] == [
        "Summary", "Timeline and clocks", "Submission", "Evidence", "Discipline reviews", "Information requests",
        "Recommendation", "Notice and response", "Decision and reasons", "Signatures", "Ledger extract",
    ]  # fmt: skip


def test_only_our_fonts_are_in_it(full: Printed) -> None:
    fonts = set()
    with pikepdf.open(BytesIO(full.built.pdf)) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font":
                fonts.add(str(thing.BaseFont).split("+")[-1].lower())
    assert fonts
    assert all("public" in font or "roboto" in font for font in fonts), fonts
