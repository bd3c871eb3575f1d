"""What a model card states is proposed with its place; odd and hostile cards are read without harm."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.package.card_words import ORDER
from review.package.model_card import MOST_VALUES, Card, read
from review.rules import instruments

SAMPLES = Path(__file__).resolve().parents[2] / ".." / "shared" / "samples"
CARDS = SAMPLES / "model-card"
needs_samples = pytest.mark.skipif(not CARDS.is_dir(), reason="the published cards are not on this machine")


def values(card: Card, field: str) -> list[Any]:
    return [one.value for one in card.proposals if one.field == field]


def source(card: Card, field: str) -> str:
    return next(one.source for one in card.proposals if one.field == field)


@needs_samples
@pytest.mark.parametrize(
    "name", ["llama-3.1.md", "deepseek-r1.md", "bloom_yaml-front-matter.md", "hf_simple_model_index.md"]
)
def test_published_cards_open_with_their_headings_and_front_matter(name: str) -> None:
    expected = json.loads((CARDS / "expected.json").read_text("utf-8"))[name]["expect"]
    card = read((CARDS / name).read_bytes())
    assert [one.text for one in card.headings][:12] == expected["first_headings"]
    assert sorted(card.front_matter or {}) == expected["front_matter_keys"]
    assert (card.front_matter is not None) == expected["has_front_matter"]
    assert not card.trouble and not card.shortened


@needs_samples
def test_a_card_without_front_matter_tells_its_facts_by_labels_and_a_table() -> None:
    card = read((CARDS / "llama-3.1.md").read_bytes())
    assert values(card, "model_family") == ["Llama 3.1"]
    assert values(card, "parameter_count_total") == ["8000000000", "70000000000", "405000000000"]
    assert values(card, "max_context_tokens") == ["128000"]
    assert values(card, "training_data_cutoff") == ["2023-12"]
    assert values(card, "input_modalities") == [["TEXT"]] and values(card, "output_modalities") == [
        ["TEXT", "CODE"]
    ]
    assert values(card, "languages")[0].startswith("English, German, French")
    assert "39.3M GPU hours" in values(card, "estimate_note")[0]
    assert values(card, "training_compute_flop") == []
    assert values(card, "model_specification")[0].startswith(
        "Intended use: Llama 3.1 is intended for commercial"
    )
    assert source(card, "languages") == "“Model Information”, “Supported languages”"
    assert source(card, "parameter_count_total") == "“Model Information”, table, row Llama 3.1 (text only) 8B"


@needs_samples
def test_a_pipe_table_and_a_heading_give_the_name_and_the_figures() -> None:
    card = read((CARDS / "deepseek-r1.md").read_bytes())
    assert card.name == "DeepSeek-R1"
    assert values(card, "parameter_count_total") == ["671000000000"]
    assert values(card, "parameter_count_active") == ["37000000000"]
    named = [row["answers"]["name"] for rows in values(card, "base_model_dependencies") for row in rows]
    assert "DeepSeek-V3-Base" in named


@needs_samples
def test_lines_of_code_are_no_headings() -> None:
    card = read((CARDS / "deepseek-r1.md").read_bytes())
    assert not [one for one in card.headings if "user's message" in one.text]


@needs_samples
def test_front_matter_gives_license_and_languages_and_prose_the_parameters() -> None:
    card = read((CARDS / "bloom_yaml-front-matter.md").read_bytes())
    assert card.name == "BLOOM LM"
    assert values(card, "limits_weights")[0] == "License: bigscience-bloom-rail-1.0"
    assert source(card, "limits_weights") == "front matter, license"
    assert values(card, "parameter_count_total") == ["176000000000"]
    assert "English" in values(card, "languages")[0]


@needs_samples
def test_a_table_with_two_models_proposes_both_figures() -> None:
    card = read((SAMPLES / "package" / "meta-llama-3-70b-instruct" / "MODEL_CARD.md").read_bytes())
    assert values(card, "parameter_count_total") == ["8000000000", "70000000000"]
    assert values(card, "max_context_tokens") == ["8000", "8192"]
    assert values(card, "training_data_cutoff") == ["2023-03", "2023-12"]


STATED = """---
license: other
license_name: kestrel-community
language: [en, de]
base_model: calder/kestrel-1.3
pipeline_tag: image-text-to-text
---
# Model card for Kestrel 1.4

Trained with 3.8 × 10^25 FLOP. Its context window of up to 200k tokens holds a book.

