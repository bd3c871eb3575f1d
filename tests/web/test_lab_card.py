"""A lab starts from a model card: it sees what the card states, ticks what is right, and nothing typed is lost."""

import io
import re
from pathlib import Path

import pytest

from review.records import drafts
from review.rules.vocabulary import State
from review.web import lab_card
from tests.builders import LAB, World
from tests.web.lab_browser import Browser, open_draft, words

CARD = """---
license: mit
language: [en]
---
# Tern 3

**Model architecture:** A decoder of 40 layers.

| Model | Params | Context length |
|---|---|---|
| Tern 3 | 70B | 128k |
| Tern 3 mini | 8B | 128k |
"""
FORGED_ROW = (
    '{"instrument":"capability_disclosure","section":"A","field":"base_model_dependencies","source":"",'
    '"value":[{"id":"<b>","answers":{}}]}'
)
META = (
    Path(__file__).resolve().parents[2]
    / ".."
    / "shared"
    / "samples"
    / "package"
    / "meta-llama-3-70b-instruct"
)


def given(browser: Browser, case_id: str, card: bytes, status: int = 200) -> str:
    """Upload a card from the filing's overview."""
    browser.get(f"/cases/{case_id}/filing")
    file = (io.BytesIO(card), "README.md")
    return browser.send(
        f"/cases/{case_id}/filing/card", {"card": file}, status, content_type="multipart/form-data"
    )


def choice(page: str, field: str, answer: str) -> dict[str, str]:
    """The name and value of the box beside an answer."""
    for name, value, label in re.findall(
        r'name="(take-[^"]+)" value="(\d+)" aria-describedby="[^"]+"><label[^>]*>(.*?)</label>',
        page,
        re.DOTALL,
    ):
        if name.endswith(f"-{field}") and answer in label:
            return {name: value}
    raise AssertionError((field, answer))


def answers(world: World, case_id: str, section: str, form: str = "capability_disclosure") -> drafts.Answers:
    with world.office.database.reading() as conn:
        return drafts.get(conn, case_id, form, section).answers