- **Knowledge cutoff:** March, 2026
- **Version:** 1.4
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_change_nothing(ends: str, mark: str) -> None:
    card = read((mark + STATED.replace("\n", ends)).encode())
    assert card.name == "Kestrel 1.4" and values(card, "model_version") == ["1.4"]
    assert values(card, "limits_weights") == ["License: kestrel-community"]
    assert values(card, "languages") == ["English, German"]
    assert values(card, "derived") == [True]
    [[row]] = values(card, "base_model_dependencies")
    assert row["answers"] == {"name": "calder/kestrel-1.3", "developer": "calder"}
    assert values(card, "input_modalities") == [["TEXT", "IMAGE"]]
    assert values(card, "training_compute_flop") == ["3.8e25"]
    assert values(card, "max_context_tokens") == ["200000"]
    assert values(card, "training_data_cutoff") == ["2026-03"]


def test_every_proposal_fits_its_question() -> None:
    for one in read(STATED.encode()).proposals:
        form = instruments.load(one.instrument, 1)
        answers = {one.section: {one.field: one.value}}
        wrong = [
            each
            for each in form.judge_section(one.section, answers[one.section], answers, {form.name: answers})
            if each.field.split("-")[0] == one.field and not each.missing
        ]
        assert wrong == [], one


def test_what_a_template_left_open_is_not_proposed() -> None:
    card = read(
        b"# Tern\n\n- **License:** [More Information Needed]\n- **Language(s) (NLP):** \n- **Model size:** N/A\n"
    )
    assert [one.field for one in card.proposals] == ["model_name"]


@pytest.mark.parametrize(
    ("front", "trouble"),
    [
        ("- a\n- list", "does not name its values"),
        ("only words", "does not name its values"),
        ("a: [1", "not plain YAML"),
        ("a: &x [1]\nb: *x", "not plain YAML"),
        ("a: &a [x]\nb: &b {<<: [*a, *a]}", "not plain YAML"),
        ("a: " + "[" * 5_000, "not plain YAML"),
        ("{" * 40 + "}" * 40, "not plain YAML"),
        ("? [1, 2]\n: 3", "not plain YAML"),
        ("a: !!python/object/apply:os.system [true]", ""),
        ("a: " + "9" * 20_000, ""),
        ("a: \x07", "not plain YAML"),
        ("a: " + "x" * 70_000, "too long"),
        ("", ""),
    ],
)
def test_odd_front_matter_is_left_out_and_the_rest_is_read(front: str, trouble: str) -> None:
    card = read(f"---\n{front}\n---\n# Tern 2\n".encode())
    assert card.name == "Tern 2"
    assert trouble in card.trouble and bool(trouble) == bool(card.trouble)


def test_values_of_unlikely_kinds_in_the_front_matter_propose_nothing() -> None:
    front = "license: {a: b}\nlanguage: [[en], {x: y}]\nbase_model: {}\nmodel-index: {name: x}\npipeline_tag: [[]]"
    assert read(f"---\n{front}\n---\n".encode()).proposals == ()


def test_front_matter_without_an_end_is_said() -> None:
    assert "has no end" in read(b"---\nlicense: mit\n# Tern\n").trouble


@pytest.mark.parametrize(
    "unit",
    [
        b"<table><tr><td rowspan=9999 colspan=9999>8B",
        b"| Params |\n| 8B |\n",
        b"**" * 40,
        b"[](" * 40,
        b"<" * 40,
        b"# x\n",
        b"1,1,1,1 million ",
        b"\xff\xfe\x00",
        b"```\n# x\n",
        b"<!--",
        b"a" * 5_000 + b" parameters\n",
    ],
)
def test_ten_megabytes_of_anything_are_read_in_part(unit: bytes) -> None:
    card = read(unit * (10_000_000 // len(unit)))
    assert card.shortened
    assert len(card.headings) <= 500 and len(card.proposals) <= len(ORDER) * MOST_VALUES


@given(st.text(alphabet=st.sampled_from("#*-|:<>[]()`_ \n\r\t0189aBkMT.,=é\ufeff\0"), max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_text_makes_reading_fail(text: str) -> None:
    assert isinstance(read(text.encode()), Card)
    assert isinstance(read(f"---\n{text}\n---\n{text}".encode()), Card)


def test_no_bytes_are_an_empty_card() -> None:
    assert read(b"") == Card()