def test_a_card_is_listed_with_places_and_nothing_is_ticked_or_saved(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    page = given(browser, case_id, CARD.encode())
    text = words(page)
    assert "A decoder of 40 layers" in text and "In front matter, license" in text
    assert "table, row Tern 3 mini 8B" in text and "Now: No answer yet" in text
    assert not re.search(r'name="take-[^"]+" value="\d+"[^>]* checked', page)
    assert answers(world, case_id, "B") == {}


def test_the_ticked_answers_are_saved_beside_what_was_typed(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    path = f"/cases/{case_id}/filing/capability_disclosure/B"
    browser.get(path)
    browser.send(path, {"languages": "English and Czech"})
    page = given(browser, case_id, CARD.encode())
    assert "Now: English and Czech" in words(page) and "Replace with: English" in words(page)
    ticks = {**choice(page, "parameter_count_total", "70"), **choice(page, "max_context_tokens", "128,000")}
    browser.send(f"/cases/{case_id}/filing/card/use", ticks)
    assert "Two answers taken from the card" in words(browser.follow())
    kept = answers(world, case_id, "B")
    assert kept["parameter_count_total"] == "70000000000" and kept["max_context_tokens"] == "128000"
    assert kept["languages"] == "English and Czech" and "limits_weights" not in kept
    assert "The card says the same" in words(given(browser, case_id, CARD.encode()))


def test_a_section_saved_meanwhile_is_left_alone(world: World) -> None:
    case_id = open_draft(world)
    browser, colleague = Browser(world, LAB), Browser(world, LAB)
    page = given(browser, case_id, CARD.encode())
    path = f"/cases/{case_id}/filing/capability_disclosure/B"
    colleague.get(path)
    colleague.send(path, {"max_context_tokens": "64000"})
    again = browser.send(
        f"/cases/{case_id}/filing/card/use", choice(page, "max_context_tokens", "128,000"), 409
    )
    assert "Nothing was taken" in words(again) and "Now: 64,000 tokens" in words(again)
    assert answers(world, case_id, "B")["max_context_tokens"] == "64000"
    browser.send(f"/cases/{case_id}/filing/card/use", choice(again, "max_context_tokens", "128,000"))
    assert answers(world, case_id, "B")["max_context_tokens"] == "128000"


def test_nothing_ticked_takes_nothing_and_keeps_the_list(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    given(browser, case_id, CARD.encode())
    page = browser.send(f"/cases/{case_id}/filing/card/use", {}, 422)
    assert "Tick an answer first" in words(page) and "A decoder of 40 layers" in words(page)


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\x89PNG\0\0\0", "The file is not text."),
        (b"x" * 1_001, "A card has at most 10 MB."),
    ],
)
def test_what_is_no_card_is_refused_in_words(
    world: World, card: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab_card, "MOST_BYTES", 1_000)
    assert sentence in words(given(Browser(world, LAB), open_draft(world), card, 422))


def test_a_card_with_nothing_to_take_says_so(world: World) -> None:
    page = given(Browser(world, LAB), open_draft(world), b"- a\n- list\n")
    assert "The card states nothing that a form asks" in words(page)


def test_markup_in_a_card_is_shown_as_text(world: World) -> None:
    page = given(Browser(world, LAB), open_draft(world), b"---\nlicense: <script>alert(1)</script>\n---\n")
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


@pytest.mark.parametrize(
    "proposal",
    [
        '{"instrument":"cover_sheet","section":"authority","field":"authority_to_file","value":"x","source":""}',
        '{"instrument":"capability_disclosure","section":"B","field":"input_modalities","value":["X"],"source":""}',
        FORGED_ROW,
        '{"instrument":"capability_disclosure","section":"B","field":"languages","value":{"a":1},"source":""}',
        "no proposal",
    ],
)
def test_a_forged_proposal_is_dropped(world: World, proposal: str) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    places = ("capability_disclosure-B-languages", "capability_disclosure-B-input_modalities")
    fields = {f"take-{place}": "0" for place in (*places, "capability_disclosure-A-base_model_dependencies")}
    browser.post(
        f"/cases/{case_id}/filing/card/use",
        {
            "csrf_token": browser.csrf(),
            "proposal": proposal,
            "version-capability_disclosure-B": "0",
            **fields,
        },
        422,
    )
    assert answers(world, case_id, "B") == {} and answers(world, case_id, "A") == {}


def test_a_filing_that_is_with_the_agency_takes_no_card(world: World) -> None:
    case_id = world.in_state(State.SUBSTANTIVE_REVIEW).case_id
    browser = Browser(world, LAB)
    browser.get(f"/cases/{case_id}/filing/card", 303)
    browser.post(f"/cases/{case_id}/filing/card", {"csrf_token": browser.csrf()}, 303)
    browser.post(f"/cases/{case_id}/filing/card/use", {"csrf_token": browser.csrf()}, 303)


@pytest.mark.skipif(not META.is_dir(), reason="the published cards are not on this machine")
def test_a_published_card_of_a_family_fills_the_model_that_is_filed(world: World) -> None:
    case_id = open_draft(world)
    browser = Browser(world, LAB)
    page = given(browser, case_id, (META / "MODEL_CARD.md").read_bytes())
    ticks = {
        **choice(page, "model_family", "Llama 3"),
        **choice(page, "parameter_count_total", "70"),
        **choice(page, "training_data_cutoff", "2023-12"),
        **choice(page, "input_modalities", "Text"),
    }
    browser.send(f"/cases/{case_id}/filing/card/use", ticks)
    assert answers(world, case_id, "A") == {"model_family": "Llama 3"}
    kept = answers(world, case_id, "B")
    assert kept == {
        "parameter_count_total": "70000000000",
        "training_data_cutoff": "2023-12",
        "input_modalities": ["TEXT"],
    }
